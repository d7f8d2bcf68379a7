#!/usr/bin/env python3
"""test_profile.py LC3RUN SVM EXAMPLES -- lc3run --profile and svm --profile from outside.

How deep a recursion is, instruction by instruction, is counted here; the profile's stacks
must be as deep on average.  Which stacks are right at each moment tests test_unwind.
"""
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

LC3RUN, SVM, EXAMPLES = (os.path.abspath(p) for p in sys.argv[1:4])
WORK = tempfile.mkdtemp()
FAILED = []

# fib(16), so often that there is something to look at.
FIB = """        .ORIG x3000
        LD   R6, STACK
LOOP    LD   R0, N
        JSR  FIB
        LD   R3, TIMES
        ADD  R3, R3, #-1
        ST   R3, TIMES
        BRp  LOOP
        HALT
TIMES   .FILL #{times}
N       .FILL #16
STACK   .FILL xF000
FIB     ADD  R2, R0, #-2
        BRn  SMALL
        ADD  R6, R6, #-2
        STR  R7, R6, #1
        STR  R0, R6, #0
        ADD  R0, R0, #-1
        JSR  FIB
        LDR  R0, R6, #0
        STR  R1, R6, #0
        ADD  R0, R0, #-2
        JSR  FIB
        LDR  R2, R6, #0
        ADD  R1, R1, R2
        LDR  R7, R6, #1
        ADD  R6, R6, #2
        RET
SMALL   ADD  R1, R0, #0
        RET
        .END
"""

TALK = """        .ORIG x3000
        LD   R6, STACK
AGAIN   JSR  SAY
        LD   R1, TIMES
        ADD  R1, R1, #-1
        ST   R1, TIMES
        BRp  AGAIN
        LD   R1, ROUNDS
        ADD  R1, R1, #-1
        ST   R1, ROUNDS
        BRp  AGAIN
        HALT
SAY     ADD  R6, R6, #-1
        STR  R7, R6, #0
        LEA  R0, TEXT
        PUTS
        LD   R1, PAUSE
WAIT    ADD  R1, R1, #-1
        BRp  WAIT
        LDR  R7, R6, #0
        ADD  R6, R6, #1
        RET
PAUSE   .FILL #30
TEXT    .STRINGZ "a line of some length, again and again and again"
TIMES   .FILL #1
ROUNDS  .FILL #30000
STACK   .FILL xF000
        .END
"""


def expect(what, is_right, *seen):
    if not is_right:
        FAILED.append(what)
        print("FAILED:", what, *seen)


def write(name, text):
    with open(os.path.join(WORK, name), "w") as file:
        file.write(text)
    return name


def run(*args):
    return subprocess.run(args, capture_output=True, text=True, cwd=WORK, timeout=100)


def profile(path):
    """The stacks with their times, and the counts by instructions."""
    stacks, counts = {}, {}
    for line in open(os.path.join(WORK, path)):
        if re.fullmatch(r"[^#;]+(;[^;]+)* \d+\n", line) and not line[0].isdigit():
            stack, ns = line.rsplit(" ", 1)
            stacks[tuple(stack.split(";"))] = int(ns)
        elif line[0].isdigit():
            count, *forms = line.split()
            counts[tuple(forms)] = int(count)
        else:
            expect("a line of comment", line.startswith("# "), line)
    return stacks, counts


def depth_by_count(n, depth, sums, leaf=4, inner=16):
    """Adds the instructions of fib(n) and their depths."""
    own = leaf if n < 2 else inner
    sums[0] += own
    sums[1] += own * depth
    if n >= 2:
        depth_by_count(n - 1, depth + 1, sums)
        depth_by_count(n - 2, depth + 1, sums)


def mean_depth(stacks, name):
    times = {s.count(name): 0 for s in stacks if name in s}
    for s, ns in stacks.items():
        if name in s:
            times[s.count(name)] += ns
    return sum(d * ns for d, ns in times.items()) / sum(times.values())


def stacks_are_as_deep_as_calls():
    sums = [0, 0]
    depth_by_count(16, 1, sums)
    counted = sums[1] / sums[0]
    # ThreadSanitizer keeps a signal until a moment that suits it, so fewer come, and later.
    is_watched = b"__tsan_init" in open(LC3RUN, "rb").read()
    slack, least = (2, 500) if is_watched else (1, 1000)
    for engine, times in (("interp", 12000), ("jit", 30000), ("auto", 30000)):
        write("fib.asm", FIB.format(times=times))
        r = run(LC3RUN, "-q", f"--engine={engine}", "--profile=fib.txt", "fib.asm")
        if engine == "jit" and "jit" in r.stderr and r.returncode == 2:
            continue  # not built in
        stacks, counts = profile("fib.txt")
        expect("a run", r.returncode == 0 and stacks, engine, r)
        for s in stacks:
            rest = [f for f in s[1:] if f != "FIB"]
            expect("only calls that exist", s[0] == "fib.asm" and rest in ([], ["start"], ["(no look)"]) and
                   s.count("FIB") <= 16 and (len(s) < 3 or s[1] == "start"), engine, s)
        found = mean_depth(stacks, "FIB")
        expect("as deep as counted", abs(found - counted) < slack, engine, found, counted)
        single = sum(n for forms, n in counts.items() if len(forms) == 1)
        calls = counts.get(("JSR.rel",), 0)
        expect("instructions are counted", single > least and 0.05 < calls / single < 0.12, engine, calls, single)
        expect("pairs are counted", counts.get(("BR", "ADD.imm"), 0) > 0.8 * calls, engine, counts)


