#!/usr/bin/env python3
"""lc3run --sandbox: the same results, and nothing that can be opened.

    test_sandbox.py LC3RUN LC3AS ESCAPE.so PROJECT ENGINE...
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

lc3run, lc3as, escape, project = map(os.path.abspath, sys.argv[1:5])
engines = sys.argv[5:]
failures = []

ECHO = """.ORIG x3000
LOOP    GETC
        OUT
        ADD R1, R0, #-10
        BRnp LOOP
        LD R2, N
HOT     ADD R3, R3, R2
        ADD R2, R2, #-1
        BRp HOT
        ST R3, N
        HALT
N       .FILL #30000
        .END
"""
SPIN = """.ORIG x3000
LOOP    ADD R0, R0, #1
        BR LOOP
        .END
"""


def check(name, is_right, detail=""):
    if not is_right:
        failures.append(name)
        print(f"FAILED {name}: {detail}")


def run(*arguments, text=None, preload=False, **more):
    environment = {**os.environ, **({"LD_PRELOAD": escape} if preload else {}), **more}
    return subprocess.run([lc3run, *arguments], input=text, capture_output=True, text=True, timeout=60, env=environment)


def read(path):
    with open(path) as file:
        return file.read()


def same_results(engine):
    """What a program reads and writes does not depend on the sandbox."""
    def both(*options):
        done = run(f"--engine={engine}", "--dump=dump.json", "--output=out", "--stats=json", *options, "echo.obj", text="some text\n")
        return done.returncode, read("dump.json"), read("out.0"), done.stderr.splitlines()[0]
    plain, inside = both("--no-cache"), both("--sandbox")
    check(f"{engine}: the same results", plain == inside, (plain, inside))
    check(f"{engine}: they are results", inside[0] == 0 and inside[2] == "some text\n", inside)


def nothing_opens(engine):
    done = run(f"--engine={engine}", "--sandbox", "--timeout=1", "spin.obj", preload=True)
    tried = re.search(r"escape: tried (\d+)", done.stderr)
    check(f"{engine}: everything is refused", tried and int(tried[1]) > 20 and "worked" not in done.stderr, done.stderr)
    check(f"{engine}: the run goes on", done.returncode == 3, done.returncode)
    check(f"{engine}: nothing was made", not os.path.exists("escaped"))
    done = run(f"--engine={engine}", "--sandbox", "--timeout=2", "spin.obj", preload=True, ESCAPE_EXEC="1")
    check(f"{engine}: exec ends the process", done.returncode == -signal.SIGSYS, done.returncode)


def outside():
    """Without the option the same tries succeed: the test can fail."""
    done = run("--timeout=1", "spin.obj", preload=True)
    check("no sandbox, no refusals", "escape" not in done.stderr, done.stderr)


def metrics():
    process = subprocess.Popen([lc3run, "--sandbox", "--metrics=0", "--timeout=5", "spin.obj"], stderr=subprocess.PIPE, text=True)
    line = process.stderr.readline()
    if "not built in" in line:
        return print("metrics: skipped, not built in")
    url = re.search(r"http://\S+", line)[0]
    for _ in range(3):
        with urllib.request.urlopen(url + "metrics", timeout=10) as answer:
            text = answer.read().decode()
        time.sleep(0.1)
    check("metrics are served", "lc3_instructions_total" in text, text[:200])
    process.send_signal(signal.SIGINT)
    check("and it can be interrupted", process.wait(10) == 130, process.returncode)


def machines_and_cards():
    done = run("--sandbox", "--threads=2", "--max-instructions=100000", f"{project}/examples/producer.asm", f"{project}/examples/consumer.asm")
    check("machines on threads", done.returncode == 3, done.stderr)
    done = run("--sandbox", "--nic=pcap:small.pcap,rate=max", f"{project}/examples/nic/count.asm")
    check("a capture", (done.returncode == 0 and "frames" in done.stdout) or "not built in" in done.stderr, done.stderr)
    for option in ("--nic=pcap:small.pcap,tx=sent.pcap", "--profile=p.txt"):
        done = run("--sandbox", option, "echo.obj")
        check(f"{option} is refused", done.returncode == 2 and "--sandbox" in done.stderr, done.stderr)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open(f"{project}/tests/fuzz/pcap/ethernet-le-us", "rb") as capture, open("small.pcap", "wb") as to:
        to.write(capture.read()[1:])  # its first byte is the fuzz target's
    for name, text in (("echo", ECHO), ("spin", SPIN)):
        with open(f"{name}.asm", "w") as file:
            file.write(text)
        subprocess.run([lc3as, "-o", f"{name}.obj", f"{name}.asm"], check=True, capture_output=True)
    with open("input", "w") as file:
        file.write("stays")
    for engine in engines:
        same_results(engine)
        nothing_opens(engine)
    outside()
    metrics()
    machines_and_cards()
print(f"{len(failures)} failures")
sys.exit(bool(failures))
