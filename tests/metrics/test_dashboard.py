#!/usr/bin/env python3
"""test_dashboard.py DASHBOARD FOLDER -- the dashboard against Grafana's published types.

The types come from npm into FOLDER, once; without node, npm or a network the
test is skipped.  The check itself must refuse a dashboard that is wrong.
"""
import json
import os
import shutil
import subprocess
import sys

from support import Failures, skip

PACKAGES = ["@grafana/schema@13.2.3", "typescript@5.9.3"]
dashboard, folder = map(os.path.abspath, sys.argv[1:3])
checker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_dashboard.cjs")
tests = Failures()

for tool in ("node", "npm"):
    if not shutil.which(tool):
        skip(f"{tool} is not installed")
os.makedirs(folder, exist_ok=True)
if not os.path.exists(os.path.join(folder, "node_modules", "typescript")):
    with open(os.path.join(folder, "package.json"), "w", encoding="utf-8") as file:
        file.write('{"private": true}')
    try:
        install = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=1", *PACKAGES], cwd=folder,
                                 capture_output=True, text=True, timeout=120)
        failed = install.returncode != 0 and install.stderr.strip()[-300:]
    except subprocess.TimeoutExpired:
        failed = "no answer in 120 s"
    if failed:
        skip("npm cannot install " + " ".join(PACKAGES) + ": " + failed)


def refused(value, *keys):
    """What the check says when the dashboard has this value at these keys."""
    with open(dashboard, encoding="utf-8") as file:
        changed = json.load(file)
    at = changed
    for key in keys[:-1]:
        at = at[key]
    at[keys[-1]] = value
    path = os.path.join(folder, "wrong.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(changed, file)
    return subprocess.run(["node", checker, path], cwd=folder, capture_output=True, text=True)


run = subprocess.run(["node", checker, dashboard], cwd=folder, capture_output=True, text=True)
tests.check(run.returncode == 0, (run.stdout + run.stderr).strip())
for value, keys in (("x", ("refreshh",)), ("5", ("panels", 1, "gridPos", "w")), ("valu", ("panels", 1, "options", "colorMode")),
                    (1, ("panels", 8, "fieldConfig", "defaults", "custom", "lineWdth")), ("s", ("panels", 2, "fieldConfig", "defaults", "unt"))):
    run = refused(value, *keys)
    tests.check(run.returncode == 1 and str(keys[-1]) in run.stderr, f"{'.'.join(map(str, keys))} = {value} is refused")
tests.end()
