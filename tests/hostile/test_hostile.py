#!/usr/bin/env python3
"""Programs that want out, or everything: a run stays within its limits and ends by them.

    test_hostile.py LC3RUN SVM ENGINE...

The limits that are stated in tests/packaging/SECURITY.md are those of the table below.
"""
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time

lc3run, svm = map(os.path.abspath, sys.argv[1:3])
engines = sys.argv[3:]
failures = []

VM_MIB, START_MIB, JIT_MIB = 1, 32, 160  # of memory: each VM, a run, a run that compiles
SECONDS = 3  # beyond --timeout

PROGRAMS = {
    # Every address is read and written, in both directions; the first guarded one ends it.
    "walk": """.ORIG x3000
        LD R1, FIRST
        LOOP STR R1, R1, #0
        LDR R2, R1, #0
        ADD R1, R1, #1
        BR LOOP
        FIRST .FILL x4000
        .END""",
    # Back into a mode it does not have.
    "rti": ".ORIG x3000\nRTI\n.END",
    # The machine's control register, by a pointer.
    "mcr": ".ORIG x3000\nAND R0, R0, #0\nSTI R0, M\nM .FILL xFFFE\n.END",
    # The system's own memory.
    "os": ".ORIG x3000\nSTI R0, M\nHALT\nM .FILL x0025\n.END",
    # Execution out of memory, through the devices.
    "run_out": ".ORIG x3000\nLD R0, M\nJMP R0\nM .FILL xFDFE\n.END",
    # Output without end.
    "flood": ".ORIG x3000\nLEA R0, A\nLOOP PUTS\nBR LOOP\nA .STRINGZ \"0123456789\"\n.END",
    # A TRAP that is done at once, for ever.
    "spin": ".ORIG x3000\nLOOP LEA R0, T\nTRAP x3B\nBR LOOP\nT .BLKW 4\n.END",
    # A TRAP that calls itself through a vector of the program's own: its stack wraps for ever.
    "deep": """.ORIG x0040
        .FILL x3100
        .END
        .ORIG x3000
        TRAP x40
        HALT
        .END
        .ORIG x3100
        TRAP x40
        .END""",
    # A loop that changes its own instruction each time around.
    "rewrite": """.ORIG x3000
        LOOP ADD R2, R2, #1
        AND R3, R2, #15
        LD R0, NEXT
        ADD R0, R0, R3
        ST R0, CODE
        CODE ADD R1, R1, #0
        BR LOOP
        NEXT ADD R1, R1, #0
        .END""",
    # Hot loops that are written anew at ever other places: work for a compiler without end.
    "thrash": """.ORIG x3000
        AGAIN LD R6, PLACE
        LEA R5, TEXT
        AND R4, R4, #0
        ADD R4, R4, #5
        COPY LDR R0, R5, #0
        STR R0, R6, #0
        ADD R5, R5, #1
        ADD R6, R6, #1
        ADD R4, R4, #-1
        BRp COPY
        LD R0, SALT
        ADD R0, R0, #1
        ST R0, SALT
        LD R6, PLACE
        LD R3, ROUNDS
        JSRR R6
        LD R6, PLACE
        ADD R6, R6, #7
        LD R0, MINUS_END
        ADD R0, R0, R6
        BRn KEEP
        LD R6, FIRST
        KEEP ST R6, PLACE
        BR AGAIN
        TEXT ADD R2, R2, #1
        SALT ADD R1, R1, #0
        ADD R3, R3, #-1
        BRp TEXT
        RET
        PLACE .FILL x4000
        FIRST .FILL x4000
        MINUS_END .FILL x0800
        ROUNDS .FILL #3000
        .END""",
    # Counters and histograms it may use, and numbers that it may not.
    "metrics": ".ORIG x3000\nLD R0, N\nLOOP TRAP x3C\nADD R0, R0, #1\nTRAP x3D\nBR LOOP\nN .FILL xFFF0\n.END",
}


def check(name, is_right, detail=""):
    if not is_right:
        failures.append(name)
        print(f"FAILED {name}: {detail}")


