#!/usr/bin/env python3
"""test_startup.py LC3RUN LC3AS EMPTY PEAK HELLO.asm -- a hello world starts at once and stays small.

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
    """Seconds of one run."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def peak_memory(peak, command):
    """In MB."""
    text = subprocess.run([peak, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, text=True).stderr
    return int(text) / 1024


def main():
    lc3run, lc3as, empty, peak, hello = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory() as work:
        program = os.path.join(work, "hello.obj")
        subprocess.run([lc3as, "-o", program, hello], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(3):
            ours, theirs = [], []
            for _ in range(RUNS):
                theirs.append(once([empty]))
                ours.append(once([lc3run, "-q", program]))
            memory = peak_memory(peak, [lc3run, "-q", program])
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"hello {a * 1e6:.0f} us, empty {b * 1e6:.0f} us: {a / b:.2f} times; {memory:.1f} MB")
            if a <= TIMES * b and memory <= MEGABYTES:
                return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
