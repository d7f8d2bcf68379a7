#!/usr/bin/env python3
"""The card against its targets: a table, and with --json=FILE the same as JSON.

    nic.py BUILD [--seconds=N] [--engine=NAME] [--json=FILE] [--filter=TEXT]

BUILD is a build folder.  The programs are in tests/bench/nic and examples/nic; real
captures are used where LC3_CAPTURES says they are.  Machines of our kind take time
away from a spinning thread, so every figure that this can spoil stands beside the
share of time that was taken in the same loop.  The clock of a program's feed starts
when it has taken WARM frames, in which its code is compiled; N seconds begin there.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WARM = 3000000
EXAMPLES = os.path.join(HERE, "..", "..", "examples", "nic")


class Bench:
    def __init__(self, build, engine, seconds, wanted):
        self.engine, self.seconds, self.wanted = engine, seconds, wanted
        self.lc3run = os.path.join(build, "runtime", "lc3run")
        self.tool = os.path.join(build, "tests", "nic", "nic_bench")
        self.generator = os.path.join(build, "tests", "nic", "pcapgen")
        self.folder = tempfile.TemporaryDirectory(prefix="lc3-nic-")
        self.rows = []

    def capture(self, name, *options):
        path = os.path.join(self.folder.name, name + ".pcap")
        if not os.path.exists(path):
            subprocess.run([self.generator, *options, path], check=True)
        return path

    def row(self, name, value, unit, target, is_reached, note=""):
        self.rows.append({"name": name, "value": value, "unit": unit, "target": target, "reached": is_reached,
                          "note": note})
        print("%-44s %12.6g %-6s %-12s %-6s %s" % (name, value, unit, target, "yes" if is_reached else "NO", note))
        sys.stdout.flush()

    def measure(self, *arguments):
        text = subprocess.run([self.tool, *arguments], capture_output=True, text=True, check=True).stdout
        return json.loads(text)

    def run(self, card, *programs, options=()):
        command = [self.lc3run, "-q", "--stats=json", "--engine=" + self.engine, "--nic=" + card, *options, *programs]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit("nic.py: %s\n%s" % (" ".join(command), done.stderr))
        stats = json.loads(done.stderr.splitlines()[-1])
        return stats, stats["nic"][0]

    def wants(self, group):
        return not self.wanted or self.wanted in group


def program(name):
    return os.path.join(HERE, "nic", name + ".asm")


def wire_bytes(size):
    return size + 20  # preamble and gap; the CRC is part of the size


def index(b):
    mpps = b.measure("index", b.capture("64", "--frames=1000000"))["mpps"]
    b.row("index, 60-byte frames", mpps, "Mpps", ">= 15", mpps >= 15)


def copy(b):
    for name, value in b.measure("copy").items():
        if name.startswith("gb_s"):
            b.row("copy into words, %s bytes" % name[5:], value, "GB/s", "shown", True)


def pace(b):
    for size, frames in ((64, 1000000), (1518, 50000)):
        r = b.measure("pace", b.capture(str(size), "--frames=%d" % frames, "--size=%d" % size), "10G", str(b.seconds))
        name = "10 Gbit/s, %d-byte frames, bare reader: " % size
        off = abs(r["rate_pps"] / r["wanted_pps"] - 1) * 100
        b.row(name + "rate off by", off, "%", "<= 0.01", off <= 0.01, "%.1f pps" % r["rate_pps"])
        b.row(name + "pacing p50", r["pacing_p50_ns"], "ns", "<= 20", r["pacing_p50_ns"] <= 20,
              "p99 %d ns" % r["pacing_p99_ns"])
        late, stolen = r["late_share"] * 100, r["stolen_share"] * 100
        b.row(name + "later than 1 us", late, "%", "<= %.2f" % (stolen + 0.5), late <= stolen + 0.5,
              "stolen %.2f %%, %d gaps/s, longest %d us" % (stolen, r["gaps_per_s"], r["longest_gap_ns"] / 1000))


def passes(b, frames, frames_per_s):
    return max(1, round((WARM + b.seconds * frames_per_s) / frames))


def header(b):
    for rate, size, ring in ((10e9, 64, 32768), (10e9, 64, 4096), (25e9, 1518, 32768), (40e9, 1518, 32768)):
        frames = 1000000 if size == 64 else 50000
        path = b.capture(str(size), "--frames=%d" % frames, "--size=%d" % size)
        loop = passes(b, frames, rate / 8 / wire_bytes(size))
        stats, nic = b.run("pcap:%s,rate=%dG,loop=%d,ring=%d,warm=%d" % (path, rate / 1e9, loop, ring, WARM), program("header"))
        name = "header parser, %d Gbit/s, %d bytes, ring %d: dropped" % (rate / 1e9, size, ring)
        note = "of %d; delay p50 %d p99 %d max %d ns" % (nic["offered"], nic["delay_ns"]["p50"], nic["delay_ns"]["p99"],
                                                         nic["delay_ns"]["max"])
        is_strict = ring >= 32768
        b.row(name, nic["dropped"], "frames", "0" if is_strict else "shown", not is_strict or nic["dropped"] == 0, note)


def maximum(b):
    path = b.capture("64 few", "--frames=2000")
    stats, nic = b.run("pcap:%s,rate=max,loop=%d" % (path, 10000 * b.seconds), program("counter"))
    mpps = nic["received"] / stats["elapsed_s"] / 1e6
    b.row("rate=max, 64 bytes, counter program", mpps, "Mpps", ">= 40", mpps >= 40)


def captures(b):
    folder = os.environ.get("LC3_CAPTURES")
    if not folder:
        print("real captures: skipped, LC3_CAPTURES is not set")
        return
    path = os.path.join(folder, "iex_tops16.pcapng")
    pipeline = [os.path.join(EXAMPLES, p + ".asm") for p in ("quotes", "book")]
    loop = passes(b, 13022, 10e9 / 8 / (3081252 / 13022 + 24))
    stats, nic = b.run("pcap:%s,rate=10G,loop=%d,warm=%d" % (path, loop, WARM), *pipeline)
    note = "of %d; delay p50 %d p99 %d ns" % (nic["offered"], nic["delay_ns"]["p50"], nic["delay_ns"]["p99"])
    b.row("IEX sample at 10 Gbit/s, quotes and book: dropped", nic["dropped"], "frames", "0", nic["dropped"] == 0, note)


def overload(b):
    path = b.capture("64", "--frames=1000000")
    stats, nic = b.run("pcap:%s,rate=60Mpps,loop=%d" % (path, 20 * b.seconds), os.path.join(EXAMPLES, "count.asm"))
    lost = nic["offered"] - nic["received"] - nic["dropped"]
    b.row("60 Mpps into a slow program: unaccounted", lost, "frames", "0", lost == 0,
          "received %d, dropped %d" % (nic["received"], nic["dropped"]))


def main():
    options = dict(a[2:].split("=", 1) for a in sys.argv[1:] if a.startswith("--"))
    build = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(build) != 1:
        sys.exit(__doc__)
    b = Bench(build[0], options.get("engine", "auto"), int(options.get("seconds", 5)), options.get("filter"))
    for group in (index, copy, pace, header, maximum, captures, overload):
        if b.wants(group.__name__):
            group(b)
    if "json" in options:
        with open(options["json"], "w") as out:
            json.dump(b.rows, out, indent=1)
    return 0 if all(r["reached"] for r in b.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
