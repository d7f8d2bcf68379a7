#!/usr/bin/env python3
"""test_lc3bench.py LC3BENCH -- files, pages and comparisons of lc3bench; not its figures."""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

LC3BENCH = os.path.abspath(sys.argv[1])
WORK = tempfile.mkdtemp()
FAILED = []


def run(*args):
    return subprocess.run([LC3BENCH, *args], capture_output=True, text=True, cwd=WORK, timeout=100)


def expect(what, is_right, *seen):
    if not is_right:
        FAILED.append(what)
        print("FAILED:", what, *seen)


def save(name, record):
    with open(os.path.join(WORK, name), "w") as file:
        json.dump(record, file) if not isinstance(record, str) else file.write(record)
    return name


def made(times, subject="interp", clock="cpu", calibration=0.001):
    """A record with five processes; times[p] are their repetitions."""
    samples = [[p, t, calibration] for p, part in enumerate(times) for t in part]
    return {"lc3bench": 1, "version": "0", "date": "2020", "machine": {"processor": "P", "kernel": "K", "cores": 2},
            "compiler": "cc", "load": [0, 0], "calibration": calibration, "curves": [],
            "results": [{"suite": "engines", "name": "fib", "subject": subject, "unit": "instruction",
                         "clock": clock, "count": 1000, "samples": samples}]}


def even(seconds, spread=0.01):
    return [[seconds * (1 + spread * i / 5) for i in range(6)] for _ in range(5)]


def a_run_is_written_and_read():
    r = run("--filter=fib", "--repetitions=1", "--json=a.json", "--html=a.html")
    expect("a run", r.returncode == 0 and "fib" in r.stdout, r)
    record = json.load(open(os.path.join(WORK, "a.json")))
    expect("its machine", record["machine"]["cores"] >= 1 and record["compiler"] and len(record["load"]) == 2, record)
    subjects = {x["subject"]: x for x in record["results"]}
    expect("its subjects", {"interp", "naive", "C"} <= set(subjects), subjects.keys())
    for x in subjects.values():
        expect("five processes", sorted({s[0] for s in x["samples"]}) == list(range(5)), x)
        expect("the median is inside its interval", x["ns"]["low"] <= x["ns"]["median"] <= x["ns"]["high"], x)
    page = open(os.path.join(WORK, "a.html")).read()
    expect("the page holds all", all(f">{s}</span>" in page for s in subjects), page[:500])
    expect("nothing from elsewhere", not re.search(r"(src|href)=|@import|url\(", page))
    for svg in re.findall(r"<svg.*?</svg>", page, re.S):
        expect("its drawings are well-formed", "path" in svg and "rect" in svg, svg)
    r = run("compare", "a.json", "a.json")
    expect("a run is like itself", r.returncode == 0 and "0 changed" in r.stdout, r)


def changes_are_marked():
    save("old.json", made(even(1)))
    for factor, code, word in ((1, 0, ""), (1.01, 0, ""), (1.05, 1, "slower"), (0.95, 1, "faster"), (2, 1, "slower")):
        save("new.json", made(even(factor)))
        r = run("compare", "old.json", "new.json")
        expect(f"times {factor}", r.returncode == code and word in r.stdout, r)
    for pace in (0.95, 1.05):  # a processor that is faster or slower all the time
        save("new.json", made(even(pace), calibration=0.001 * pace))
        r = run("compare", "old.json", "new.json")
        expect(f"a pace of {pace}", r.returncode == 0 and "0 changed" in r.stdout, r)
    save("new.json", made(even(1.05), clock="cold"))
    expect("what others decide may differ", run("compare", "old.json", "new.json").returncode == 0)
    noisy = [[1.05 + 0.08 * p + 0.05 * i for i in range(6)] for p in range(5)]
    save("new.json", made(noisy))
    r = run("compare", "old.json", "new.json")
    expect("a noisy run decides nothing", r.returncode == 0 and "cannot tell" in r.stdout, r)


def disturbed_repetitions_do_not_count():
    save("old.json", made(even(1)))
    record = made(even(1))
    for p in range(5):  # what a neighbour slowed down, as its calibration shows
        record["results"][0]["samples"] += [[p, 1.4, 0.0016]] * 20
    save("new.json", record)
    expect("disturbed", run("compare", "old.json", "new.json").returncode == 0)
    record = made(even(1.1), calibration=0.0016)  # undisturbed only beside what was slow for another reason
    record["calibration"] = 0.001
    record["results"][0]["samples"] += [[p, 2, 0.001] for p in range(5)]
    save("new.json", record)
    r = run("compare", "old.json", "new.json")
    expect("a least that was disturbed", r.returncode == 0 and "cannot tell" in r.stdout, r)
    slow = made(even(1.4), calibration=0.0016)
    save("new.json", slow)
    r = run("compare", "old.json", "new.json")
    expect("never undisturbed", r.returncode == 2 and "measure again" in r.stderr, r)


def other_files_are_refused():
    save("old.json", made(even(1)))
    other = copy.deepcopy(made(even(1)))
    other["machine"]["processor"] = "Q"
    cases = {"other.json": (other, "different machines"), "not.json": ("{\"a\":", "not JSON at byte 5"),
             "else.json": ({"a": 1}, "not a result of lc3bench"), "empty.json": ("", "not JSON at byte 0")}
    broken = made(even(1))
    broken["results"][0]["samples"][0] = [9, 1, 1]
    cases["broken.json"] = (broken, "result 1 is not whole")
    for name, (record, message) in cases.items():
        save(name, record)
        r = run("compare", "old.json", name)
        expect(name, r.returncode == 2 and message in r.stderr and name in r.stderr, r)
    for args in (["compare", "old.json"], ["compare", "old.json", "nowhere.json"], ["--matrix=colour"], ["--json"],
                 ["--html=/nowhere/x.html"], ["--bogus"]):
        r = run(*args)
        expect(args, r.returncode == 2 and r.stderr.startswith("lc3bench:"), r)
    save("new.json", made(even(1), subject="other"))
    r = run("compare", "old.json", "new.json")
    expect("nothing in common", r.returncode == 2 and "no case in common" in r.stderr, r)


def the_matrix_covers_its_axes():
    r = run("--matrix=dispatch,flags", "--filter=fib", "--repetitions=1", "--json=m.json")
    expect("a matrix", r.returncode == 0, r)
    cells = {x["subject"] for x in json.load(open(os.path.join(WORK, "m.json")))["results"]}
    expect("its cells", len(cells) >= 4 and all(re.fullmatch(r"\w+ addr (lazy|eager) fused", c) for c in cells), cells)


for test in (a_run_is_written_and_read, changes_are_marked, disturbed_repetitions_do_not_count, other_files_are_refused,
             the_matrix_covers_its_axes):
    test()
print("failed:", FAILED) if FAILED else print("lc3bench: all as it should be")
sys.exit(1 if FAILED else 0)
