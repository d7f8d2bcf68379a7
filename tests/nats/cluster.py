"""A NATS cluster on loopback, and what the tests of links over it share.

Every client reaches a server through a proxy of its own, which can be cut (nothing
passes, nothing is closed), dropped, slowed down or made late."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SKIP = 77


def expect(good, what):
    if not good:
        print("not ok:", what)
        sys.exit(1)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def need_server():
    if not shutil.which("nats-server"):
        print("skipped: nats-server is missing (Debian package nats-server)")
        sys.exit(SKIP)


def need_module(lc3run):
    if not os.path.exists(os.path.join(os.path.dirname(lc3run), "lc3_nats.so")):
        print("skipped: built without cnats (libnats-dev)")
        sys.exit(SKIP)


class Proxy:
    """Passes bytes between clients and one server."""

    def __init__(self, port):
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = threading.Event()
        self.open.set()
        self.delay_s, self.bytes_per_s = 0.0, 0.0
        self.sockets = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to), 2)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for s in (client, server):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.sockets.add(s)
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(a, b), daemon=True).start()

    def _pass(self, a, b):
        try:
            while data := a.recv(65536):
                self.open.wait()
                if self.delay_s:
                    time.sleep(self.delay_s)
                if self.bytes_per_s:
                    time.sleep(len(data) / self.bytes_per_s)
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            self.sockets.discard(s)
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def cut(self, seconds):
        self.open.clear()
        time.sleep(seconds)
        self.open.set()

    def drop(self):
        for s in list(self.sockets):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Server:
    def __init__(self, folder, number=0, routes=(), name="lc3", extra=""):
        self.port = free_port()
        self.folder = os.path.join(folder, f"n{number}")
        self.proxy = Proxy(self.port)
        self.cluster_port = routes[number] if routes else 0
        os.makedirs(self.folder, exist_ok=True)
        self.config = os.path.join(self.folder, "server.conf")
        with open(self.config, "w") as out:
            out.write(f'server_name: n{number}\nlisten: "127.0.0.1:{self.port}"\n'
                      f'client_advertise: "127.0.0.1:{self.proxy.port}"\n{extra}\n')
            if "no_jetstream" not in extra:
                out.write(f'jetstream {{ store_dir: "{self.folder}/js", max_file: 2G, max_mem: 256M }}\n')
            if routes:
                urls = ", ".join(f'"nats://127.0.0.1:{p}"' for p in routes)
                out.write(f'cluster {{ name: {name}, listen: "127.0.0.1:{self.cluster_port}", routes: [{urls}] }}\n')
        self.process = None
        self.start()

    def start(self):
        log = open(os.path.join(self.folder, "log"), "a")
        self.process = subprocess.Popen(["nats-server", "-c", self.config], stdout=log, stderr=log)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def freeze(self, seconds):
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def is_up(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.5) as s:
                return s.recv(4) == b"INFO"
        except OSError:
            return False


class Cluster:
    def __init__(self, count=1, extra=""):
        self.folder = tempfile.mkdtemp(prefix="lc3nats")
        routes = [free_port() for _ in range(count)] if count > 1 else []
        self.servers = [Server(self.folder, i, routes, extra=extra) for i in range(count)]
        until = time.time() + 20
        while not all(s.is_up() for s in self.servers):
            expect(time.time() < until, "the servers start within 20 s")
            time.sleep(0.05)

    def bus(self):
        servers = list(self.servers)
        random.shuffle(servers)
        return "--bus=" + ",".join(f"nats://127.0.0.1:{s.proxy.port}" for s in servers)

    def close(self):
        for s in self.servers:
            if s.process.poll() is None:
                s.process.send_signal(signal.SIGCONT)
                s.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Client:
    """As much of the protocol as it takes to publish and to look."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.lines = self.socket.makefile("rb")
        self.lines.readline()
        self.socket.sendall(b'CONNECT {"verbose":false,"headers":true}\r\nPING\r\n')
        while self.lines.readline() != b"PONG\r\n":
            pass

    def publish(self, subject, data):
        self.socket.sendall(b"PUB %s %d\r\n%s\r\nPING\r\n" % (subject.encode(), len(data), data))
        while self.lines.readline() != b"PONG\r\n":
            pass

    def request(self, subject, data=b""):
        inbox = b"_INBOX.t%d" % random.randrange(1 << 40)
        self.socket.sendall(b"SUB %s 1\r\nPUB %s %s %d\r\n%s\r\n" % (inbox, subject.encode(), inbox, len(data), data))
        while True:
            line = self.lines.readline().split()
            if line and line[0] in (b"MSG", b"HMSG"):
                return self.lines.read(int(line[-1]) + 2)[:-2]


def program(folder, name, here, **fills):
    """A copy of a program with the .FILL of some labels set."""
    with open(os.path.join(here, name)) as f:
        lines = f.read().splitlines()
    for label, value in fills.items():
        lines = [f"{label} .FILL {value}" if line.startswith(label + " ") else line for line in lines]
    path = os.path.join(folder, name)
    with open(path, "w") as out:
        out.write("\n".join(lines) + "\n")
    return path
