#!/usr/bin/env python3
"""A long mixed run: two machines that talk, one that reads a card, a scraper that asks.

    soak.py LC3RUN LC3AS CAPTURE [--seconds=3600] [--pause=1]

The sender counts; the receiver faults on any word that is not the next, so a run that ends
by its time has lost nothing.  Meanwhile: memory must not grow after the warm-up, counters
never go back, what was received never exceeds what was sent, and the second half's latency
is that of the first.  Prints one line of JSON; exit 1 when something does not hold.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

SENDER = """.ORIG x3000
LOOP    TRAP x30
        ADD R0, R0, #1
        BR LOOP
        .END
"""
RECEIVER = """.ORIG x3000
LOOP    TRAP x31
        NOT R2, R0
        ADD R2, R2, #1
        ADD R2, R2, R1
        BRnp LOST
        ADD R1, R1, #1
        BR LOOP
LOST    .FILL xD000             ; no instruction: a fault, with its place
        .END
"""
READER = """.ORIG x3000
LOOP    LD R0, FRAME
        LD R1, ROOM
        TRAP x38
        ADD R1, R1, #0
        BRnp LOOP
        HALT
FRAME   .FILL x8000
ROOM    .FILL #64
        .END
"""
SERIES = re.compile(r"^(\w+)(?:\{([^}]*)\})? (\S+)$", re.M)
GROWTH_KIB = 1024
DRIFT = 4  # a bucket's neighbours; the machine's own noise moves percentiles as well


def scrape(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        text = answer.read().decode()
    return {(name, labels or ""): float(value) for name, labels, value in SERIES.findall(text)}


def total(series, name):
    return sum(value for (key, _), value in series.items() if key == name)


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


def percentile(before, after, name, share):
    """The bound below which that share of what came between two scrapes lies."""
    counts = {}
    for (key, labels), value in after.items():
        if key == name + "_bucket":
            bound = re.search(r'le="([^"]*)"', labels)[1]
            bound = float("inf") if bound == "+Inf" else float(bound)
            counts[bound] = counts.get(bound, 0) + value - before.get((key, labels), 0)
    wanted = share * counts.get(float("inf"), 0)
    return next((bound for bound in sorted(counts) if counts[bound] >= wanted and wanted), None)


class Soak:
    def __init__(self):
        self.wrong, self.samples = [], []

    def check(self, name, is_right, detail):
        if not is_right and len(self.wrong) < 20:
            self.wrong.append(f"{name}: {detail}")

    def sample(self, process, url):
        now = scrape(url)
        if self.samples:
            before = self.samples[-1][1]
            for (name, labels), value in now.items():
                if name.endswith("_total") or name.endswith("_bucket"):
                    self.check("a counter went back", value >= before.get((name, labels), 0), (name, labels, value))
        self.samples.append((time.monotonic(), now, resident_kib(process.pid)))

    def judge(self, stats):
        sender, receiver, reader = stats["vms"]
        self.check("words are lost", 0 <= sender["sent"] - receiver["received"] <= 1 << 16, (sender, receiver))
        card = stats["nic"][0]
        self.check("the card's account", card["offered"] == card["received"] + card["dropped"], card)
        self.check("the card read frames", card["received"] > 0, card)
        warm = self.samples[max(1, len(self.samples) // 10):]
        growth = warm[-1][2] - warm[0][2]
        self.check("memory grows", growth <= GROWTH_KIB, f"{growth} KiB")
        halves = (self.samples[0][1], self.samples[len(self.samples) // 2][1], self.samples[-1][1])
        drift = {}
        for share in (0.5, 0.99):
            first, second = (percentile(halves[i], halves[i + 1], "lc3_message_latency_seconds", share) for i in (0, 1))
            drift[f"p{share * 100:g}_s"] = [first, second]
            self.check("latency drifts", first and second and max(first, second) <= DRIFT * 2.2 * min(first, second), drift)
        return {"words": receiver["received"], "frames": card["received"], "dropped": card["dropped"], "scrapes": len(self.samples),
                "instructions": sum(vm["instructions"] for vm in stats["vms"]), "resident_kib": [warm[0][2], warm[-1][2]],
                "elapsed_s": stats["elapsed_s"], "latency_le": drift, "wrong": self.wrong}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lc3run")
    parser.add_argument("lc3as")
    parser.add_argument("capture")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--pause", type=float, default=1)
    arguments = parser.parse_args()
    soak = Soak()
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for name, text in (("sender", SENDER), ("receiver", RECEIVER), ("reader", READER)):
            with open(f"{folder}/{name}.asm", "w") as file:
                file.write(text)
            objects.append(f"{folder}/{name}.obj")
            subprocess.run([arguments.lc3as, "-Wno-all", "-o", objects[-1], f"{folder}/{name}.asm"], check=True)
        with open(arguments.capture, "rb") as capture, open(f"{folder}/feed.pcap", "wb") as to:
            to.write(capture.read()[1:])  # its first byte is the fuzz target's
        log = open(f"{folder}/log", "w+")
        # A cache of its own, empty: what an earlier run left would put off LLVM's start (30 MB) until some
        # later code is compiled, and that is no growth.
        environment = os.environ | {"XDG_CACHE_HOME": folder}
        process = subprocess.Popen([arguments.lc3run, "--metrics=0", "--link=0:1", "--stats=json", f"--timeout={arguments.seconds}",
                                    f"--nic=pcap:{folder}/feed.pcap,rate=100kpps,loop=1000000000,queue=2", *objects], stderr=log, env=environment)
        url = None
        while not url and process.poll() is None:
            time.sleep(0.05)
            with open(f"{folder}/log") as said:
                url = re.search(r"http://\S+", said.read())
        while url and process.poll() is None:
            try:
                soak.sample(process, url[0] + "metrics")
            except OSError:
                break  # it ends
            time.sleep(arguments.pause)
        code = process.wait(60)
        with open(f"{folder}/log") as said:
            text = said.read()
        if code != 3 or len(soak.samples) < 4:
            sys.exit(f"exit {code}, {len(soak.samples)} scrapes\n{text}")
        result = soak.judge(json.loads(text.splitlines()[-1]))
    print(json.dumps(result))
    sys.exit(bool(soak.wrong))


main()
