#!/usr/bin/env python3
"""test_storm.py LC3RUN PROGRAMS FAKE_SOURCE -- hostile clients of the exporter do not reach the VM.

A thousand slow clients, malformed requests and a storm of scrapes, either at the
exporter of the VM or, for comparison, at one of another process: the CPU time of
the clients is the same, only who they attack differs.  The VM's time per
instruction at p99 must not differ by more than such runs differ by themselves.
"""
import json
import os
import socket
import statistics
import sys
import threading
import urllib.parse

from support import Failures, Program

lc3run, programs, fake = sys.argv[1:4]
tests = Failures()
SECONDS, ROUNDS = 3, 3


class Storm(threading.Thread):
    def __init__(self, url):
        super().__init__()
        place = urllib.parse.urlparse(url)
        self.address = (place.hostname, place.port)
        self.over = threading.Event()
        self.scrapes = 0
        self.slow = []

    def one(self, data, size):
        try:
            with socket.create_connection(self.address, timeout=1) as s:
                s.sendall(data)
                got = 0
                while size and (piece := s.recv(65536)):
                    got += len(piece)
                return got
        except OSError:
            return 0

    def open_slow(self):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(self.address)
        self.slow.append(s)

    def run(self):
        while not self.over.is_set():
            while len(self.slow) < 1000:
                self.open_slow()
            for s in self.slow[:]:
                try:
                    s.send(b"G")
                except BlockingIOError:
                    pass
                except OSError:
                    self.slow.remove(s)
                    s.close()
            self.one(b"\0\r\n" * 500, False)
            self.one(b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n", False)
            self.scrapes += self.one(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", True) > 1000
        for s in self.slow:
            s.close()


def run(target):
    """p99 of the VM in ns an instruction, with the storm at this URL (None: at the VM's own)."""
    with Program(lc3run, "-q", "--engine=interp", "--metrics=0", f"--timeout={SECONDS}", "--stats=json",
                 os.path.join(programs, "work.asm")) as program:
        storm = Storm(target or program.url)
        storm.start()
        line = ""
        while not line.startswith('{"elapsed_s"'):
            line = program.process.stdout.readline()
        storm.over.set()
        storm.join()
        return json.loads(line)["vms"][0]["slice_ns_per_instruction"]["p99"], storm.scrapes


os.nice(10) # the clients; lc3run sets no priority of its own and inherits this, the same in both
with Program(fake, "--port=0", "--seconds=300", "--vms=1", "--still") as other:
    elsewhere, here = [], []
    for _ in range(ROUNDS):
        elsewhere.append(run(other.url)[0])
        p99, scrapes = run(None)
        here.append(p99)
    low, high = min(elsewhere), max(elsewhere)
    limit = max(1.3 * statistics.median(elsewhere), high * 1.1)
    tests.check(statistics.median(here) <= limit,
                f"p99 of the VM: {[round(x, 2) for x in here]} ns attacked, {[round(x, 2) for x in elsewhere]} ns not, limit {limit:.2f}")
tests.end()
