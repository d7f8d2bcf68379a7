#!/usr/bin/env python3
"""test_lc3run.py LC3RUN [NAME...] -- what lc3run promises, seen from outside."""
import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

import lc3run_tool as tool
from lc3run_tool import dump, expect, read, run, write

HELLO = 'LEA R0, T\nPUTS\nHALT\nT .STRINGZ "hello\\n"'
ECHO = "L GETC\nOUT\nBR L"
SPAM = 'LEA R0, T\nL PUTS\nBR L\nT .STRINGZ "spam\\n"'
SPIN = "L BR L"
PASS = "L TRAP x31\nTRAP x30\nBR L"
ILLEGAL = "AND R0, R0, #0\nSTART ADD R0, R0, #5\n.FILL xD000\nHALT"


def programs():
    for name, text in (("hello", HELLO), ("echo", ECHO), ("spam", SPAM), ("spin", SPIN), ("pass", PASS),
                       ("illegal", ILLEGAL)):
        write(name + ".asm", text)


# ------------------------------------------------------------------ the plain way

def hello_is_written_and_the_reason_goes_to_standard_error():
    r = run("hello.asm")
    expect(r.code == 0 and r.out == b"hello\n" and b"halted" in r.err, r)


def quiet_says_nothing():
    r = run("-q", "hello.asm")
    expect(r.code == 0 and r.err == b"", r)


def options_take_their_value_with_and_without_equals():
    for args in (["--max-instructions=2"], ["--max-instructions", "2"]):
        r = run(*args, "hello.asm")
        expect(r.code == 3, r)


def a_double_dash_ends_the_options():
    r = run("--", "hello.asm")
    expect(r.out == b"hello\n", r)


def help_and_version_need_no_program():
    expect(run("--help").out.startswith(b"usage: lc3run"), "help")
    expect(re.fullmatch(rb"lc3run \d+\.\d+\.\d+\n", run("--version").out), "version")


def every_option_of_the_help_is_known():
    text = run("--help").out.decode()
    for option in set(re.findall(r"^  (-[-\w]+)", text, re.M)):
        r = run(option)
        expect("not known or not built in" not in r.err.decode(), f"{option}: {r}")


# ---------------------------------------------------------------------- bad input

BAD = [  # arguments, what the message must say
    ([], "no program given"),
    (["nothing.obj"], "nothing.obj: No such file"),
    (["."], "."),
    (["empty.obj"], "empty.obj"),
    (["short.obj"], "short.obj"),
    (["device.obj"], "device.obj"),
    (["wrong.asm"], "wrong.asm"),
    (["--nonsense", "hello.asm"], "--nonsense: not known or not built in"),
    (["--engine=steam", "hello.asm"], "interp"),
    (["--dispatch=steam", "hello.asm"], "switch"),
    (["--dialect=ed4", "hello.asm"], "ed3, ed2"),
    (["--os=dos", "hello.asm"], "native, asm"),
    (["--wait=long", "hello.asm"], "adaptive, spin, park"),
    (["--threads=0", "hello.asm"], "at least one"),
    (["--threads=many", "hello.asm"], "expected a number"),
    (["--max-instructions=0", "hello.asm"], "at least one"),
    (["--max-instructions=1e9", "hello.asm"], "expected a number"),
    (["--max-instructions"], "needs a value"),
    (["--timeout=-1", "hello.asm"], "seconds"),
    (["--timeout=soon", "hello.asm"], "seconds"),
    (["--sample=3", "hello.asm"], "power of two"),
    (["--stats=xml", "hello.asm"], "json"),
    (["-q=1", "hello.asm"], "takes no value"),
    (["--link=0", "hello.asm"], "A:B"),
    (["--link=0:1", "hello.asm"], "no machine 1"),
    (["--link=a:b", "hello.asm"], "'a'"),
    (["--link=0:0,cap=3", "hello.asm"], "power of two"),
    (["--link=0:0,cap=0", "hello.asm"], "power of two"),
    (["--link=0:0,size=4", "hello.asm"], "cap=N"),
    (["--name=0", "hello.asm"], "NUMBER:NAME"),
    (["--name=7:x", "hello.asm"], "no machine 7"),
    (["--name=0:7x", "hello.asm"], "digit"),
    (["--name=0:x", "--name=1:x", "hello.asm", "hello.asm"], "has this name"),
    (["--stdin=3", "hello.asm"], "no machine 3"),
    (["--input=nothing.keys", "hello.asm"], "nothing.keys"),
    (["--input=bad.keys", "hello.asm"], "bad.keys:2:"),
    (["--output=nowhere/x", "hello.asm"], "nowhere/x.0"),
    (["--dump=nowhere/x", "-q", "hello.asm"], "nowhere/x"),
    (["0*hello.asm"], "at least 1"),
    (["99999999*hello.asm"], "99999999"),
]


