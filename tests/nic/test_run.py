#!/usr/bin/env python3
"""lc3run with cards, from the outside: what programs see, what is counted, what is said.

    test_run.py LC3RUN PCAPGEN EXAMPLES [TEST...]
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

LC3RUN, PCAPGEN, EXAMPLES = sys.argv[1:4]
FOLDER = tempfile.mkdtemp(prefix="lc3-nic-")

TAKE_ALL = """
        .ORIG x3000
        LD R0, FRAME
NEXT    LD R1, ROOM
        TRAP x38
        ADD R1, R1, #0
        BRnp NEXT
        HALT
FRAME   .FILL x8000
ROOM    .FILL #800
        .END
"""

TAKE_SOME = """
        .ORIG x3000
        LD R0, FRAME
        AND R5, R5, #0
        ADD R5, R5, #{count}
NEXT    LD R1, ROOM
        TRAP x38
        ADD R5, R5, #-1
        BRp NEXT
        HALT
FRAME   .FILL x{frame:04X}
ROOM    .FILL #{room}
        .END
"""

ECHO = """
        .ORIG x3000
        LD R0, FRAME
NEXT    LD R1, ROOM
        TRAP x38
        ADD R1, R1, #0
        BRz DONE
        TRAP x39
        BR NEXT
DONE    HALT
FRAME   .FILL x8000
ROOM    .FILL #800
        .END
"""

# Arrival times of five frames to x4000, and a look at the clock behind them.
TIMES = """
        .ORIG x3000
        LD R2, AT
        AND R5, R5, #0
        ADD R5, R5, #5
NEXT    LD R0, FRAME
        LD R1, ROOM
        TRAP x38
        ADD R0, R2, #0
        TRAP x3A
        ADD R2, R2, #4
        ADD R5, R5, #-1
        BRp NEXT
        ADD R0, R2, #0
        TRAP x3B
        HALT
AT      .FILL x4000
FRAME   .FILL x8000
ROOM    .FILL #800
        .END
