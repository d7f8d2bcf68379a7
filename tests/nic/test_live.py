#!/usr/bin/env python3
"""A card on an interface: two network namespaces, a veth pair between them, tcpreplay.

Needs root, ip and tcpreplay; otherwise the test is skipped (exit 77).

    test_live.py LC3RUN PCAPGEN [TEST...]
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

LC3RUN, PCAPGEN = sys.argv[1:3]
FOLDER = tempfile.mkdtemp(prefix="lc3-nic-")
SKIPPED = 77
NEAR, FAR = "lc3n%d" % os.getpid(), "lc3f%d" % os.getpid()
FILTER = "--filter=udp dst port 40000"

# Takes a number of frames and halts; WORK rounds of nothing for each, so that it can be slow.
TAKE = """
        .ORIG x3000
        LD R0, FRAME
        LD R5, COUNT
NEXT    LD R1, ROOM
        TRAP x38
        {echo}
        LD R2, WORK
        BRz SKIP
LOOP    ADD R2, R2, #-1
        BRp LOOP
SKIP    ADD R5, R5, #-1
        BRnp NEXT
        HALT
FRAME   .FILL x8000
ROOM    .FILL #800
COUNT   .FILL #{count}
WORK    .FILL #{work}
        .END
"""


def program(name, count, work=0, echo=""):
    path = os.path.join(FOLDER, name + ".asm")
    with open(path, "w") as out:
        out.write(TAKE.format(count=count, work=work, echo=echo))
    return path


def capture(*options):
    path = os.path.join(FOLDER, "sent.pcap")
    subprocess.run([PCAPGEN, *options, path], check=True)
    return path


def inside(namespace, *command):
    return ["ip", "netns", "exec", namespace, *command]


def ip(*arguments):
    return subprocess.run(["ip", *arguments], capture_output=True).returncode == 0


def link():
    return (ip("link", "add", "near", "netns", NEAR, "type", "veth", "peer", "name", "far", "netns", FAR)
            and ip("-n", NEAR, "link", "set", "near", "up") and ip("-n", FAR, "link", "set", "far", "up"))


def setup():
    return ip("netns", "add", NEAR) and ip("netns", "add", FAR) and link()


def cleanup():
    for namespace in (NEAR, FAR):
        subprocess.run(["ip", "netns", "del", namespace], capture_output=True)
    subprocess.run(["rm", "-rf", FOLDER])


def start(namespace, interface, path, *options):
    command = inside(namespace, LC3RUN, "--stats=json", "--timeout=10", "--nic=if:%s%s" % interface, FILTER, *options, path)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1) # the interface has to be open before frames come
    return process


def finish(process):
    _, err = process.communicate(timeout=30)
    lines = [line for line in err.splitlines() if line.startswith('{"elapsed_s"')]
    if not lines:
        raise AssertionError(err)
    return process.returncode, json.loads(lines[-1])["nic"][0], err


def replay(path, *options):
    subprocess.run(inside(NEAR, "tcpreplay", "-q", "-i", "near", *options, path), check=True, capture_output=True)


def test_every_frame_of_a_gentle_sender_arrives():
    path = capture("--frames=20000", "--size=imix")
    reader = start(FAR, ("far", ",ring=65536"), program("take", 20000))
    replay(path, "--pps=10000")
    code, nic, err = finish(reader)
    assert code == 0, err
    assert nic["received"] == nic["offered"] == 20000 and nic["dropped"] == 0, nic
    assert nic["delay_ns"]["count"] == 20000 and 0 < nic["delay_ns"]["p50"] < 100000000, nic


def test_what_the_kernel_drops_is_counted():
    path = capture("--frames=60000")
    reader = start(FAR, ("far", ",ring=1"), program("slow", 65535, work=20000))
    replay(path, "--topspeed")
    code, nic, err = finish(reader)
    assert code == 3, (code, err) # by its time limit
    assert nic["offered"] == 60000 == nic["received"] + nic["dropped"], nic
    assert nic["drops"]["ring_full"] > 10000, nic


def test_frames_that_are_sent_come_back():
    path, sent = capture("--frames=1000", "--size=64-1518"), os.path.join(FOLDER, "echo.pcap")
    echo = start(FAR, ("far", ",tx=" + sent), program("echo", 1000, echo="TRAP x39"))
    reader = start(NEAR, ("near", ""), program("take", 1000))
    replay(path, "--pps=5000")
    code, nic, err = finish(echo)
    assert code == 0 and nic["sent"] == 1000 and nic["send_failed"] == 0, (nic, err)
    code, nic, err = finish(reader)
    assert code == 0 and nic["received"] == 1000, (nic, err)
    assert os.path.getsize(sent) == os.path.getsize(path), "the capture of what was sent"


def test_an_interface_that_goes_away_ends_the_feed():
    reader = start(FAR, ("far", ""), program("take", 10))
    ip("-n", FAR, "link", "del", "far")
    code, nic, err = finish(reader)
    link() # for the other tests
    assert code == 0 and nic["received"] == 0, (code, nic, err)
    assert "warning: far: " in err, err


def main():
    if os.geteuid() or not shutil.which("ip") or not shutil.which("tcpreplay") or not setup():
        print("skipped: needs root, ip, tcpreplay and network namespaces")
        if shutil.which("ip"):
            cleanup()
        return SKIPPED
    bad = 0
    try:
        for name, test in sorted(globals().items()):
            if not name.startswith("test_") or (sys.argv[3:] and name not in sys.argv[3:]):
                continue
            try:
                test()
                print("ok", name)
            except (AssertionError, subprocess.SubprocessError) as failure:
                bad += 1
                print("not ok", name, "\n   ", failure)
    finally:
        cleanup()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
