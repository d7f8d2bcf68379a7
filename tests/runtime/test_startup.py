#!/usr/bin/env python3
"""test_startup.py LC3RUN LC3AS EMPTY HELLO.asm -- a hello world starts at once and stays small.

Median time from start to exit of 50 runs at most 3 times that of an empty C
program, run in turns; at most 8 MB resident.  Noise on a shared machine is given
three chances.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS, TIMES, MEGABYTES = 50, 3.0, 8.0


def once(command):
    """Seconds and peak memory in MB of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    if status:
        sys.exit(f"{command}: status {status}")
    return took, usage.ru_maxrss / 1024


def main():
    lc3run, lc3as, empty, hello = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory() as work:
        program = os.path.join(work, "hello.obj")
        subprocess.run([lc3as, "-o", program, hello], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(3):
            ours, theirs, memory = [], [], 0.0
            for _ in range(RUNS):
                theirs.append(once([empty])[0])
                took, peak = once([lc3run, "-q", program])
                ours.append(took)
                memory = max(memory, peak)
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"hello {a * 1e6:.0f} us, empty {b * 1e6:.0f} us: {a / b:.2f} times; {memory:.1f} MB")
            if a <= TIMES * b and memory <= MEGABYTES:
                return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