def bad_input_is_told_with_its_reason_and_exit_2():
    write("empty.obj", b"")
    write("short.obj", b"\x30")
    write("device.obj", b"\xfd\xff" + b"\x00\x01" * 3)
    write("wrong.asm", "ADD R0, R0, #99")
    write("bad.keys", '10 "a"\nten "b"\n')
    for args, says in BAD:
        r = run(*args)
        expect(r.code == 2 and says in r.err.decode(), f"{args}: wanted '{says}', got {r}")


def nothing_runs_when_a_later_program_is_bad():
    r = run("hello.asm", "nothing.obj")
    expect(r.code == 2 and r.out == b"", r)


# ------------------------------------------------------------------ faults, limits

def a_fault_is_exit_1_with_place_registers_and_meaning():
    r = run("illegal.asm")
    text = r.err.decode()
    expect(r.code == 1, r)
    for part in ("illegal opcode", "x3002", "START+1", "illegal.asm:4", "xD000", "R0 x0005", "PSR x8001"):
        expect(part in text, f"{part}: {text}")


def the_last_branches_are_told():
    write("branches.asm", "AND R1, R1, #0\nADD R1, R1, #12\nLOOP ADD R1, R1, #-1\nBRp LOOP\nJSR SUB\nHALT\n"
                          "SUB ADD R2, R2, #1\n.FILL xD000")
    r = run("branches.asm")
    text = r.err.decode()
    expect("the last 8 jumps" in text and "x3004" in text and "(SUB)" in text, text)
    expect(text.count("->") == 8, text)


def a_program_that_runs_off_its_end_says_so():
    write("end.asm", "AND R0, R0, #0")
    r = run("end.asm")
    expect(r.code == 1 and "past its end" in r.err.decode(), r)


def an_unlinked_port_is_a_fault():
    for trap, side in (("x30", "out"), ("x31", "in")):
        write("port.asm", f"TRAP {trap}\nHALT")
        r = run("port.asm")
        expect(r.code == 1 and f"{side} port 0 is not linked" in r.err.decode(), r)


def the_instruction_limit_is_exact():
    for limit in (1, 7, 1000, 123457):
        r, vms = dump(f"--max-instructions={limit}", "spin.asm")
        expect(r.code == 3 and vms[0]["instructions"] == limit and vms[0]["stop"] == "limit", (r, vms))


def a_halt_at_the_limit_is_a_halt():
    r, vms = dump("--max-instructions=3", "hello.asm")
    expect(r.code == 0 and vms[0]["stop"] == "halt", (r, vms))


def the_output_limit_is_exact():
    r, vms = dump("--max-output=13", "spam.asm")
    expect(r.code == 3 and r.out == b"spam\nspam\nspa" and vms[0]["stop"] == "limit", r)
    r, vms = dump("--max-output=6", "hello.asm")
    expect(r.code == 0 and r.out == b"hello\n" and vms[0]["stop"] == "halt", r)


def the_time_limit_ends_every_machine():
    start = time.monotonic()
    r = run("--timeout=0.3", "spin.asm", "spin.asm", "spin.asm")
    took = time.monotonic() - start
    expect(r.code == 3 and 0.25 < took < 10 and "time limit" in r.err.decode(), (took, r))


def a_fault_outranks_a_limit():
    r = run("--max-instructions=100", "--link=0:0", "illegal.asm", "spin.asm")
    expect(r.code == 1, r)


def the_seed_fills_user_memory_repeatably():
    write("far.asm", "LD R1, P\nLDR R0, R1, #0\nLDR R2, R1, #1\nHALT\nP .FILL x5000")
    a, b, c = (dump(f"--seed={s}", "far.asm")[1][0]["reg"] for s in (1, 1, 2))
    zero = dump("far.asm")[1][0]["reg"]
    expect(a == b != c and zero[0] == zero[2] == 0 and a[1] == 0x5000, (a, b, c, zero))


