"""Words through two links of a three-node cluster while everything breaks:

    chaos.py LC3RUN [BLOCKS [ROUNDS]]

BLOCKS of 10,000 words (100) go from a source through a stage in the middle, which has a
checkpoint, to a sink.  In each of ROUNDS (1) a server is killed and started again, one is
frozen for 3 s, a line is cut for 4 s, and the middle stage is killed and started again.  The
lines are slow until all of that has happened, so that words pass meanwhile.  The output must be that
of the local run, byte for byte.  Long form: chaos.py build/runtime/lc3run 1000 4"""

import json
import os
import random
import subprocess
import sys
import threading
import time

from cluster import Client, Cluster, expect, need_module, need_server, program

LC3RUN, HERE = os.path.abspath(sys.argv[1]), os.path.dirname(os.path.abspath(__file__))
BLOCKS, ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 100, int(sys.argv[3]) if len(sys.argv) > 3 else 1
ROUND_S = 20  # about what a round takes
need_module(LC3RUN)
need_server()


def start(*arguments, **files):
    return subprocess.Popen([LC3RUN, *arguments], stdin=subprocess.DEVNULL, **files)


class Middle(threading.Thread):
    """The stage that is killed, and somebody who starts it again."""

    def __init__(self, arguments):
        super().__init__(daemon=True)
        self.arguments, self.kills, self.code = arguments, 0, None
        self.process = start(*arguments)

    def run(self):
        while True:
            self.code = self.process.wait()
            if self.code >= 0:
                return
            self.process = start(*self.arguments)

    def kill(self):
        self.process.kill()
        self.kills += 1


def kill_server(cluster):
    server = random.choice(cluster.servers)
    server.kill()
    time.sleep(1.5)
    server.start()
    while not server.is_up():
        time.sleep(0.1)
    time.sleep(2)  # it catches up


def freeze_server(cluster):
    random.choice(cluster.servers).freeze(3)
    time.sleep(1)


def cut_line(cluster):
    random.choice(cluster.servers).proxy.cut(4)
    time.sleep(1)


def explain(cluster):
    """What the servers say when nothing moves."""
    for server in cluster.servers:
        client = Client(server.port)
        for stream in json.loads(client.request("$JS.API.STREAM.NAMES")).get("streams") or []:
            print(stream, client.request("$JS.API.STREAM.INFO." + stream).decode())
            print(client.request("$JS.API.CONSUMER.LIST." + stream).decode())
        break


def main():
    seed = int(os.environ.get("SEED", time.time()))
    random.seed(seed)
    print(f"SEED={seed}, {BLOCKS * 10000} words, {ROUNDS} rounds", flush=True)
    with Cluster(3) as cluster:
        folder = cluster.folder
        source = program(folder, "source.asm", HERE, BLOCKS=BLOCKS)
        middle, sink = os.path.join(HERE, "middle.asm"), os.path.join(HERE, "sink.asm")
        expect(start("-q", f"--output={folder}/local", source, middle, sink).wait() == 0, "the local run")
        time.sleep(2)  # a leader is elected
        for server in cluster.servers:
            server.proxy.bytes_per_s = 4 * BLOCKS * 10000 / (ROUND_S * ROUNDS)
        begin = time.time()
        stage = Middle([cluster.bus(), "-q", "--link=nats:chaos.a:0", "--link=0:nats:chaos.b",
                        f"--checkpoint={folder}/state,every=1000000", middle])
        stage.start()
        reader = start(cluster.bus(), "-q", "--stats=json", "--link=nats:chaos.b:0", f"--output={folder}/remote", sink)
        writer = start(cluster.bus(), "-q", "--stats=json", "--link=0:nats:chaos.a", source)
        events = [kill_server, freeze_server, cut_line, lambda c: stage.kill()] * ROUNDS
        random.shuffle(events)
        done = 0
        for event in events:
            time.sleep(0.4)
            if reader.poll() is not None:
                break
            event(cluster)
            done += 1
        for server in cluster.servers:
            server.proxy.bytes_per_s = 0  # the rest as fast as it goes
        try:
            reader.wait(40 + ROUNDS * ROUND_S * 3)
        except subprocess.TimeoutExpired:
            explain(cluster)
        expect(reader.wait(1) == 0 and writer.wait(60) == 0, "source and sink end well")
        stage.join(60)
        expect(stage.code == 0, f"the middle stage ends well, not with {stage.code}")
        expect(done == len(events), f"all {len(events)} events came while words passed, not {done} of them")
        with open(f"{folder}/local.2", "rb") as a, open(f"{folder}/remote.0", "rb") as b:
            expect(a.read() == b.read(), "the output is that of the local run")
        print(f"ok: {BLOCKS * 10000} words, {done} events, {stage.kills} of them kills of the middle stage; "
              f"output equal ({time.time() - begin:.0f} s)")


main()
