#!/usr/bin/env python3
"""test_network.py LC3RUN [NAME...] -- machines on the bus: order, ends, deadlocks, determinism."""
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import lc3run_tool as tool
from lc3run_tool import dump, expect, read, run, write

MODES = [["--threads=1"], ["--threads=2"], ["--threads=8"], ["--threads=2", "--wait=park"],
         ["--threads=2", "--wait=spin"], ["--threads=1", "--wait=park"], ["--threads=8", "--wait=park"], []]

SEND = "LD R1, N\nL ADD R0, R0, #1\nTRAP x30\nADD R1, R1, #-1\nBRp L\nHALT\nN .FILL {count}"
# Sums up what comes; the sum is in R2 and M[x4000] at the end.
TAKE = "L TRAP x31\nADD R2, R2, R0\nADD R3, R3, #1\nSTI R2, P\nBR L\nP .FILL x4000"
PASS = "L TRAP x31\nTRAP x30\nBR L"


def sum_to(n):
    return n * (n + 1) // 2 & 0xFFFF


def a_chain_is_the_default():
    write("send.asm", SEND.format(count=5000))
    write("take.asm", TAKE)
    write("pass.asm", PASS)
    for mode in MODES:
        for stages in (0, 1, 5):
            r, vms = dump(*mode, "send.asm", *["pass.asm"] * stages, "take.asm")
            expect(r.code == 0 and vms[-1]["reg"][3] == 5000 and vms[-1]["reg"][2] == sum_to(5000), (mode, stages, r, vms))
            expect([v["stop"] for v in vms] == ["halt"] + ["closed"] * (stages + 1), vms)


def capacity_changes_nothing_but_speed():
    write("send.asm", SEND.format(count=3000))
    write("take.asm", TAKE)
    for cap in (1, 2, 4, 1024, 1 << 20):
        r, vms = dump(f"--link=0:1,cap={cap}", "send.asm", "take.asm")
        expect(r.code == 0 and vms[1]["reg"][2] == sum_to(3000), (cap, r))


def a_reader_that_ends_ends_its_writer_after_the_same_words_always():
    write("endless.asm", "L ADD R0, R0, #1\nTRAP x30\nBR L")
    write("ten.asm", "AND R1, R1, #0\nADD R1, R1, #10\nL TRAP x31\nADD R1, R1, #-1\nBRp L\nHALT")
    for mode in MODES:
        r, vms = dump(*mode, "--link=0:1,cap=64", "endless.asm", "ten.asm")
        expect(r.code == 0 and vms[0]["stop"] == "closed", (mode, r, vms))
        expect(vms[0]["reg"][0] == 10 + 64 + 1, (mode, vms))  # 74 fit, the 75th does not


def ports_are_numbered_by_the_order_of_links():
    # 0 sends its port number on each port, 1..3 keep what they get.
    write("fan.asm", "L ADD R0, R1, #10\nTRAP x32\nADD R1, R1, #1\nADD R2, R1, #-3\nBRn L\nHALT")
    write("one.asm", "TRAP x31\nADD R5, R0, #0\nHALT")
    r, vms = dump("--link=0:3", "--link=0:1", "--link=0:2", "fan.asm", "3*one.asm")
    expect([v["reg"][5] for v in vms[1:]] == [11, 12, 10], vms)
    # fan-in by RECVFROM, and names
    write("in.asm", "L TRAP x33\nADD R5, R5, R5\nADD R5, R5, R5\nADD R5, R5, R0\nADD R1, R1, #1\nADD R2, R1, #-3\nBRn L\nHALT")
    for number in (1, 2, 3):
        write(f"say{number}.asm", f"AND R0, R0, #0\nADD R0, R0, #{number}\nTRAP x30\nHALT")
    r, vms = dump("--name=0:hub", "--name=2:two", "--link=two:hub", "--link=3:hub", "--link=1:hub",
                  "in.asm", "say1.asm", "say2.asm", "say3.asm")
    expect(vms[0]["reg"][5] == 2 * 16 + 3 * 4 + 1, vms)


def a_port_out_of_range_is_a_fault():
    write("port.asm", "AND R1, R1, #0\nADD R1, R1, #3\nTRAP x32\nHALT")
    r = run("--link=0:0", "port.asm")
    expect(r.code == 1 and "ports 0 to 0" in r.err.decode(), r)


