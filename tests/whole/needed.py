#!/usr/bin/env python3
"""Prints what has to be built for some suites: needed.py [--alone] BUILD SUITE...

Everything that is installed, and the programs of the suites' tests: a variant of the
build that runs two suites need not build the other ten.  --alone leaves out what is installed
and no test names: modules that are opened on demand.
"""
import json
import os
import subprocess
import sys


def introspect(build, what):
    return json.loads(subprocess.run(["meson", "introspect", build, f"--{what}"], capture_output=True, check=True).stdout)


alone = "--alone" in sys.argv[1:2]
del sys.argv[1:1 + alone]
build, suites = sys.argv[1], {f"lc3:{suite}" for suite in sys.argv[2:]}
wanted = {target for test in introspect(build, "tests") if suites & set(test["suite"]) for target in test["depends"]}
for target in introspect(build, "targets"):
    if target["id"] in wanted or (target["installed"] and not alone):
        for file in target["filename"]:
            print(os.path.relpath(file, os.path.realpath(build)))
