"""As chaos.py, over three network namespaces with a NATS node each (examples/cluster/cluster.sh; root):

    chaos_hosts.py LC3RUN CLUSTER.SH [BLOCKS]

Source, middle and sink run on hosts 1, 2 and 3, twice.  Until the last of BLOCKS x 10,000 words (1000) has come,
each node in turn is killed and started again, or frozen for 3 s, or taken off the network for 4 s; in the second run the
middle stage, too, is killed and goes on from its checkpoint.  Each must have come three times at least.
The output must be that of the local run, byte for byte."""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from cluster import expect, need_module, need_server, program

LC3RUN, CLUSTER, HERE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), os.path.dirname(os.path.abspath(__file__))
BLOCKS = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
SEED = int(os.environ.get("SEED", time.time()))
BATCH = 100  # small messages are slower: there must be time for everything
LIMIT_S = 900
BUS = "--bus=nats://10.83.0.1:4222,nats://10.83.0.2:4222,nats://10.83.0.3:4222"
need_module(LC3RUN)
need_server()
if os.geteuid() != 0 or not shutil.which("ip"):
    print("skipped: needs root and ip (iproute2)")
    sys.exit(77)
folder = tempfile.mkdtemp(prefix="lc3hosts")
os.environ["STATE"] = f"{folder}/cluster"
source, middle, sink = program(folder, "source.asm", HERE, BLOCKS=BLOCKS), f"{HERE}/middle.asm", f"{HERE}/sink.asm"
started = []


def cluster(*arguments):
    subprocess.run([CLUSTER, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def start(host, *arguments, **files):
    started.append(subprocess.Popen(["ip", "netns", "exec", f"lc3n{host}", LC3RUN, "-q", BUS, *arguments],
                                    stdin=subprocess.DEVNULL, **files))
    return started[-1]


class Middle(threading.Thread):
    """The stage that is killed, and somebody who starts it again."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.arguments = (2, f"--link=nats:{name}.a:0", f"--link=0:nats:{name}.b,batch={BATCH}",
                          f"--checkpoint={folder}/state.{name},every=5000000", middle)
        self.process, self.code = start(*self.arguments), None

    def run(self):
        while True:
            self.code = self.process.wait()
            if self.code >= 0:
                return
            self.process = start(*self.arguments)


def kill(node):
    cluster("kill", node)
    time.sleep(1.5)
    cluster("revive", node)
    time.sleep(4)  # it catches up


def one_run(name, with_kills):
    begin = time.time()
    stage = Middle(name)
    stage.start()
    reader = start(3, "--stats=json", f"--link=nats:{name}.b:0", f"--output={folder}/{name}", sink,
                   stderr=open(f"{folder}/{name}.stats", "w"))
    writer = start(1, f"--link=0:nats:{name}.a,batch={BATCH}", source)
    events = {"kill": kill, "freeze": lambda node: cluster("freeze", node, 3), "cut": lambda node: cluster("cut", node, 4)}
    if with_kills:
        events["middle"] = lambda _: stage.process.kill()
    came = dict.fromkeys(events, 0)
    nodes = {what: itertools.cycle(random.sample((1, 2, 3), 3)) for what in events}
    while reader.poll() is None:
        for what in random.sample(list(events), len(events)):
            time.sleep(0.5)
            if reader.poll() is not None:
                break
            events[what](next(nodes[what]))
            came[what] += reader.poll() is None
        expect(writer.poll() in (None, 0), "the source ends well")
        expect(time.time() - begin < LIMIT_S, f"it gets on; {came}")
    expect(reader.returncode == 0 and writer.wait(60) == 0, "source and sink end well")
    stage.join(60)
    expect(stage.code == 0, f"the middle stage ends well, not with {stage.code}")
    with open(f"{folder}/local.2", "rb") as a, open(f"{folder}/{name}.0", "rb") as b:
        expect(a.read() == b.read(), "the output is that of the local run")
    with open(f"{folder}/{name}.stats") as f:
        link = json.loads(f.read().splitlines()[-1])["links"][0]
    print(f"ok: {link['words']} words came in {time.time() - begin:.0f} s, output equal; {came}; the sink's link: "
          f"{link['reconnects']} reconnections, {link['duplicate_words']} words left out that came twice", flush=True)
    expect(min(came.values()) >= 3, "everything came three times at least: give more BLOCKS")


def main():
    random.seed(SEED)
    print(f"SEED={SEED}, {BLOCKS * 10000} words", flush=True)
    expect(subprocess.run([LC3RUN, "-q", f"--output={folder}/local", source, middle, sink]).returncode == 0, "the local run")
    cluster("start")
    time.sleep(5)
    one_run("nodes", False)
    one_run("stage", True)


try:
    main()
finally:
    for process in started:
        process.kill()
    subprocess.run([CLUSTER, "stop"])
    shutil.rmtree(folder, ignore_errors=True)