def run(command, text=""):
    """Exit code, output, errors, seconds of wall and CPU time, MiB at most."""
    begin = time.monotonic()
    with open("out", "wb") as out, open("err", "wb") as err, open("in", "w") as keys:
        keys.write(text)
    with open("out", "wb") as out, open("err", "wb") as err, open("in") as keys:
        process = subprocess.Popen(command, stdin=keys, stdout=out, stderr=err)
        killer = threading.Timer(30, process.kill)
        killer.start()
        _, status, usage = os.wait4(process.pid, 0)
        killer.cancel()
    wall = time.monotonic() - begin
    with open("out", errors="replace") as out, open("err", errors="replace") as err:
        return os.waitstatus_to_exitcode(status), out.read(), err.read(), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def attack(name, engine, wanted, *options, mib):
    code, out, err, wall, cpu, most = run([lc3run, f"--engine={engine}", "--no-cache", "--timeout=1", *options, f"{name}.asm"])
    print(f"{name} {engine}: exit {code}, {wall:.1f} s, {most:.0f} MiB")
    check(f"{name} {engine}", code == wanted, f"exit {code}, not {wanted}: {err[:200]}")
    check(f"{name} {engine} in time", wall < 1 + SECONDS, f"{wall:.1f} s")
    check(f"{name} {engine} in memory", most < mib, f"{most:.0f} MiB, not {mib}")
    return out


def lc3(engine):
    mib = JIT_MIB if engine != "interp" else START_MIB
    for name, wanted in (("walk", 1), ("rti", 1), ("mcr", 1), ("os", 1), ("run_out", 1), ("metrics", 1),
                         ("deep", 3), ("spin", 3), ("rewrite", 3), ("thrash", 3)):
        attack(name, engine, wanted, mib=mib)
    out = attack("flood", engine, 3, "--max-output=100000", mib=mib)
    check(f"flood {engine} is cut", len(out) == 100000, len(out))


def crowd():
    """Machines that touch all they have."""
    count = 100
    code, _, err, _, _, most = run([lc3run, "--engine=interp", "--timeout=20", "--threads=1", f"{count}*walk.asm"])
    print(f"{count} machines: exit {code}, {most:.0f} MiB")
    check("a crowd", code == 1, err[:200])
    check("a crowd in memory", most < START_MIB + count * VM_MIB, f"{most:.0f} MiB")
    code, _, err, *_ = run([lc3run, "1000001*rti.asm"])
    check("too many machines", code == 2 and err, err[:200])


def stack_machine():
    rows = [  # text, exit, what is said, MiB
        ("recursion", "down: down call", (), 101, "StackOverflow", 64),
        ("a stack that grows", "grow: 1 grow jmp", (), 101, "StackOverflow", 64),
        ("texts that grow", f'grow: "{"x" * 1000000}" cast_str grow jmp', (), 2, "memory", 320),
        ("texts that are dropped", f'loop: "{"x" * 100000}" cast_str drop loop jmp', ("--timeout=1",), 3, "time", 64),
        ("a loop", "loop: loop jmp", ("--max-instructions=12345",), 3, "12345 instructions", 32),
        ("a loop without end", "loop: loop jmp", ("--timeout=0.5",), 3, "time", 64), # LLVM is there by then
        ("sleep", "9000000000 sleep_ms stop", ("--timeout=0.5",), 3, "time", 32),
        ("a long way out", "99999999999 jmp", (), 101, "", 32),
    ]
    for name, text, options, wanted, why, most in rows:
        with open("p.svm", "w") as file:
            file.write(text + "\n")
        code, _, err, wall, _, mib = run([svm, *options, "p.svm"])
        print(f"svm {name}: exit {code}, {wall:.1f} s, {mib:.0f} MiB")
        check(f"svm: {name}", code == wanted and why in err, (code, err[-200:]))
        check(f"svm: {name} in limits", mib < most and wall < 10, (mib, wall))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, text in PROGRAMS.items():
        with open(f"{name}.asm", "w") as file:
            file.write(text + "\n")
    for engine in engines:
        lc3(engine)
    crowd()
    stack_machine()
print(f"{len(failures)} failures")
sys.exit(bool(failures))
