#!/usr/bin/env python3
"""prove_compare.py LC3BENCH LC3BENCH_SLOWER [TRIES] [FILTER] [FOLDER] -- whether `lc3bench compare` can be believed.

TRIES times (3) two runs of the same build are compared, of which one in twenty may be marked, and
a run with one of a build that does 5 % more work in every engine, which must be marked every
time, and the C programs, which are the same in both, never.  Where compare cannot tell, both
are measured again, twice at most, as it asks for.  With FOLDER the runs are kept
there, and those that are there are used: so it can be done in pieces.

Exit 77: the machine was too disturbed all the time, and lc3bench said so.
"""
import os
import re
import subprocess
import sys
import tempfile

ENGINES = ("interp", "naive", "jit")


def measure(program, path, filter_):
    if not os.path.exists(path):
        subprocess.run([program, f"--filter={filter_}", f"--json={path}"], check=True,
                       stdout=subprocess.DEVNULL)
    return path


def compare(program, old, new):
    """The exit code, and what is said of each subject that is not just as before."""
    r = subprocess.run([program, "compare", old, new], capture_output=True, text=True)
    if r.returncode == 2:
        print(r.stderr.strip())
        return 2, dict.fromkeys(ENGINES, "cannot tell")
    return r.returncode, dict(re.findall(r"^engines +\S+ +(\S+) .* (slower|faster|cannot tell)\b", r.stdout, re.M))


def compare_slower(programs, old, folder, i, filter_):
    """What is said of the slower build, after so many times of measuring again."""
    for again in range(3):
        name = f"-again{again}" if again else ""
        if again:
            old = measure(programs[0], os.path.join(folder, f"old{i}{name}.json"), filter_)
        new = measure(programs[1], os.path.join(folder, f"slow{i}{name}.json"), filter_)
        _, said = compare(programs[0], old, new)
        if "cannot tell" not in [said.get(e) for e in ENGINES]:
            break
    return said, again


def main():
    program, slower = sys.argv[1:3]
    tries = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    filter_ = sys.argv[4] if len(sys.argv) > 4 else "fib"
    with tempfile.TemporaryDirectory() as temporary:
        folder = sys.argv[5] if len(sys.argv) > 5 else temporary
        os.makedirs(folder, exist_ok=True)
        false_alarms = found = undecided = missed = wrong = again = 0
        before = measure(program, os.path.join(folder, "same0.json"), filter_)
        for i in range(1, tries + 1):
            slow, more = compare_slower((program, slower), before, folder, i, filter_)
            after = measure(program, os.path.join(folder, f"same{i}.json"), filter_)
            code, same = compare(program, before, after)
            false_alarms += code == 1
            again += more
            said = [slow.get(e, "nothing") for e in ENGINES]
            found += said.count("slower")
            undecided += said.count("cannot tell")
            missed += said.count("nothing") + said.count("faster")
            wrong += slow.get("C") in ("slower", "faster")
            print(f"try {i}: same build: {same or 'nothing'}; slower build: {slow or 'nothing'}", flush=True)
            before = after
    print(f"{tries} tries: same build marked {false_alarms} times; slower build: {found} of {tries * len(ENGINES)} engines "
          f"marked, {missed} missed, {undecided} where the machine was too disturbed to tell; its C marked {wrong} times; "
          f"measured again {again} times")
    if false_alarms * 20 > max(tries, 20) or missed or wrong:
        return 1
    return 0 if found else 77


sys.exit(main())
