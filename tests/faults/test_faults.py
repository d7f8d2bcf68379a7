#!/usr/bin/env python3
"""Lets the first calls of a run fail, one after the other, and looks at what is left.

    test_faults.py RUN FAULTS.so PROJECT TOOL...

RUN is a name of the table below; a TOOL is the path of a program, found by its name.
Whatever fails, the tool ends without a signal: with exit 0 and all it had to write, or
with 2 (a fault that is the world's, not the program's), a message, and no file that is
half written.  Run by hand with FAULT=N to see one of them.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

MOST = 200

# What is typed, and the files that come of it.  An output of a machine is written while it
# runs, so it may stop anywhere; it must begin as it should.
RUNS = {
    "lc3as": ("lc3as --listing=out.lst -o out.obj hello.asm", ["out.obj", "out.sym", "out.dbg", "out.lst"]),
    "link": ("lc3as --library=stdlib -o out.obj match.asm", ["out.obj", "out.sym", "out.dbg"]),
    "format": ("lc3as --fmt -o out.asm hello.asm", ["out.asm"]),
    "lc3dis": ("lc3dis hello.obj", []),
    "lc3gen": ("lc3gen emit --emit=manual,state -o . isa.def", ["lc3_manual.md", "lc3_state.h"]),
    "check": ("lc3gen check isa.def", []),
    "lc3run": ("lc3run -q --stats=json --dump=dump.json --output=out hello.obj", ["dump.json"]),
    "pair": ("lc3run --max-instructions=20000 --threads=2 --dump=dump.json producer.obj consumer.obj", ["dump.json"]),
    "source": ("lc3run --input=keys hello.asm", []),
    "jit": ("lc3run --engine=jit --max-instructions=20000 --dump=dump.json hello.obj", ["dump.json"]),
    "metrics": ("lc3run --metrics=0 --max-instructions=20000 hello.obj", []),
    "nic": ("lc3run --nic=pcap:small.pcap,rate=max,tx=sent.pcap --dump=dump.json count.asm", ["sent.pcap", "dump.json"]),
    "svm": ("svm --dump=dump.json --stats palindromes.svm 12", ["dump.json"]),
}

# How a run ends when nothing fails.
ENDS = {"pair": 3, "jit": 0, "metrics": 0}


def prepare(project, tools, folder):
    for name in ("hello", "match", "producer", "consumer", "nic/count"):
        shutil.copy(f"{project}/examples/{name}.asm", folder)
    shutil.copy(f"{project}/gen/isa.def", folder)
    shutil.copy(f"{project}/examples/svm/palindromes.svm", folder)
    os.symlink(f"{project}/stdlib", f"{folder}/stdlib")
    with open(f"{project}/tests/fuzz/pcap/ethernet-le-us", "rb") as capture, open(f"{folder}/small.pcap", "wb") as to:
        to.write(capture.read()[1:])  # its first byte is the fuzz target's
    with open(f"{folder}/keys", "w") as keys:
        keys.write('1000 "text"\n')
    for name in ("hello", "producer", "consumer"):
        subprocess.run([tools["lc3as"], "-o", f"{folder}/{name}.obj", f"{folder}/{name}.asm"], check=True)


def contents(folder, names):
    result = {}
    for name in names:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                result[name] = file.read()
    return result


class Run:
    def __init__(self, name, faults, tools, template):
        words = RUNS[name][0].split()
        self.command = [tools[words[0]], *words[1:]]
        self.outputs = RUNS[name][1]
        self.end = ENDS.get(name, 0)
        self.faults, self.template = faults, template
        self.wanted = self.once(10**9)

    def once(self, at):
        """Exit code, standard error, outputs, other new files, and what failed."""
        with tempfile.TemporaryDirectory() as folder:
            inside = os.path.join(folder, "run")
            shutil.copytree(self.template, inside, symlinks=True)
            before = set(os.listdir(inside))
            log = os.path.join(folder, "log")
            environment = {**os.environ, "LD_PRELOAD": self.faults, "FAULT_AT": str(at), "FAULT_LOG": log,
                           "XDG_CACHE_HOME": folder}
            done = subprocess.run(self.command, cwd=inside, env=environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=60)
            with open(log) as file:
                failed = file.read().strip()
            others = set(os.listdir(inside)) - before - set(self.outputs)
            return done.returncode, done.stderr, contents(inside, self.outputs), others, failed

    def judge(self, at):
        """None when that many calls were not made, else the complaint or ''."""
        code, said, files, others, failed = self.once(at)
        if failed.startswith("calls"):
            return None
        temporary = [name for name in others if ".tmp" in name]
        wrong = ""
        if code < 0:
            wrong = f"ended by signal {-code}"
        elif code not in (self.end, 2):
            wrong = f"exit {code}"
        elif code == 2 and not said.strip():
            wrong = "exit 2 without a message"
        elif code != 2 and files != self.wanted[2]:
            wrong = f"exit {code}, and other files"
        elif any(files[name] != self.wanted[2][name] for name in files):
            wrong = f"half-written: {[name for name in files if files[name] != self.wanted[2][name]]}"
        elif temporary:
            wrong = f"left behind: {temporary}"
        return wrong and f"call {at}, {failed}: {wrong}\n        {said.decode(errors='replace').strip()[:300]}"


def main():
    name, faults, project = sys.argv[1], *map(os.path.abspath, sys.argv[2:4])
    tools = {os.path.basename(path): os.path.abspath(path) for path in sys.argv[4:]}
    with tempfile.TemporaryDirectory() as template:
        prepare(project, tools, template)
        run = Run(name, faults, tools, template)
        if run.wanted[0] != run.end or set(run.wanted[2]) != set(run.outputs):
            sys.exit(f"{name} without a fault: exit {run.wanted[0]}, {sorted(run.wanted[2])}\n{run.wanted[1].decode()}")
        if "FAULT" in os.environ:
            print(run.once(int(os.environ["FAULT"])))
            return
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(run.judge, range(1, MOST + 1)))
    complaints = [text for text in results if text]
    print("\n".join(complaints))
    print(f"{sum(text is not None for text in results)} calls failed, {len(complaints)} complaints")
    sys.exit(bool(complaints))


main()
