#!/usr/bin/env python3
"""Every damaged capture ends in frames that tshark finds too, or in a message.

LC3_CAPTURES says where they are; without it the test is skipped (exit 77), and
without tshark the frames are not compared.

    test_damaged.py LC3RUN EXAMPLES
"""
import json
import os
import shutil
import subprocess
import sys

SKIPPED = 77


def frames_by_tshark(path):
    """Also of a file that ends badly: what came before that is printed."""
    text = subprocess.run(["tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.len"], capture_output=True, text=True).stdout
    return len(text.splitlines())


def check(lc3run, examples, path, has_tshark):
    """What is wrong, or None; and whether the file was refused."""
    run = subprocess.run([lc3run, "-q", "--stats=json", "--nic=pcap:%s,rate=max" % path,
                          os.path.join(examples, "count.asm")], capture_output=True, text=True, timeout=60)
    if run.returncode == 2:
        name = os.path.basename(path)
        return (None if name in run.stderr and len(run.stderr) < 400 else "message: " + run.stderr), True
    if run.returncode:
        return "exit %d\n%s" % (run.returncode, run.stderr), False
    nic = json.loads(run.stderr.splitlines()[-1])["nic"][0]
    if nic["received"] != nic["capture"]["frames"]:
        return "received %d of %d" % (nic["received"], nic["capture"]["frames"]), False
    found = sum(nic["capture"][k] for k in ("frames", "empty", "oversize", "runt"))
    if has_tshark and found != frames_by_tshark(path):
        return "%d frames, tshark finds %d" % (found, frames_by_tshark(path)), False
    return None, False


def main():
    lc3run, examples = sys.argv[1:3]
    folder = os.environ.get("LC3_CAPTURES")
    if not folder:
        print("skipped: LC3_CAPTURES is not set, there are no captures here")
        return SKIPPED
    folder = os.path.join(folder, "damaged")
    has_tshark = shutil.which("tshark") is not None
    wrong = refused = 0
    names = sorted(os.listdir(folder))
    for name in names:
        what, is_refused = check(lc3run, examples, os.path.join(folder, name), has_tshark)
        refused += is_refused
        wrong += what is not None
        if what:
            print("not ok %s: %s" % (name, what))
    print("%d files, %d of them refused with a message, %d wrong" % (len(names), refused, wrong))
    return 1 if wrong or refused == len(names) else 0


if __name__ == "__main__":
    sys.exit(main())
