#!/usr/bin/env python3
"""profile_cost.py LC3RUN PROG [ROUNDS] -- what --profile costs, in processor time.

Runs with and without take turns; what disturbs a run only adds to it, so the least of
each side are compared.
"""
import os
import resource
import subprocess
import sys
import tempfile


def seconds(args):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(args, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    lc3run, program, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 9
    with tempfile.TemporaryDirectory() as folder:
        for engine in ("interp", "jit"):
            plain = [lc3run, "-q", f"--engine={engine}", program]
            profiled = plain[:-1] + [f"--profile={os.path.join(folder, 'p.txt')}", program]
            least = [1e9, 1e9]
            for _ in range(rounds):
                for side, args in enumerate((plain, profiled)):
                    least[side] = min(least[side], seconds(args))
            print(f"{engine}: {least[0]:.3f} s without, {least[1]:.3f} s with: {100 * (least[1] / least[0] - 1):+.2f} %")


main()