def trying_says_what_it_found():
    write("try.asm", "TRAP x35\nADD R2, R1, #0\nAND R0, R0, #0\nADD R0, R0, #7\nTRAP x34\nADD R3, R1, #0\nTRAP x34\n"
                     "ADD R4, R1, #0\nAND R0, R0, #0\nTRAP x35\nADD R5, R1, #0\nADD R6, R0, #0\nHALT")
    r, vms = dump("--link=0:0,cap=1", "try.asm")
    expect(vms[0]["reg"][2:7] == [0, 1, 0, 1, 7], vms)
    write("closed.asm", "L TRAP x35\nADD R2, R1, #0\nBRzp L\nHALT")
    write("two.asm", "TRAP x30\nTRAP x30\nHALT")
    r, vms = dump("two.asm", "closed.asm")
    expect(r.code == 0 and vms[1]["reg"][2] == 0xFFFF and vms[1]["stop"] == "halt", (r, vms))


def engines():
    """Every dispatch that is built in, and the JIT."""
    write("halt.asm", "HALT")
    all_ = [[f"--dispatch={d}", "--engine=interp"] for d in ("switch", "goto", "tail")] + [["--engine=jit"]]
    return [engine for engine in all_ if run("-q", *engine, "halt.asm").code == 0]


def what_comes_in_sets_the_codes_on_every_engine():
    write("kinds.asm", "LD R1, N\nL LD R0, A\nTRAP x30\nAND R0, R0, #0\nTRAP x30\nADD R0, R0, #1\nTRAP x30\n"
                       "ADD R1, R1, #-1\nBRp L\nHALT\nN .FILL 3000\nA .FILL x8001")
    write("sort.asm", "L TRAP x31\nBRn NEGATIVE\nBRz ZERO\nADD R3, R3, #1\nBR L\nNEGATIVE ADD R4, R4, #1\nBR L\n"
                      "ZERO ADD R5, R5, #1\nBR L")
    for engine in engines():
        for cap in (1, 4096):
            r, vms = dump(*engine, f"--link=0:1,cap={cap}", "kinds.asm", "sort.asm")
            expect(r.code == 0 and vms[1]["reg"][3:6] == [3000] * 3, (engine, cap, r, vms))


def a_replaced_routine_is_not_passed_by():
    """After 50 words that went the native way, x30 leads to a routine of the program's own."""
    write("own.asm", ".ORIG x0050\n.FILL CHANGE\n.END\n.ORIG x1000\nCHANGE LD R2, ROUTINE\nSTI R2, VECTOR\nRTI\n"
                     "VECTOR .FILL x0030\nROUTINE .FILL OWN\nOWN ADD R5, R5, #7\nRTI\n.END\n"
                     ".ORIG x3000\nLD R1, N\nL TRAP x30\nADD R1, R1, #-1\nBRp L\nTRAP x50\nTRAP x30\nTRAP x30\nHALT\n"
                     "N .FILL 50\n.END\n")
    write("take.asm", TAKE)
    for engine in engines():
        r, vms = dump(*engine, "own.asm", "take.asm")
        expect(vms[1]["reg"][3] == 50 and vms[0]["reg"][5] == 14, (engine, r, vms))


def blocks_arrive_whole_and_larger_ones_in_parts():
    # fills x4000.. with 1, 2, 3 ..., sends N words, ROUNDS times
    write("block.asm", "LD R2, N\nLD R3, P\nF ADD R4, R4, #1\nSTR R4, R3, #0\nADD R3, R3, #1\nADD R2, R2, #-1\nBRp F\n"
                       "LD R5, ROUNDS\nL LD R0, P\nLD R1, N\nTRAP x36\nADD R5, R5, #-1\nBRp L\nHALT\n"
                       "N .FILL {n}\nP .FILL x4000\nROUNDS .FILL 20".format(n=300))
    write("unblock.asm", "L LD R0, P\nLD R1, N\nTRAP x37\nADD R1, R1, #0\nBRz END\nADD R5, R5, R1\nLD R3, P\n"
                         "S LDR R4, R3, #0\nADD R2, R2, R4\nADD R3, R3, #1\nADD R1, R1, #-1\nBRp S\nBR L\nEND HALT\n"
                         "N .FILL 100\nP .FILL x4000")
    for cap in (1, 64, 256, 4096):
        r, vms = dump(f"--link=0:1,cap={cap}", "block.asm", "unblock.asm")
        expect(r.code == 0 and vms[0]["reg"][1] == 300 and vms[1]["reg"][5] == 6000, (cap, r, vms))
        expect(vms[1]["reg"][2] == 20 * sum_to(300) & 0xFFFF and vms[1]["stop"] == "halt", (cap, vms))


def blocks_obey_the_access_rules():
    for trap in ("x36", "x37", "x3B"):
        write("system.asm", f"LD R0, P\nAND R1, R1, #0\nADD R1, R1, #4\nTRAP {trap}\nHALT\nP .FILL x2FFE")
        r, vms = dump("--link=0:0", "system.asm")
        expect(r.code == 1 and vms[0]["fault"] == {"vector": 2, "at": 0x3003}, (trap, r, vms))