"""


class Failure(Exception):
    pass


def expect(condition, *what):
    if not condition:
        raise Failure(" ".join(str(w) for w in what))


def source(name, text):
    path = os.path.join(FOLDER, name + ".asm")
    with open(path, "w") as out:
        out.write(text)
    return path


def capture(name, *options):
    path = os.path.join(FOLDER, name + ".pcap")
    subprocess.run([PCAPGEN, *options, path], check=True)
    return path


class Result:
    def __init__(self, run, dump):
        self.code, self.out, self.err = run.returncode, run.stdout, run.stderr
        lines = [line for line in self.err.splitlines() if line.startswith('{"elapsed_s"')]
        self.stats = json.loads(lines[-1]) if lines else None
        self.vms = json.load(open(dump))["vms"] if os.path.exists(dump) else None

    def nic(self, index=0):
        return self.stats["nic"][index]

    def memory(self, vm=0):
        words = {}
        for first, text in self.vms[vm]["memory"].items():
            for i, word in enumerate(text.split()):
                words[int(first, 16) + i] = int(word, 16)
        return words


def run(*arguments, timeout=60):
    dump = os.path.join(FOLDER, "dump.json")
    if os.path.exists(dump):
        os.unlink(dump)
    command = [LC3RUN, "--stats=json", "--dump=" + dump, *arguments]
    return Result(subprocess.run(command, capture_output=True, text=True, timeout=timeout), dump)


def frames_of(path):
    """(seconds, nanoseconds, bytes) of each frame of a capture of ours."""
    data = open(path, "rb").read()
    magic, = struct.unpack_from("<I", data)
    expect(magic == 0xA1B23C4D, "nanosecond magic:", hex(magic))
    frames, at = [], 24
    while at < len(data):
        s, ns, held, _ = struct.unpack_from("<IIII", data, at)
        frames.append((s, ns, data[at + 16:at + 16 + held]))
        at += 16 + held
    return frames


# ------------------------------------------------------------------- counting

def test_at_full_speed_nothing_is_dropped():
    r = run("--nic=pcap:%s,rate=max,loop=3" % capture("max", "--frames=5000", "--size=imix"),
            source("all", TAKE_ALL))
    expect(r.code == 0, r.err)
    expect(r.nic()["offered"] == r.nic()["received"] == 15000, r.nic())
    expect(r.nic()["dropped"] == 0, r.nic())


def test_overload_is_honest():
    """The program needs far longer for a frame than there is between two."""
    frames = 3000000
    r = run("--nic=pcap:%s,rate=30Mpps,loop=30,ring=1024" % capture("over", "--frames=100000"),
            os.path.join(EXAMPLES, "count.asm"))
    nic = r.nic()
    expect(r.code == 0, r.err)
    expect(nic["offered"] == frames, nic)
    expect(nic["received"] + nic["dropped"] == frames, nic)
    expect(nic["dropped"] == nic["drops"]["ring_full"] > frames // 10, nic)
    expect(r.out.startswith("frames %d\n" % nic["received"]), r.out)
    expect(0.1 <= r.stats["elapsed_s"] < 5, r.stats["elapsed_s"])


def test_frames_before_the_clock_starts_have_no_delay():
    r = run("--nic=pcap:%s,rate=1000Mpps,ring=16,warm=1900,loop=2" % capture("warm", "--frames=1000"),
            source("all", TAKE_ALL))
    nic = r.nic()
    expect(nic["offered"] == 2000 and nic["received"] >= 1900, nic)
    expect(nic["delay_ns"]["count"] == nic["received"] - 1900, nic)


def test_what_lies_in_the_ring_at_the_end_is_dropped():
    r = run("--nic=pcap:%s,rate=1Mpps,loop=100" % capture("unread", "--frames=10000"),
            source("some", TAKE_SOME.format(count=10, frame=0x8000, room=800)))
    nic = r.nic()
    expect(nic["received"] == 10 and nic["drops"]["ring_full"] == 0, nic)
    expect(nic["offered"] == 10 + nic["drops"]["unread"] < 1000000, nic)


def test_flows_spread_over_queues_and_stay_together():
    path = capture("flows", "--frames=20000", "--flows=40")
    r = run("--nic=pcap:%s,rate=max,queue=0-3" % path, "4*" + source("all", TAKE_ALL), "--link=0:1")
    queues = r.nic()["queues"]
    expect([q["vm"] for q in queues] == [0, 1, 2, 3], queues)
    expect(sum(q["received"] for q in queues) == 20000, queues)
    expect(all(1000 < q["received"] < 12000 for q in queues), queues)
    r = run("--nic=pcap:%s,rate=max,queue=0-3" % capture("flow", "--frames=1000"), "4*" + source("all", TAKE_ALL))
    expect(sorted(q["received"] for q in r.nic()["queues"]) == [0, 0, 0, 1000], r.nic())


def test_a_filter_belongs_to_the_card_before_it_or_to_all():
    path = capture("filter", "--frames=300", "--size=64-1518")
    card, program = "--nic=pcap:%s,rate=max" % path, source("all", TAKE_ALL)
    r = run(card, "--filter=less 200", card, "--filter=greater 201", "2*" + program)
    expect(r.nic(0)["received"] + r.nic(1)["received"] == 300, r.stats)
    expect(r.nic(0)["capture"]["filtered"] == r.nic(1)["received"] > 0, r.stats)
    r = run("--filter=less 200", card, card, "2*" + program)
    expect(0 < r.nic(0)["received"] == r.nic(1)["received"] < 300, r.stats)


# ----------------------------------------------------------------- what arrives

def test_words_are_in_network_order():
    path = capture("order", "--frames=1", "--size=127")
    r = run("--nic=pcap:%s,rate=max" % path, source("one", TAKE_SOME.format(count=1, frame=0x8000, room=800)))
    frame = frames_of(path)[0][2] + b"\0"
    memory = r.memory()
    expect(r.vms[0]["reg"][1] == 123, r.vms[0]["reg"])
    for i in range(62):
        expect(memory.get(0x8000 + i, 0) == struct.unpack_from(">H", frame, 2 * i)[0], "word", i)
    expect(0x8000 + 62 not in memory, "a word behind the frame")


def test_no_more_words_than_asked_for():
    path = capture("order", "--frames=1", "--size=200")
    r = run("--nic=pcap:%s,rate=max" % path, source("one", TAKE_SOME.format(count=1, frame=0x8000, room=5)))
    expect(r.vms[0]["reg"][1] == 196, r.vms[0]["reg"])
    expect([a for a in r.memory() if a >= 0x8000] == [0x8000, 0x8001, 0x8002, 0x8003], r.memory()) # 0x8004 is zero


def test_a_buffer_in_the_wrong_place_is_an_access_violation():
    path = capture("order", "--frames=1", "--size=200")
    for frame, room in ((0x0200, 10), (0x2FFF, 2), (0xFDFF, 2), (0xFE00, 1), (0xFFFF, 100), (0xFDF0, 100)):
        r = run("--nic=pcap:%s,rate=max" % path, source("bad", TAKE_SOME.format(count=1, frame=frame, room=room)))
        expect(r.code == 1 and r.vms[0]["stop"] == "fault", hex(frame), r.code, r.err)
        expect(r.vms[0]["fault"]["vector"] == 2, hex(frame), r.vms[0]["fault"])
        expect(not [a for a in r.memory() if frame <= a <= frame + 100], hex(frame), "something was written")
        expect(r.nic()["received"] == 0, r.nic())
    r = run("--nic=pcap:%s,rate=max" % path, source("end", TAKE_SOME.format(count=1, frame=0xFDFF, room=1)))
    expect(r.code == 0, r.err)


def test_what_a_snap_length_cut_off_is_zero():
    path = capture("cut", "--frames=2", "--size=300", "--snap=100")
    r = run("--nic=pcap:%s,rate=max" % path, source("two", TAKE_SOME.format(count=2, frame=0x8000, room=800)))
    memory = r.memory()
    expect(r.vms[0]["reg"][1] == 296, r.vms[0]["reg"])
    expect(memory[0x8031], "the last word that is there")
    expect(not [a for a in memory if a >= 0x8032], "something behind it")
    expect(r.nic()["cut"] == 2 == r.nic()["capture"]["cut"], r.nic())


def test_code_that_a_frame_overwrites_is_seen():
    """The buffer begins at the HALT behind the loop: a frame's words run as code."""
    text = """
        .ORIG x3000
        AND R2, R2, #0
        LD R0, AT
AGAIN   LD R1, ROOM
CODE    BR SKIP
        HALT
SKIP    ADD R2, R2, #1
        ADD R3, R2, #-9
        BRz DONE
        ADD R3, R2, #-5
        BRnp AGAIN
        TRAP x38        ; the first word of a frame, x0100, is a branch never taken
        BR AGAIN
DONE    HALT
AT      .FILL CODE
ROOM    .FILL #1
        .END
    """
    path = capture("order", "--frames=1")
    r = run("--nic=pcap:%s,rate=max" % path, source("code", text))
    expect(r.code == 0 and r.vms[0]["reg"][2] == 5, r.vms[0])


