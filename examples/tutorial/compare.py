#!/usr/bin/env python3
"""compare.py PLOT.svg COUNT PROG PROG... -- LC3RUN-OPTIONS...

Runs the programs in turn with lc3run, nine times each after one for warming up, and shows how long
a program takes for each of the COUNT things that it does: median, least and most.  Programs that do
not end with the same registers R0 are not compared.  The plot needs no other file and follows the
reader's choice of dark or light.
"""
import json
import os
import statistics
import subprocess
import sys

RUNS = 9
STYLE = """<style>
text { font: 14px system-ui, sans-serif; fill: #1b1f24 } .soft { fill: #59636e }
.bar { fill: #2f6fb4 } .range { stroke: #1b1f24; stroke-width: 1.5 } .paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e8ec } .soft { fill: #9aa4ae } .bar { fill: #5b9bdd } .range { stroke: #e4e8ec } .paper { fill: #14171b }
}
</style>"""


def run(program, options):
    """Nanoseconds, instructions and the final R0 of one run."""
    made = subprocess.run(["lc3run", "-q", "--stats=json", "--dump=-", *options, program], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(made.stderr or f"{program}: lc3run ends with {made.returncode}")
    stats = json.loads(made.stderr.strip().split("\n")[-1])
    dump = json.loads(made.stdout[made.stdout.index("{"):])
    return stats["elapsed_s"] * 1e9, stats["vms"][0]["instructions"], dump["vms"][0]["reg"][0]


def measure(programs, options):
    times = {program: [] for program in programs}
    facts = {}
    for round_number in range(-1, RUNS):
        for program in programs:
            ns, instructions, result = run(program, options)
            facts[program] = (instructions, result)
            if round_number >= 0:
                times[program].append(ns)
    if len({result for _, result in facts.values()}) != 1:
        sys.exit("no comparison: " + ", ".join(f"{p} ends with R0 = {facts[p][1]}" for p in programs))
    return times, facts


def plot(path, rows):
    """A bar for each row (name, median, least, most)."""
    most = max(row[3] for row in rows)
    width, left, right = 640, 110, 150
    scale = (width - left - right) / most
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {len(rows) * 44 + 50}" role="img">', STYLE,
           f'<rect class="paper" width="{width}" height="{len(rows) * 44 + 50}"/>']
    for i, (name, middle, low, high) in enumerate(rows):
        y = 16 + i * 44
        out += [f'<text x="{left - 10}" y="{y + 20}" text-anchor="end">{name}</text>',
                f'<rect class="bar" x="{left}" y="{y}" width="{middle * scale:.1f}" height="28" rx="2"/>',
                f'<line class="range" x1="{left + low * scale:.1f}" x2="{left + high * scale:.1f}" y1="{y + 14}" y2="{y + 14}"/>',
                f'<text x="{left + high * scale + 8:.1f}" y="{y + 20}">{middle:.1f} ns</text>']
    out += [f'<text class="soft" x="{left}" y="{len(rows) * 44 + 36}">time for each; the line is least to most of {RUNS} runs</text>',
            "</svg>"]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


def main(arguments):
    if "--" not in arguments or arguments.index("--") < 4:
        sys.exit(__doc__)
    end = arguments.index("--")
    path, count, programs, options = arguments[0], int(arguments[1]), arguments[2:end], arguments[end + 1:]
    times, facts = measure(programs, options)
    rows = []
    for program in programs:
        name = os.path.splitext(os.path.basename(program))[0]
        each = sorted(ns / count for ns in times[program])
        rows.append((name, statistics.median(each), each[0], each[-1]))
        print(f"{name}: {rows[-1][1]:.1f} ns each ({each[0]:.1f} to {each[-1]:.1f}), {facts[program][0] / count:.1f} instructions")
    print(f"{rows[-1][0]} takes {rows[0][1] / rows[-1][1]:.1f} times less than {rows[0][0]}; both end with R0 = {facts[programs[0]][1]}")
    plot(path, rows)


main(sys.argv[1:])
