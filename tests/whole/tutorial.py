#!/usr/bin/env python3
"""tutorial.py SOURCE_ROOT README.md CC BIN_DIR... -- runs a page's commands, word for word.

Blocks marked `sh` run in order in one folder.  Each line of an `output` block must be among the lines
that the commands before it wrote; in a `figures` block numbers may be others.  Where there is no cc, it is CC.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile


def blocks(text):
    return re.findall(r"^```(sh|output|figures)\n(.*?)^```$", text, re.S | re.M)


def plain(line, is_exact):
    return line if is_exact else re.sub(r"\d+(\.\d+)?", "N", line)


def main(root, page, compiler, *bins):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    environment = dict(os.environ, PATH=os.pathsep.join([*bins, os.environ["PATH"]]), LC3_LIBRARY=f"{root}/stdlib")
    failures, said = 0, ""
    with tempfile.TemporaryDirectory() as work:
        for folder in ("gen", "examples", "stdlib"):
            os.symlink(f"{root}/{folder}", f"{work}/{folder}")
        if not shutil.which("cc"):
            os.mkdir(f"{work}/bin")
            os.symlink(shutil.which(compiler), f"{work}/bin/cc")
            environment["PATH"] += f"{os.pathsep}{work}/bin"
        for kind, body in blocks(text):
            if kind == "sh":
                made = subprocess.run(["bash", "-euo", "pipefail", "-c", body], cwd=work, env=environment, text=True,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      check=False)
                said = made.stdout
                if made.returncode:
                    print(f"FAILED: exit {made.returncode} of\n{body}{said}")
                    return 1
                continue
            lines = {plain(line, kind == "output") for line in said.split("\n")}
            for line in body.rstrip("\n").split("\n"):
                if plain(line, kind == "output") not in lines:
                    print(f"FAILED: nothing says '{line}' but\n{said}")
                    failures += 1
        plots = re.findall(r"!\[.*?\]\((.*?)\)", text)
        for plot in plots:
            with open(f"{work}/{plot}", encoding="utf-8") as file:
                failures += "<svg" not in file.read()
    print("the page is right" if not failures else f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
