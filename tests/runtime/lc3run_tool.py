"""Runs lc3run for the tests beside this file."""
import json
import os
import subprocess
import sys
import tempfile
import traceback

LC3RUN = None
WORK = None
FAILED = []


class Result:
    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    def stats(self):
        return json.loads(self.err.decode().splitlines()[-1])

    def __repr__(self):
        return f"exit {self.code}\nout: {self.out!r}\nerr: {self.err.decode(errors='replace')}"


def run(*args, stdin=b"", timeout=60):
    """lc3run in the work folder, with exact bytes as its input."""
    return Result(subprocess.run([LC3RUN, *args], input=stdin, capture_output=True, timeout=timeout, cwd=WORK))


def write(name, text):
    """A file in the work folder; programs get their .ORIG and .END."""
    if name.endswith(".asm") and ".ORIG" not in text:
        text = "        .ORIG x3000\n" + text + "\n        .END\n"
    mode = "wb" if isinstance(text, bytes) else "w"
    with open(os.path.join(WORK, name), mode) as file:
        file.write(text)
    return name


def read(name):
    with open(os.path.join(WORK, name), "rb") as file:
        return file.read()


def dump(*args, **more):
    result = run("-q", "--dump=dump.json", *args, **more)
    return result, json.loads(read("dump.json"))["vms"]


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def main(tests):
    """Runs the functions whose names begin with an argument, or all."""
    global LC3RUN, WORK
    LC3RUN = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        WORK = folder
        for test in tests:
            if wanted and test is not tests[0] and not any(test.__name__.startswith(w) for w in wanted):
                continue
            try:
                test()
            except Exception:
                FAILED.append(test.__name__)
                print(f"FAILED {test.__name__}")
                traceback.print_exc(limit=-2, file=sys.stdout)
    print(f"{len(tests) - len(FAILED)} of {len(tests)} hold")
    sys.exit(1 if FAILED else 0)