def reading_what_was_never_written_is_told():
    write("uninit.asm", "LD R1, P\nLDR R0, R1, #0\nSTR R0, R1, #1\nLDR R2, R1, #1\nHALT\nP .FILL x5000")
    r = run("-Wuninit", "uninit.asm")
    text = r.err.decode()
    expect(r.code == 0 and text.count("never written") == 1 and "x5000" in text and "x3001" in text, r)
    expect("never" not in run("uninit.asm").err.decode(), "off by default")


# ------------------------------------------------------------------------ console

def pipes_bring_exact_bytes_and_their_end_ends_the_program():
    data = bytes(range(256)) * 5
    r, vms = dump("echo.asm", stdin=data)
    expect(r.code == 0 and r.out == data and vms[0]["stop"] == "closed", (r, vms))


def both_bodies_of_the_routines_read_and_write_alike():
    for dialect in ("ed3", "ed2"):
        write("copy.asm", "AND R2, R2, #0\nADD R2, R2, #9\nL GETC\nOUT\nADD R2, R2, #-1\nBRp L\nHALT")
        results = [dump(f"--os={os_}", f"--dialect={dialect}", "copy.asm", stdin=b"abcdefghijkl") for os_ in ("native", "asm")]
        outs = [r.out for r, _ in results]
        states = [(v[0]["pc"], v[0]["reg"], v[0]["stop"]) for _, v in results]
        expect(outs[0] == outs[1] == b"abcdefghi", (dialect, outs))
        expect(states[0] == states[1], (dialect, states))


def a_waiting_lc3_routine_ends_with_its_input_too():
    r, vms = dump("--os=asm", "echo.asm", stdin=b"xy")
    expect(r.out == b"xy" and vms[0]["stop"] == "closed", (r, vms))


def output_before_a_fault_is_not_lost():
    write("last.asm", 'LEA R0, T\nPUTS\n.FILL xD000\nT .STRINGZ "last words"')
    r = run("last.asm")
    expect(r.code == 1 and r.out == b"last words", r)


def lines_of_several_machines_stay_whole():
    write("lines.asm", 'LD R1, N\nL LEA R0, T\nPUTS\nADD R1, R1, #-1\nBRp L\nHALT\nN .FILL 2000\n'
                       'T .STRINGZ "a whole line of text\\n"')
    r = run("-q", "--link=0:0", "4*lines.asm")
    expect(r.out == b"a whole line of text\n" * 8000, r.code)


def each_machine_writes_its_own_file():
    r = run("-q", "--output=text", "hello.asm", "hello.asm")
    expect(r.out == b"" and read("text.0") == read("text.1") == b"hello\n", r)