def the_clock_does_not_go_back():
    write("clock.asm", "LEA R0, A\nTRAP x3B\nLEA R0, B\nTRAP x3B\nHALT\nA .BLKW 4\nB .BLKW 4")
    r, vms = dump("clock.asm")
    words = [int(w, 16) for text in vms[0]["memory"].values() for w in text.split()]
    expect(r.code == 0 and words, vms)


# --------------------------------------------------------------- deadlocks, ends

def all_waiting_for_each_other_is_a_deadlock_with_names():
    write("pass.asm", PASS)
    for mode in MODES:
        r, vms = dump(*mode, "--link=ring", "pass.asm", "pass.asm", "pass.asm")
        expect(r.code == 1 and all(v["stop"] == "blocked" for v in vms), (mode, r, vms))
    text = run("--link=ring", "pass.asm", "pass.asm", "pass.asm").err.decode()
    for i in range(3):
        expect(f"{i} pass.asm: waits for a word from machine {(i + 2) % 3}" in text, text)


def full_rings_deadlock_too():
    write("both.asm", "L TRAP x30\nBR L")
    r, vms = dump("--link=ring", "both.asm", "both.asm")
    expect(r.code == 1 and all(v["stop"] == "blocked" for v in vms), (r, vms))
    expect(b"to take words" in run("--link=ring", "both.asm", "both.asm").err, "who waits for whom")


def a_machine_that_ends_frees_those_that_wait_for_it():
    write("pass.asm", PASS)
    write("halt.asm", "HALT")
    for mode in MODES:
        r, vms = dump(*mode, "--link=ring", "pass.asm", "halt.asm", "pass.asm", "pass.asm")
        expect(r.code == 0, (mode, r))
        expect([v["stop"] for v in vms] == ["closed", "halt", "closed", "closed"], (mode, vms))


