#!/usr/bin/env python3
"""test_view.py LC3RUN PROGRAMS -- --watch on a terminal and in a pipe, --stats=hdr, options that are wrong."""
import os
import pty
import re
import subprocess
import sys

from support import Failures

lc3run, programs = sys.argv[1:3]
paths = [os.path.join(programs, name + ".asm") for name in ("source", "sink")]
tests = Failures()
check = tests.check


def on_terminal(*options):
    """What lc3run writes to a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([lc3run, *options, *paths], stderr=theirs, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 65536):
            said += piece
    except OSError:
        pass # the other side is closed
    process.wait()
    os.close(ours)
    return said.decode()


def run(*options):
    return subprocess.run([lc3run, *options, *paths], capture_output=True, text=True, stdin=subprocess.DEVNULL)


seen = on_terminal("--watch", "-q", "--timeout=2.5")
tables = seen.count("instr/s")
check(2 <= tables <= 4, f"a table each second and a last one: {tables} in 2.5 s")
check(seen.count("\033[3A") == tables - 1, "each is drawn over the one before")
rows = re.findall(r"^ +([01]) (\S+) +(running|waiting|limit) +(\S+) +(\S+) +(\S+)(?: +(\S+) +(\S+))?\033\[K", seen, re.M)
check(len(rows) == 2 * tables and rows[0][1] == "source.asm", f"a line per VM: {rows[:2]}")
check(all(r[2] == "limit" for r in rows[-2:]), "the last table has the final states")
check("\033" not in run("--watch", "-q", "--timeout=0.3").stderr, "--watch is silent in a pipe")

text = run("--stats=hdr", "-q", "--max-instructions=3000000").stderr
check("# message latency in ns of VM 1" in text and re.search(r"^ +Value +Percentile +TotalCount 1/\(1-Percentile\)$", text, re.M), "--stats=hdr has the latency")
check(len(re.findall(r"^#\[Max     = +[\d.]+, Total count    = +[1-9]", text, re.M)) >= 1, "... and its totals")

for option, part in (("--metrics=99999", "PORT"), ("--metrics=::1:80", "brackets"), ("--metrics=256.1.1.1:0", "not a numeric address"),
                     ("--linger=x", "seconds"), ("--linger=-1", "seconds"), ("--count=256:x", "0 to 255"), ("--observe=16:x", "0 to 15"),
                     ("--count=x", "NUMBER:NAME"), ("--stats=xml", "table, json, hdr"), ("--sample=3", "power of two")):
    got = run(option, "--max-instructions=1000")
    check(got.returncode == 2 and part in got.stderr, f"{option}: {got.stderr.strip()[:100]}")
tests.end()