def a_closed_pipe_stops_the_run():
    process = subprocess.Popen([tool.LC3RUN, "spam.asm"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tool.WORK)
    process.stdout.read(100)
    process.stdout.close()
    err = process.stderr.read()
    expect(process.wait(timeout=20) == 2 and b"cannot write output" in err, err)


def a_script_brings_keys_at_their_counts():
    write("poll.asm", "LD R1, N\nL LDI R0, S\nBRn GOT\nADD R2, R2, #1\nADD R1, R1, #-1\nBRp L\nHALT\n"
                      "GOT LDI R3, D\nHALT\nN .FILL 5000\nS .FILL xFE00\nD .FILL xFE02")
    write("keys", '1000 "A" ; one key\n')
    states = []
    for engine in ("switch", "goto"):
        r, vms = dump("--dialect=ed2", "--input=keys", f"--dispatch={engine}", "poll.asm")
        expect(r.code == 0 and vms[0]["reg"][3] == 65 and 1000 <= vms[0]["instructions"] <= 1010, (r, vms))
        states.append(vms)
    expect(states[0] == states[1], states)


def talk(args, script, signal_to_send=None):
    """lc3run on a terminal.  script: (text to wait for, keys to send).  Returns what was shown, the exit code and
    whether the terminal came back as it was."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    process = subprocess.Popen([tool.LC3RUN, *args], stdin=slave, stdout=slave, stderr=subprocess.PIPE, cwd=tool.WORK,
                               start_new_session=True, preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0))
    shown = b""
    for awaited, keys in script:
        end = time.monotonic() + 60
        while awaited not in shown and time.monotonic() < end:
            if select.select([master], [], [], 0.1)[0]:
                shown += os.read(master, 4096)
        expect(awaited in shown, shown)
        os.write(master, keys)
    if signal_to_send:
        time.sleep(0.2)
        process.send_signal(signal_to_send)
    code = process.wait(timeout=30)
    while select.select([master], [], [], 0.1)[0]:
        shown += os.read(master, 4096)
    same = termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)
    return shown, code, same


def a_terminal_gives_keys_at_once_without_echo():
    write("ask.asm", 'LEA R0, T\nPUTS\nGETC\nADD R0, R0, #1\nOUT\nHALT\nT .STRINGZ "key?"')
    shown, code, same = talk(["-q", "ask.asm"], [(b"key?", b"a")])
    expect(code == 0 and shown == b"key?b" and same, (shown, code, same))


def control_d_on_a_terminal_ends_the_input():
    write("ready.asm", 'LEA R0, T\nPUTS\nL GETC\nOUT\nBR L\nT .STRINGZ "ready"')
    shown, code, same = talk(["-q", "ready.asm"], [(b"ready", b"hi"), (b"hi", b"\x04")])
    expect(code == 0 and shown == b"readyhi" and same, (shown, code, same))


def the_terminal_comes_back_after_signals():
    write("ready.asm", 'LEA R0, T\nPUTS\nL GETC\nOUT\nBR L\nT .STRINGZ "ready"')
    for sig in (signal.SIGINT, signal.SIGTERM):
        shown, code, same = talk(["-q", "ready.asm"], [(b"ready", b"x"), (b"x", b"")], sig)
        expect(code == 130 and same, (sig, shown, code, same))
    shown, code, same = talk(["-q", "ready.asm", "hello.asm"], [(b"ready", b"x"), (b"x", b"\x03")])
    expect(code == 130 and same, ("ctrl-c", shown, code, same))


def an_interrupted_run_still_has_its_statistics():
    process = subprocess.Popen([tool.LC3RUN, "--stats=json", "spam.asm", "pass.asm"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, cwd=tool.WORK)
    process.stdout.read(1)  # it runs
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=20)[1].decode()
    expect(process.returncode == 130 and '"elapsed_s"' in err.splitlines()[-1], err)


# ------------------------------------------------------------------------ reports

def the_dump_has_what_was_promised():
    write("state.asm", "LD R0, V\nST R0, W\nADD R1, R0, #0\nHALT\nV .FILL x8001\nW .BLKW 1")
    r, vms = dump("state.asm")
    want = {"program": "state.asm", "stop": "halt", "pc": 0x3004, "psr": 0x8004, "cc": "n",
            "reg": [0x8001, 0x8001, 0, 0, 0, 0, 0, 0], "instructions": 4, "fault": None, "memory": {"3005": "8001"}}
    expect(vms == [want], vms)


def the_dump_of_a_fault_names_vector_and_place():
    r, vms = dump("illegal.asm")
    expect(vms[0]["stop"] == "fault" and vms[0]["fault"] == {"vector": 1, "at": 0x3002}, vms)


def statistics_are_one_line_of_json_with_the_promised_names():
    write("send.asm", "LD R1, N\nL TRAP x30\nADD R1, R1, #-1\nBRp L\nHALT\nN .FILL 1000")
    write("take.asm", "L TRAP x31\nBR L")
    s = run("-q", "--stats=json", "send.asm", "take.asm").stats()
    a, b = s["vms"]
    expect(a["sent"] == b["received"] == 1000 and b["stop"] == "closed" and s["elapsed_s"] > 0, s)
    expect(set(b["latency_ns"]) == {"count", "mean", "p50", "p99", "p999", "max"}, b)
    expect(set(b["slice_ns_per_instruction"]) >= {"mean", "p50", "p99", "p999"}, b)
    for name in ("program", "engine", "stop", "instructions", "instructions_per_s", "spins_per_message"):
        expect(name in b, name)
    expect(b["latency_ns"]["count"] == 4, "one message in 256")
    expect(run("-q", "--stats=json", "--sample=1", "send.asm", "take.asm").stats()["vms"][1]["latency_ns"]["count"] == 1000,
           "every message")


def user_counters_are_in_the_statistics():
    write("count.asm", "AND R0, R0, #0\nADD R0, R0, #3\nAND R1, R1, #0\nADD R1, R1, #7\nTRAP x3C\nTRAP x3C\nTRAP x3D\nHALT")
    vm = run("-q", "--stats=json", "count.asm").stats()["vms"][0]
    expect(vm["counters"] == {"3": 14} and vm["observed"]["3"]["max"] == 7, vm)


def every_engine_ends_in_the_same_state():
    write("mixed.asm", "LD R1, N\nL ADD R2, R2, R1\nST R2, W\nLD R3, W\nJSR SUB\nADD R1, R1, #-1\nBRp L\nHALT\n"
                       "SUB LDI R4, P\nADD R4, R4, R3\nSTI R4, P\nRET\nN .FILL 3000\nW .BLKW 1\nP .FILL x4000")
    for limit in ([], ["--max-instructions=1"], ["--max-instructions=12345"]):
        states = [dump(*limit, *engine, "mixed.asm")[1] for engine in (
            ["--engine=interp"], ["--dispatch=switch"], ["--dispatch=goto"], ["-Wuninit"])]
        for s in states[1:]:
            expect(s == states[0], (limit, s, states[0]))


# ------------------------------------------------------- traces, keys, strictness

KEYS = "GETC\nOUT\nLEA R1, W\nSTR R0, R1, #0\nGETC\nOUT\nHALT\nW .BLKW 1"


def a_trace_has_a_line_for_every_instruction():
    write("keys.asm", KEYS)
    r = run("-q", "--trace=keys.trace", "keys.asm", stdin=b'a"')
    lines = [line.split() for line in read("keys.trace").decode().splitlines()]
    expect(r.code == 0 and r.out == b'a"', r)
    expect([line[0] for line in lines] == [str(i) for i in range(1, 8)], lines)
    expect(lines[0][1:] == ["x3000", "xF020", "GETC", "R0=x0061"], lines)
    expect(lines[2][3:] == ["LEA", "R1,", "W", "R1=x3007"], lines)
    expect(lines[3][-1] == "M[x3007]=x0061", lines)
    expect(run("-q", "--trace", "keys.asm", stdin=b'a"').err == read("keys.trace"), "standard error")


def lines_of_several_machines_are_whole():
    write("send.asm", "LD R1, N\nL TRAP x30\nADD R1, R1, #-1\nBRp L\nHALT\nN .FILL 2000")
    write("take.asm", "L TRAP x31\nBR L")
    r, vms = dump("--trace=two.trace", "--link=0:1,cap=2", "send.asm", "take.asm")
    count = [0, 0]
    for line in read("two.trace").decode().splitlines():
        machine, number = line.split()[:2]
        count[int(machine)] += 1
        expect(count[int(machine)] == int(number), line)
    expect(count == [vm["instructions"] for vm in vms], (count, r))


def a_trace_that_cannot_be_written_is_an_error():
    r = run("--trace=/dev/full", "hello.asm")
    expect(r.code == 2 and b"--trace" in r.err and b"No space left" in r.err, r)
    r = run("--trace=no/such/folder", "hello.asm")
    expect(r.code == 2 and b"no/such/folder: No such file" in r.err and r.out == b"", r)


def recorded_keys_bring_the_same_run_again():
    write("poll.asm", "L LDI R0, S\nADD R2, R2, #1\nADD R0, R0, #0\nBRzp L\nLDI R0, D\nADD R3, R3, R0\nADD R1, R1, #1\n"
                      "ADD R0, R1, #-5\nBRn L\nHALT\nS .FILL xFE00\nD .FILL xFE02")
    for name, options in (("poll.asm", ["--dialect=ed2"]), ("keys.asm", [])):
        first = dump("--record=taken", *options, name, stdin=b'\x00"\\\n\xff')
        again = dump("--input=taken", *options, name)
        expect(first[0].code == 0 and first[1] == again[1] and first[0].out == again[0].out, (first, again))
    expect(read("taken").splitlines()[1].endswith(b' "\\""'), read("taken"))


def strict_refuses_bits_without_meaning():
    for word, is_strict in (("x1008", True), ("x1000", False), ("x903F", False), ("x9000", True), ("xF125", True)):
        write("word.asm", ".FILL " + word + "\nHALT")
        r, (vm,) = dump("--strict", "--max-instructions=9", "word.asm")
        expect((vm["fault"] == {"vector": 1, "at": 0x3000}) == is_strict and (r.code == 1) == is_strict, (word, vm, r))
        expect(dump("--max-instructions=9", "word.asm")[0].code != 1, word)


TESTS = [f for name, f in sorted(globals().items()) if callable(f) and f.__module__ == __name__ and
         name not in ("programs", "talk")]

if __name__ == "__main__":
    tool.main([programs] + TESTS)