def waiting_for_keys_is_no_deadlock():
    write("keys.asm", "L GETC\nTRAP x30\nBR L")
    write("take.asm", TAKE)
    process = subprocess.Popen([tool.LC3RUN, "-q", "--dump=-", "keys.asm", "take.asm"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, cwd=tool.WORK)
    for _ in range(3):
        time.sleep(0.2)
        process.stdin.write(b"a")
        process.stdin.flush()
    process.stdin.close()
    vms = json.loads(process.stdout.read())["vms"]
    expect(process.wait(timeout=20) == 0 and vms[1]["reg"][3] == 3, vms)


def a_token_ring_of_many_machines_works():
    write("start.asm", "LD R0, N\nL TRAP x30\nTRAP x31\nADD R0, R0, #-1\nBRp L\nHALT\nN .FILL 20")
    write("hop.asm", PASS)
    for mode in (["--threads=1"], ["--threads=2"], []):
        r = run("-q", *mode, "--link=ring", "--stats=json", "start.asm", "1999*hop.asm")
        s = r.stats()
        expect(r.code == 0 and s["vms"][0]["received"] == 20 and s["vms"][1999]["sent"] == 20, (mode, r.code))


def busy_machines_share_fairly():
    """Whole slices are handed out, so each of the two workers may leave its machines one behind: many slices have to
    pass before that is little, and where a computer is too slow for them it is all that may be missing."""
    write("spin.asm", "L ADD R0, R0, #1\nBR L")
    slice_length = 20_000 # runtime/scheduler.c, SLICE
    for seconds in (2, 8, 32):
        r = run("-q", "--link=0:0", "--engine=interp", "--threads=2", f"--timeout={seconds}", "--stats=json", "300*spin.asm")
        counts = [v["instructions"] for v in r.stats()["vms"]]
        mean = sum(counts) / len(counts)
        if mean >= 40 * slice_length:
            break
    expect(min(counts) >= mean - max(0.1 * mean, 2 * slice_length) and max(counts) > 0, (min(counts), mean))


# ------------------------------------------------------------------- determinism

def networks():
    """How many: a sanitizer finds in few what it can find; outcomes are compared in all of them without."""
    with open(tool.LC3RUN, "rb") as file:
        program = file.read()
    return 8 if b"__asan_init" in program or b"__tsan_init" in program else 25


def random_program(rng, ins, outs):
    """A deterministic machine with these many ports: takes and sends words and blocks in a fixed random order, mixes
    what it gets, writes letters, and ends after some rounds."""
    lines = ["LD R4, ROUNDS", "LOOP AND R5, R5, #0"]
    steps = ["in"] * ins + ["out"] * outs + ["say"] * rng.randint(0, 2) + ["mix"] * rng.randint(0, 3)
    rng.shuffle(steps)
    i = o = 0
    for step in steps:
        if step == "in":
            take = ["TRAP x31"] if i == 0 and rng.random() < 0.7 else ["AND R1, R1, #0", f"ADD R1, R1, #{i}", "TRAP x33"]
            lines += [*take, "ADD R3, R3, R0"]
            i += 1
        elif step == "out" and o == 0 and rng.random() < 0.3:
            words = rng.randint(1, 15)
            lines += ["LEA R0, BLOCK", "STR R3, R0, #0", f"STR R4, R0, #{words - 1}", "AND R1, R1, #0",
                      f"ADD R1, R1, #{words}", "TRAP x36", "ADD R3, R3, R1"]
            o += 1
        elif step == "out" and o == 0 and rng.random() < 0.7:
            lines += [f"ADD R0, R3, #{rng.randint(-16, 15)}", "TRAP x30"]
            o += 1
        elif step == "out":
            lines += ["AND R1, R1, #0", f"ADD R1, R1, #{o}", f"ADD R0, R3, #{rng.randint(-16, 15)}", "TRAP x32"]
            o += 1
        elif step == "say":
            lines += ["AND R0, R3, #15", "LD R1, LETTER", "ADD R0, R0, R1", "TRAP x21"]
        else:
            lines += ["ADD R3, R3, R3", f"ADD R3, R3, #{rng.randint(1, 15)}"]
    lines += ["ADD R4, R4, #-1", "BRp LOOP", "HALT", f"ROUNDS .FILL {rng.randint(1, 400)}", "LETTER .FILL 65", "BLOCK .BLKW 16"]
    return "\n".join(lines)


def random_network(rng):
    count = rng.randint(2, 9)
    links = []
    for _ in range(rng.randint(1, 2 * count)):
        a, b = rng.randrange(count), rng.randrange(count)
        if a < b or rng.random() < 0.15:  # mostly without cycles
            links.append((a, b, rng.choice([1, 2, 8, 64, 4096])))
    links = links or [(0, 1, 4)]
    for i in range(count):
        write(f"net{i}.asm", random_program(rng, sum(b == i for _, b, _ in links), sum(a == i for a, _, _ in links)))
    return [f"net{i}.asm" for i in range(count)], [f"--link={a}:{b},cap={c}" for a, b, c in links]


def outcome(mode, programs, links):
    r, vms = dump(*mode, *links, "--output=net", *programs)
    return r.code, vms, [read(f"net.{i}") for i in range(len(programs))]


def schedules():
    """One worker, two and eight, each way of waiting, the engines in turn."""
    some = [[], *engines()]
    modes = [[f"--threads={n}", f"--wait={wait}"] for n in (1, 2, 8) for wait in ("adaptive", "spin", "park")]
    return [mode + some[i % len(some)] for i, mode in enumerate(modes)]


def any_schedule_gives_the_same_output():
    rng = random.Random(20)
    modes = schedules()
    for round_ in range(networks()):
        programs, links = random_network(rng)
        first = outcome(modes[0], programs, links)
        for mode in modes[1:]:
            expect(outcome(mode, programs, links) == first, (round_, mode, links))


def ending_any_machine_at_any_moment_never_hangs_the_rest():
    rng = random.Random(7)
    for round_ in range(networks()):
        programs, links = random_network(rng)
        victim = rng.randrange(len(programs))
        text = read(programs[victim]).decode()
        rounds = int(re.search(r"ROUNDS .FILL (\d+)", text)[1])
        text = text.replace("LOOP AND R5, R5, #0", "LOOP ADD R5, R5, #1\nLD R6, WHEN\nADD R6, R6, R5\n" +
                            rng.choice(["BRz OUCH", "BRz DONE"]), 1)
        text = text.replace("HALT\n", f"DONE HALT\nOUCH .FILL xD000\nWHEN .FILL #-{rng.randint(1, rounds)}\n", 1)
        write(programs[victim], text)
        for mode in (MODES[0], MODES[1], MODES[3], []):
            r = run("-q", *mode, *links, "--output=net", *programs)
            expect(r.code in (0, 1), (round_, mode, links, r))


def a_killed_run_ends_at_once_whatever_it_does():
    write("pass.asm", PASS)
    write("endless.asm", "L ADD R0, R0, #1\nTRAP x30\nBR L")
    for mode in MODES:
        for programs in (["endless.asm", "pass.asm", "take.asm"], ["endless.asm", "take.asm"]):
            process = subprocess.Popen([tool.LC3RUN, "-q", *mode, *programs], cwd=tool.WORK, stderr=subprocess.PIPE)
            time.sleep(random.random() * 0.2 + 0.05)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            expect(process.returncode in (0, 130, -signal.SIGINT), (mode, programs, process.returncode))  # perhaps too early


TESTS = [f for name, f in sorted(globals().items()) if callable(f) and f.__module__ == __name__ and
         name not in ("sum_to", "random_program", "random_network", "outcome", "schedules", "engines", "networks")]

if __name__ == "__main__":
    tool.main(TESTS)
