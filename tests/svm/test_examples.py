#!/usr/bin/env python3
"""Every program of examples/svm does what its own comments say, on every engine.

    test_examples.py SVM FOLDER
"""
import json
import pathlib
import re
import subprocess
import sys

from engines import engines, listed

svm, folder = sys.argv[1], pathlib.Path(sys.argv[2])
failures = count = 0
for file in sorted(folder.glob("*.svm")):
    says = re.findall(r"^# (args|in|out|stack|exit): (.*)$", file.read_text(), re.M)
    wants = {k: [v for key, v in says if key == k] for k in ("args", "in", "out", "stack", "exit")}
    args = wants["args"][0].split() if wants["args"] else []
    for engine in engines(svm):
        count += 1
        p = subprocess.run([svm, *engine, "--dump=/dev/stderr", file, "--", *args], text=True,
                           input="".join(line + "\n" for line in wants["in"]), capture_output=True, timeout=60)
        stack = json.loads(p.stderr.splitlines()[-1])["stack"]  # behind what else was said
        bad = p.stdout != "".join(line + "\n" for line in wants["out"]) or p.returncode != int((wants["exit"] or [0])[0])
        if bad or (wants["stack"] and stack != json.loads(wants["stack"][0])) or not (wants["out"] or wants["stack"]):
            failures += 1
            print(f"{file.name} ({engine[-1]}): exit {p.returncode}, {p.stdout!r}, {stack}, {p.stderr}")


def counted(engine):
    """What a run of some 0.1 s says, long enough for auto to have code compiled and to go on in it."""
    p = subprocess.run([svm, engine, "--stats=json", folder / "fib.svm", "32"], capture_output=True, text=True, timeout=60)
    return p.stdout, json.loads(p.stderr.splitlines()[-1])["instructions"]


for engine in listed(svm, "--engine=none"):
    if counted(f"--engine={engine}") != ("2178309\n", 151556831):
        failures += 1
        print(f"fib.svm 32 ({engine}): {counted(f'--engine={engine}')}")
print(f"{count} runs, {failures} failures")
sys.exit(failures > 0 or count < 12)