def hosts_and_waiting_are_apart():
    write("talk.asm", TALK)
    r = run(LC3RUN, "-q", "--engine=interp", "--profile=talk.txt", "talk.asm")
    stacks, _ = profile("talk.txt")
    host = sum(ns for s, ns in stacks.items() if s[-1] == "PUTS")
    expect("PUTS takes the time", r.returncode == 0 and host > 0.2 * sum(stacks.values()), stacks)
    expect("and is called by SAY", any(s[-2:] == ("SAY", "PUTS") for s in stacks), stacks)
    r = run(LC3RUN, "-q", "--os=asm", "--engine=interp", "--profile=asm.txt", "talk.asm")
    stacks, _ = profile("asm.txt")
    inside = [s for s in stacks if "SAY" in s and s[-1] != "SAY"]
    expect("service routines in LC-3 code are frames", r.returncode == 0 and inside, stacks)
    write("slow.asm", ".ORIG x3000\nL LD R1, N\nW ADD R1, R1, #-1\nBRp W\nTRAP x30\nLD R2, T\nADD R2, R2, #-1\nST R2, T\n"
                      "BRp L\nHALT\nN .FILL #30000\nT .FILL #1500\n.END\n")
    write("take.asm", ".ORIG x3000\nL TRAP x31\nBR L\n.END\n")
    r = run(LC3RUN, "-q", "--engine=interp", "--profile=two.txt", "slow.asm", "take.asm")
    stacks, _ = profile("two.txt")
    waiting = sum(ns for s, ns in stacks.items() if s[1] == "1:take.asm" and "waiting" in s[-1])
    both = sum(ns for s, ns in stacks.items() if s[1] == "1:take.asm")
    expect("who only waits is seen to", r.returncode == 0 and waiting > 0.9 * both, stacks)


def pictures_are_well_formed():
    for args, names in (((LC3RUN, "-q", "--profile=x.svg", "fib.asm"), ("fib.asm", "start", "FIB")),
                        ((SVM, "--profile=x.svg", os.path.join(EXAMPLES, "svm/fib.svm"), "27"), ("fib", "inner"))):
        r = run(*args)
        root = xml.etree.ElementTree.parse(os.path.join(WORK, "x.svg")).getroot()
        titles = {t.text.split(":")[0] for t in root.iter("{http://www.w3.org/2000/svg}title")}
        expect("a picture", r.returncode == 0 and set(names) <= titles, args, titles, r.stderr)


def the_stack_machine_too():
    r = run(SVM, "--profile=s.txt", os.path.join(EXAMPLES, "svm/fib.svm"), "27")
    stacks, counts = profile("s.txt")
    expect("svm runs", r.returncode == 0 and r.stdout == "196418\n", r)
    for s in stacks:
        frames = [f for f in s[2:] if f in ("fib", "inner", "end")]
        expect("fib and inner take turns", len(s) < 4 or all(a != b for a, b in zip(frames, frames[1:])), s)
    expect("as deep as it can get", 10 < max(s.count("fib") for s in stacks) <= 27, stacks.keys())
    expect("svm counts", counts.get(("Call", "Duplicate"), 0) > 0.5 * counts.get(("Call",), 1), counts)


def bad_files_are_refused():
    write("one.svm", "1 println")
    for program, file in ((LC3RUN, "fib.asm"), (SVM, "one.svm")):
        for path, message in (("nowhere/x.svg", "No such file"), ("x.png", "must end with .svg"), (".svg", "must end"),
                              ("/dev", "must end")):
            r = run(program, f"--profile={path}", file)
            expect("refused before it runs", r.returncode == 2 and message in r.stderr and path in r.stderr and
                   not r.stdout, program, path, r)
    r = run(SVM, "--profile=x.txt", "--trace", "one.svm")
    expect("not with a trace", r.returncode == 2 and "--profile" in r.stderr, r)


for test in (stacks_are_as_deep_as_calls, hosts_and_waiting_are_apart, pictures_are_well_formed, the_stack_machine_too,
             bad_files_are_refused):
    test()
print("failed:", FAILED) if FAILED else print("profiles: all as they should be")
sys.exit(1 if FAILED else 0)