def test_arrival_times_are_those_of_the_schedule():
    r = run("--nic=pcap:%s,rate=1kpps" % capture("times", "--frames=10"), source("times", TIMES))
    memory = r.memory()
    times = [sum(memory.get(0x4000 + 4 * i + k, 0) << 48 - 16 * k for k in range(4)) for i in range(6)]
    for a, b in zip(times[:4], times[1:5]):
        expect(abs(b - a - 1000000) < 50000, "1 ms between frames, not", b - a)
    expect(times[4] <= times[5], "the clock is behind the last arrival", times)


# ---------------------------------------------------------------------- sending

def test_sent_frames_are_in_the_capture():
    path, sent = capture("echo", "--frames=500", "--size=64-1518"), os.path.join(FOLDER, "sent.pcap")
    r = run("--nic=pcap:%s,rate=max,tx=%s" % (path, sent), source("echo", ECHO))
    expect(r.code == 0, r.err)
    expect(frames_of(sent) == frames_of(path), "frames and times of what came back")
    expect(r.nic()["sent"] == 500 and r.nic()["sent_bytes"] == r.nic()["bytes"], r.nic())


def test_a_failed_run_leaves_no_half_capture():
    path, sent = capture("echo", "--frames=5"), os.path.join(FOLDER, "unsent.pcap")
    run("--nic=pcap:%s,tx=%s" % (path, sent), "--nic=pcap:/nonexistent", source("echo", ECHO))
    expect(not [f for f in os.listdir(FOLDER) if f.startswith("unsent.pcap")], os.listdir(FOLDER))


# --------------------------------------------------------------------- mistakes

