#!/usr/bin/env python3
"""overhead.py LC3RUN PROGRAMS [--pairs=15] [--seconds=4] [--engine=E] -- what being watched costs.

Pairs of runs, one without --metrics and one with it under a scrape each second.
Both runs of a pair go on at the same time, each on its own half of the cores,
which they swap from pair to pair: what disturbs one disturbs the other. A run is
judged by what its machines executed per second of CPU time, the exporter's
included: instructions for one that computes, words for two that talk.  Prints
the median of the pairs' differences and, for scale, of pairs of equals.
"""
import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("lc3run")
parser.add_argument("programs")
parser.add_argument("--pairs", type=int, default=15)
parser.add_argument("--seconds", type=float, default=4)  # several scrapes
parser.add_argument("--engine", default="interp")
options = parser.parse_args()

BENCHES = (("instructions", ("work",), 0, 0.5), ("messages", ("source", "sink"), 1, 1.0))  # which VM, limit in %


BUSY = re.compile(r"^lc3_exporter_busy_seconds_total (\S+)$", re.M)
shares = []  # of a core, that the exporter's thread used


def scrape(url, stop):
    begin = time.monotonic()
    place = urllib.parse.urlparse(url)
    connection = http.client.HTTPConnection(place.hostname, place.port)
    try:
        while not stop.wait(1):
            connection.request("GET", "/metrics")
            used = float(BUSY.search(connection.getresponse().read().decode()).group(1))
            if used: # the first answer knows of none before it
                shares.append(used / (time.monotonic() - begin) * 100)
    except (OSError, http.client.HTTPException):
        pass  # the run has ended
    connection.close()


class Run:
    def __init__(self, names, watched, cores):
        self.dump = tempfile.NamedTemporaryFile(prefix="lc3-overhead-", suffix=".json")
        command = [options.lc3run, "-q", f"--engine={options.engine}", f"--timeout={options.seconds}", "--dump=" + self.dump.name]
        command += ["--metrics=0"] if watched else []
        self.process = subprocess.Popen(command + [os.path.join(options.programs, n + ".asm") for n in names],
                                        stderr=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        self.stop, self.scraper = threading.Event(), None
        if watched:
            url = re.search(r"http://\S+", self.process.stderr.readline()).group(0)
            self.scraper = threading.Thread(target=scrape, args=(url, self.stop))
            self.scraper.start()

    def rate(self, vm):
        """Instructions of one VM by second of CPU time of the whole process."""
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        self.stop.set()
        if self.scraper:
            self.scraper.join()
        self.process.stderr.close()
        done = json.load(open(self.dump.name, encoding="utf-8"))["vms"][vm]["instructions"]
        self.dump.close()
        return done / (usage.ru_utime + usage.ru_stime)


def difference(names, vm, is_watched, halves):
    """How much less the second run did, in percent."""
    runs = [Run(names, False, halves[0]), Run(names, is_watched, halves[1])]
    plain, other = (r.rate(vm) for r in runs)
    return (1 - other / plain) * 100


bad = 0
begin = time.time()
cores = sorted(os.sched_getaffinity(0))
if len(cores) < 2:
    sys.exit("overhead.py: needs two cores")
halves = [set(cores[:len(cores) // 2]), set(cores[len(cores) // 2:])]
for bench, names, vm, limit in BENCHES:
    watched, same = [], []
    shares.clear()
    for i in range(options.pairs):
        at = halves if i % 2 else halves[::-1]
        watched.append(difference(names, vm, True, at))
        same.append(difference(names, vm, False, at))
    cost, zero = statistics.median(watched), statistics.median(same)
    quarter = statistics.quantiles(watched, n=4)
    bad += cost >= limit
    print(f"{'ok' if cost < limit else 'NOT OK'}: {bench}, --engine={options.engine}, {options.pairs} pairs of {options.seconds:g} s: "
          f"being watched costs {cost:+.2f} % (quartiles {quarter[0]:+.2f} and {quarter[2]:+.2f}), limit {limit} %; "
          f"pairs of equals differ by {zero:+.2f} %; "
          f"the exporter's thread used {statistics.median(shares or [0]):.3f} % of a core", flush=True)
print(f"{time.time() - begin:.0f} s")
sys.exit(bad > 0)
