#!/usr/bin/env python3
"""prove_compare.py LC3BENCH LC3BENCH_SLOWER [TRIES] [FILTER] [FOLDER] -- whether `lc3bench compare` can be believed.

TRIES times (3) two runs of the same build are compared, of which one in twenty may be marked, and
a run with one of a build that does 5 % more work in every engine, which must be marked every
time, and the C programs, which are the same in both, never.  With FOLDER the runs are kept
there, and those that are there are used: so it can be done in pieces.
"""
import os
import subprocess
import sys
import tempfile

ENGINES = ("interp", "naive", "jit")


def measure(program, path, filter_):
    if not os.path.exists(path):
        subprocess.run([program, f"--filter={filter_}", "--repetitions=8", f"--json={path}"], check=True,
                       stdout=subprocess.DEVNULL)
    return path


def compare(program, old, new):
    """The exit code, and what was marked: {subject: mark}."""
    r = subprocess.run([program, "compare", old, new], capture_output=True, text=True)
    if r.returncode == 2:
        print(r.stderr.strip())
        return 2, {}
    rows = [line.split() for line in r.stdout.splitlines() if line.startswith("engines")]
    return r.returncode, {row[2]: " ".join(row[9:]) for row in rows if "slower" in row[9:][0] or "faster" in row[9:][0]}


def main():
    program, slower = sys.argv[1:3]
    tries = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    filter_ = sys.argv[4] if len(sys.argv) > 4 else "fib"
    with tempfile.TemporaryDirectory() as temporary:
        folder = sys.argv[5] if len(sys.argv) > 5 else temporary
        os.makedirs(folder, exist_ok=True)
        false_alarms = missed = wrong = 0
        before = measure(program, os.path.join(folder, "same0.json"), filter_)
        for i in range(1, tries + 1):
            slow = measure(slower, os.path.join(folder, f"slow{i}.json"), filter_)
            after = measure(program, os.path.join(folder, f"same{i}.json"), filter_)
            code, marked = compare(program, before, after)
            false_alarms += code != 0
            code, slow_marked = compare(program, before, slow)
            missed += sum("slower" not in slow_marked.get(e, "") for e in ENGINES)
            wrong += "C" in slow_marked
            print(f"try {i}: same build {marked or 'nothing'}; slower build {slow_marked or 'nothing'}", flush=True)
            before = after
    print(f"{tries} tries: same build marked {false_alarms} times; of the slower build {missed} of "
          f"{tries * len(ENGINES)} engines missed, C marked {wrong} times")
    return 1 if false_alarms * 20 > max(tries, 20) or missed or wrong else 0


sys.exit(main())