def test_mistakes_are_said():
    good, program = capture("good", "--frames=3"), source("all", TAKE_ALL)
    empty, cut = os.path.join(FOLDER, "empty.pcap"), os.path.join(FOLDER, "cut.pcap")
    open(empty, "wb").close()
    open(cut, "wb").write(open(good, "rb").read()[:30])
    rows = [
        (["--nic=pcap:/nonexistent.pcap"], "/nonexistent.pcap: No such file or directory"),
        (["--nic=pcap:" + empty], "empty.pcap: truncated"),
        (["--nic=pcap:" + cut], "cut.pcap: truncated"),
        (["--nic=pcap:" + program], "all.asm: unknown file format"),
        (["--nic=pcap:" + good, "--filter=udp and and"], 'filter "udp and and": '),
        (["--nic=pcap:%s,queue=1" % good], "there is no machine 1 to feed"),
        (["--nic=pcap:%s,queue=0" % good, "--nic=pcap:%s,queue=0" % good], "machine 0 has a card already"),
        (["--nic=pcap:%s,rate=fast" % good], "rate=fast: a rate is"),
        (["--nic=if:no-such-if"], "no-such-if: "),
        (["--nic=pcap:%s,tx=/nonexistent/x" % good], "/nonexistent/x: No such file or directory"),
        (["--nic"], "--nic"),
    ]
    for arguments, reason in rows:
        r = run(*arguments, program) if arguments != ["--nic"] else run(program, "--nic")
        expect(r.code == 2, arguments, "exit", r.code, r.err)
        expect(reason in r.err, arguments, r.err)


def test_without_a_card_the_traps_are_faults():
    for trap in ("x38", "x39", "x3A"):
        r = run(source("none", ".ORIG x3000\nLEA R0, B\nAND R1, R1, #0\nTRAP %s\nHALT\nB .BLKW 10\n.END\n" % trap))
        expect(r.code == 1 and "no network card" in r.err, trap, r.code, r.err)


def test_a_damaged_end_is_warned_of():
    path = capture("damaged", "--frames=10")
    data = open(path, "rb").read()
    open(path, "wb").write(data[:-20])
    r = run("--nic=pcap:%s,rate=max" % path, source("all", TAKE_ALL))
    expect(r.code == 0 and r.nic()["received"] == 9, r.nic())
    expect("warning" in r.err and "damaged after frame 9" in r.err, r.err)
    expect(r.nic()["capture"]["damaged"] == 1, r.nic())


def test_a_capture_without_frames_ends_at_once():
    r = run("--nic=pcap:" + capture("none", "--frames=0"), source("all", TAKE_ALL))
    expect(r.code == 0 and r.nic()["offered"] == 0, r.err)


def test_both_dialects_and_every_dispatch():
    path = capture("max", "--frames=5000", "--size=imix")
    for option in ("--dialect=ed2", "--dispatch=switch", "--dispatch=goto", "--engine=interp", "--engine=jit", "--os=asm"):
        r = run("--nic=pcap:%s,rate=max" % path, option, os.path.join(EXAMPLES, "count.asm"))
        if option == "--engine=jit" and r.code == 2: # a build without LLVM
            continue
        expect(r.out.startswith("frames 5000\n"), option, r.code, r.out, r.err)


def test_waiting_for_frames_is_no_deadlock_and_can_be_stopped():
    path, program = capture("slow", "--frames=3"), source("all", TAKE_ALL)
    for wait in ("adaptive", "park", "spin"):
        r = run("--nic=pcap:%s,rate=10pps" % path, "--wait=" + wait, program)
        expect(r.code == 0 and r.nic()["received"] == 3, wait, r.err)
        r = run("--nic=pcap:%s,rate=0.01pps" % path, "--wait=" + wait, "--timeout=0.5", program)
        expect(r.code == 3 and r.stats["elapsed_s"] < 5, wait, r.code, r.err)


def main():
    wanted = sys.argv[4:]
    bad = 0
    for name, test in sorted(globals().items()):
        if not name.startswith("test_") or (wanted and name not in wanted):
            continue
        try:
            test()
            print("ok", name)
        except Failure as failure:
            bad += 1
            print("not ok", name, "\n   ", failure)
    subprocess.run(["rm", "-rf", FOLDER])
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
