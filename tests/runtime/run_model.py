#!/usr/bin/env python3
"""run_model.py CC -- checks ring.pml with Spin: it holds, and fails when an order is left out.

Skipped (77) where Spin is not installed.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

FAULTS = ["", "-DRELAXED_CLOSE", "-DRELAXED_PARK", "-DEARLY_HEAD", "-DNO_SECOND_LOOK"]


def errors(cc, model, define, work):
    subprocess.run(["spin", *define.split(), "-a", model], cwd=work, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*cc, "-w", "-O1", "-DSAFETY", "-o", "pan", "pan.c"], cwd=work, check=True)
    text = subprocess.run(["./pan", "-m100000"], cwd=work, capture_output=True, text=True, timeout=200).stdout
    found = re.search(r"errors: (\d+)", text)
    states = re.search(r"(\d+) states, stored", text)
    return int(found.group(1)), int(states.group(1)), "max search depth too small" in text


def main():
    cc, model = sys.argv[1:], os.path.join(os.path.dirname(os.path.abspath(__file__)), "ring.pml")
    if not shutil.which("spin"):
        print("skipped: Spin is not installed")
        return 77
    bad = 0
    for define in FAULTS:
        with tempfile.TemporaryDirectory() as work:
            count, states, is_cut = errors(cc, model, define, work)
        good = not is_cut and (count == 0) == (define == "")
        print(f"{define or 'as it is'}: {count} errors in {states} states{'' if good else '  <- wrong'}")
        bad += not good
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
