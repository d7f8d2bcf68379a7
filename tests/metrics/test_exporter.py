#!/usr/bin/env python3
"""test_exporter.py FAKE_SOURCE -- what the exporter answers, and whom it does not let spoil it.

Invented VMs stand behind it, so this needs no machine.  promtool is used where
it is installed.
"""
import http.client
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse

from support import Failures, Program, fetch, samples, total

fake = sys.argv[1]
tests = Failures()
check = tests.check


def ask(url, method="GET", path="/metrics", headers=None, body=None):
    place = urllib.parse.urlparse(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def raw(url, data, wait=3):
    """Sends bytes as they are; returns what came back before the other side closed or `wait` seconds."""
    place = urllib.parse.urlparse(url)
    with socket.create_connection((place.hostname, place.port), timeout=wait) as s:
        got = b""
        try:
            s.sendall(data)
            while piece := s.recv(65536):
                got += piece
        except OSError:
            pass
        return got


def test_formats(url):
    answer, text = ask(url)
    check(answer.status == 200, "/metrics answers")
    check(answer.getheader("Content-Type") == "text/plain; version=0.0.4; charset=utf-8", "plain text without Accept")
    answer, open_text = ask(url, headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    check(answer.getheader("Content-Type").startswith("application/openmetrics-text; version=1.0.0"), "OpenMetrics when asked for")
    check(open_text.endswith(b"\n# EOF\n"), "OpenMetrics ends with EOF")
    plain, opened = samples(text.decode()), samples(open_text.decode())
    same = all(opened[name] == rows for name, rows in plain.items() if name.startswith("lc3_") and "exporter" not in name)
    check(same, "both formats have the same samples")
    for labels, count in plain["lc3_message_latency_seconds_count"]:
        buckets = [v for at, v in plain["lc3_message_latency_seconds_bucket"] if at["vm"] == labels["vm"]]
        check(buckets == sorted(buckets) and buckets[-1] == count and len(buckets) == 33, f"buckets of VM {labels['vm']} add up")
    if shutil.which("promtool"):
        lint = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
        check(lint.returncode == 0 and not lint.stdout and not lint.stderr, "promtool check metrics: " + (lint.stdout + lint.stderr).decode())
    else:
        print("no promtool: its check is left out")


def test_paths(url):
    check(ask(url, path="/healthz")[1] == b"ok: running\n", "/healthz")
    answer, page = ask(url, path="/")
    check(answer.status == 200 and b"<script>" in page and "default-src 'none'" in answer.getheader("Content-Security-Policy"), "the page")
    check(b"http://" not in page.replace(b"http://www.w3.org/2000/svg", b"") and b"https://" not in page, "the page names no outside resource")
    check(ask(url, path="/nothing")[0].status == 404, "404 for other paths")
    check(ask(url, path="/metrics/../../etc/passwd")[0].status == 404, "404 for paths with ..")
    for method in ("POST", "PUT", "DELETE", "BREW"):
        check(ask(url, method, body="x=1" if method == "POST" else None)[0].status == 405, f"405 for {method}")
    answer, body = ask(url, "HEAD")
    check(answer.status == 200 and not body, "HEAD has no body")
    live = fetch(url + "live.json?family=lc3_user_order_size&vm=1")
    check('"family":"lc3_user_order_size","vm":"1"' in live, "/live.json gives the histogram asked for")
    check('"histogram":null' in fetch(url + "live.json?family=%22%3Cx&vm=%00"), "/live.json with nonsense")


def test_malformed(url):
    check(b"200 OK" not in raw(url, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)), "a TLS greeting is no request")
    check(b"200 OK" not in raw(url, b"GET\r\n\r\n"), "no path")
    check(b"200 OK" not in raw(url, b"\0" * 5000), "zeros")
    big = raw(url, b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100000 + b"\r\n\r\n")
    check(b"200 OK" not in big, "a header of 100,000 bytes is refused")
    many = raw(url, b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20000 + b"\r\n")
    check(b"200 OK" not in many, "20,000 header lines are refused")
    check(b"200 OK" not in raw(url, b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 2), "a negative length")
    check(ask(url)[0].status == 200, "still there")


def test_slow_clients(url):
    """A thousand clients that send a byte now and then; somebody in earnest gets through."""
    place = urllib.parse.urlparse(url)
    clients = []
    for _ in range(1000):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex((place.hostname, place.port))
        clients.append(s)
    begin = time.monotonic()
    time.sleep(0.3)
    for s in clients:
        try:
            s.send(b"GET /metr")
        except OSError:
            pass
    answered = None
    while answered is None and time.monotonic() - begin < 60:
        for s in clients[::7]:
            try:
                s.send(b"i")
            except OSError:
                pass
        try:
            fetch(url + "metrics", timeout=5)
            answered = time.monotonic() - begin
        except OSError:
            time.sleep(0.2)
    check(answered is not None, f"a scrape is answered {answered or 0:.1f} s after 1,000 slow clients came")
    for s in clients:
        s.close()
    time.sleep(0.5)
    check(total(samples(fetch(url + "metrics")), "lc3_exporter_cut_connections_total") > 0, "slow clients were cut, and counted")


def test_trickle(url):
    """The limit counts from the connection on, however often a byte comes."""
    place = urllib.parse.urlparse(url)
    begin = time.monotonic()
    with socket.create_connection((place.hostname, place.port)) as s:
        s.settimeout(0.5)
        while time.monotonic() - begin < 30:
            try:
                s.sendall(b"G")
                if not s.recv(10):
                    break
            except socket.timeout:
                continue
            except OSError:
                break
    took = time.monotonic() - begin
    check(took < 14, f"a client that trickles is cut after {took:.1f} s")


def test_many_vms():
    """The exporter's own CPU time is what counts: on a busy machine it has to wait, the VMs do not."""
    with Program(fake, "--vms=1000", "--port=0", "--seconds=60", "--still") as program:
        used, times = [], []  # a page says what the pages before it took
        for _ in range(41): # the first four cost 18 to 70 ms each, while their memory is handed out
            begin = time.perf_counter()
            page = ask(program.url)[1].decode()
            times.append((time.perf_counter() - begin) * 1e3)
            used.append(float(re.search(r"^lc3_exporter_busy_seconds_total (\S+)$", page, re.M).group(1)) * 1e3)
        cost = statistics.median(b - a for a, b in zip(used, used[1:]))
        check(cost <= 20, f"a scrape of 1,000 VMs, {len(page) >> 10} KiB, costs {cost:.1f} ms of CPU (at most 20); "
              f"it took {statistics.median(times):.1f} ms")


def test_refusals():
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    for port, part in ((str(taken.getsockname()[1]), "Address already in use"), ("nohost:80", "not a numeric address"),
                       ("80x", "[ADDR:]PORT"), ("1.2.3.4:1", "Cannot assign")):
        run = subprocess.run([fake, "--port=" + port, "--seconds=1"], capture_output=True, text=True)
        check(run.returncode == 2 and part in run.stderr, f"--metrics={port}: {run.stderr.strip()}")
    taken.close()


with Program(fake, "--port=0", "--seconds=120", "--still") as source:
    check(source.url.startswith("http://127.0.0.1:"), "loopback by default, a free port for 0: " + source.url)
    test_formats(source.url)
    test_paths(source.url)
    test_malformed(source.url)
    test_slow_clients(source.url)
    test_trickle(source.url)
test_many_vms()
test_refusals()
tests.end()
