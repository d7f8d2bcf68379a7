#!/usr/bin/env python3
"""test_prometheus.py LC3RUN PROGRAMS MONITORING [SECONDS] -- a real Prometheus watches a real run.

It scrapes once a second; afterwards its HTTP API must know what --stats=json
says, every expression of the dashboard and every rule must have returned data,
and the slowest slices must be there as exemplars (so it took OpenMetrics).
"""
import json
import math
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

from support import Failures, Program, fetch, skip

lc3run, programs, monitoring = sys.argv[1:4]
seconds = int(sys.argv[4]) if len(sys.argv) > 4 else 30
tests = Failures()
check = tests.check

for tool in ("prometheus", "promtool"):
    if not shutil.which(tool):
        skip(f"{tool} is not installed (Debian: prometheus)")


def write_capture(path):
    """64 frames of UDP, a microsecond apart."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i in range(64):
            frame = bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, i, 8, 0]) + bytes([0x45, 0, 0, 46]) + bytes(42)
            out.write(struct.pack("<IIII", 1, i, len(frame), len(frame)) + frame)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Prometheus:
    def __init__(self, home, target):
        with open(os.path.join(monitoring, "prometheus.yml"), encoding="utf-8") as file:
            text = file.read()
        assert "localhost:9464" in text
        with open(os.path.join(home, "prometheus.yml"), "w", encoding="utf-8") as file:
            file.write(text.replace("localhost:9464", target))
        shutil.copy(os.path.join(monitoring, "lc3.rules.yml"), home)
        self.url = f"http://127.0.0.1:{free_port()}/"
        self.log = open(os.path.join(home, "log"), "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=" + os.path.join(home, "prometheus.yml"), "--storage.tsdb.path=" + os.path.join(home, "data"),
             "--web.listen-address=" + self.url[7:-1], "--enable-feature=exemplar-storage"], stdout=self.log, stderr=self.log)
        self.wait_until_ready()

    def wait_until_ready(self):
        for _ in range(200):
            try:
                fetch(self.url + "-/ready")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("prometheus does not start: " + open(self.log.name, encoding="utf-8").read())

    def ask(self, path, **arguments):
        answer = json.loads(fetch(self.url + "api/v1/" + path + "?" + urllib.parse.urlencode(arguments)))
        assert answer["status"] == "success", answer
        return answer["data"]

    def value(self, expression):
        result = self.ask("query", query=expression)["result"]
        return float(result[0]["value"][1]) if len(result) == 1 else None

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def compare_with_statistics(prometheus, stats):
    def same(expression, expected, what):
        found = prometheus.value(expression)
        check(found == expected, f"{what}: {expression} is {found}, --stats=json says {expected}")

    def close(expression, expected, what, part):
        found = prometheus.value(expression)
        good = found is not None and abs(found - expected) <= part * abs(expected) + 1e-12
        check(good, f"{what}: {expression} is {found}, --stats=json says {expected:g}")

    for i, vm in enumerate(stats["vms"]):
        for name, key in (("instructions", "instructions"), ("messages_sent", "sent"), ("messages_received", "received")):
            same(f'lc3_{name}_total{{vm="{i}"}}', vm[key], f"VM {i}")
        latency = vm["latency_ns"]
        if latency["count"]:
            same(f'lc3_message_latency_seconds_count{{vm="{i}"}}', latency["count"], f"VM {i}")
            mean = f'lc3_message_latency_seconds_sum{{vm="{i}"}} / lc3_message_latency_seconds_count{{vm="{i}"}}'
            close(mean, latency["mean"] * 1e-9, f"VM {i}", 0.001)
            # Classic buckets are coarse: the quantile must lie in the bucket of the exact one.
            p50 = prometheus.value(f'histogram_quantile(0.5, lc3_message_latency_seconds_bucket{{vm="{i}"}})')
            check(p50 is not None and latency["p50"] * 1e-9 / 2.6 < p50 < latency["p50"] * 1e-9 * 2.6,
                  f"VM {i}: p50 from buckets is {p50}, exact {latency['p50'] * 1e-9:g}")
        close(f'lc3_instruction_seconds_sum{{vm="{i}"}} / lc3_instruction_seconds_count{{vm="{i}"}}',
              vm["slice_ns_per_instruction"]["mean"] * 1e-9, f"VM {i}", 0.001)
    for nic in stats["nic"]:
        for name, key in (("offered_frames", "offered"), ("received_frames", "received"), ("dropped_frames", "dropped"),
                          ("received_bytes", "bytes")):
            same(f"sum(lc3_nic_{name}_total)", nic[key], "network card")
        same("sum(lc3_nic_delay_seconds_count)", nic["delay_ns"]["count"], "network card")


def fill_in(expression, interval):
    return (expression.replace("$__rate_interval", interval).replace("$instance", ".*").replace("$vm", ".*"))


def has_numbers(result):
    return any(math.isfinite(float(v[1])) for series in result for v in series.get("values", [series.get("value")]))


def run_dashboard(prometheus, begin, end, has_jit):
    with open(os.path.join(monitoring, "grafana/dashboards/lc3.json"), encoding="utf-8") as file:
        dashboard = json.load(file)
    done = 0
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            if not has_jit and "lc3_jit" in target["expr"]:
                continue
            expression = fill_in(target["expr"], "4s")
            result = prometheus.ask("query_range", query=expression, start=begin, end=end, step=1)["result"]
            done += 1
            if not has_numbers(result):
                check(False, f"panel \"{panel['title']}\": no data from {expression}")
    check(done > 20, f"{done} expressions of the dashboard were run")
    for variable in dashboard["templating"]["list"]:
        match = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"])
        series = prometheus.ask("series", **{"match[]": fill_in(match.group(1), "")})
        check(any(match.group(2) in s for s in series), f"variable {variable['name']} has values")


def run_rules(prometheus, has_jit):
    for group in prometheus.ask("rules")["groups"]:
        for rule in group["rules"]:
            check(rule["health"] == "ok", f"rule {rule['name']} is evaluated: {rule.get('lastError', '')}")
            if rule["type"] == "recording":
                check(prometheus.ask("query", query=rule["name"] + "[1m]")["result"] != [], f"rule {rule['name']} has recorded")


def main(home):
    capture = os.path.join(home, "frames.pcap")
    write_capture(capture)
    paths = [os.path.join(programs, name + ".asm") for name in ("card", "stage", "sink")]
    command = [lc3run, "--metrics=0", f"--timeout={seconds}", "--linger=60", "--stats=json",
               f"--nic=pcap:{capture},rate=300kpps,loop=10000000", *paths]
    with Program(*command) as run:
        lint = subprocess.run(["promtool", "check", "metrics"], input=fetch(run.url + "metrics"), text=True, capture_output=True)
        check(lint.returncode == 0 and not lint.stdout + lint.stderr, "promtool check metrics " + lint.stdout + lint.stderr)
        has_jit = "lc3_jit_" in fetch(run.url + "metrics")
        prometheus = Prometheus(home, urllib.parse.urlparse(run.url).netloc)
        begin = time.time()
        try:
            stats = None
            while stats is None:
                line = run.process.stdout.readline()
                assert line, "lc3run has ended without statistics"
                stats = json.loads(line) if line.startswith('{"elapsed_s"') else None
            end = time.time()
            time.sleep(2.5) # for the last scrape
            check(prometheus.value("up") == 1 and prometheus.value("count_over_time(up[5m])") >= seconds * 0.8, "the target is up")
            compare_with_statistics(prometheus, stats)
            run_dashboard(prometheus, begin, end, has_jit)
            run_rules(prometheus, has_jit)
            exemplars = prometheus.ask("query_exemplars", query="lc3_instruction_seconds_bucket", start=begin - 60, end=end + 60)
            labels = [e["labels"] for s in exemplars for e in s["exemplars"]]
            check(any(int(at["instruction"]) > 0 for at in labels), f"{len(labels)} exemplars name an instruction")
        finally:
            prometheus.stop()
    tests.end()


with tempfile.TemporaryDirectory(prefix="lc3-prometheus-") as directory:
    main(directory)
