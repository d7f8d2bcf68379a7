"""As chaos.py, over three network namespaces with a NATS node each (examples/cluster/cluster.sh; root):

    chaos_hosts.py LC3RUN CLUSTER.SH [BLOCKS]

Source, middle and sink run on hosts 1, 2 and 3.  Until the last of BLOCKS x 10,000 words (1000) has come,
nodes are killed and started again or frozen, hosts taken off the network for 4 s, and the middle stage is killed
and started again, in turn; each must have come twice.  The output must be that of the local run."""

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
BUS = "--bus=nats://10.83.0.1:4222,nats://10.83.0.2:4222,nats://10.83.0.3:4222"
need_module(LC3RUN)
need_server()
if os.geteuid() != 0 or not shutil.which("ip"):
    print("skipped: needs root and ip (iproute2)")
    sys.exit(77)
folder = tempfile.mkdtemp(prefix="lc3hosts")
os.environ["STATE"] = f"{folder}/cluster"


def cluster(*arguments):
    subprocess.run([CLUSTER, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


started = []


def start(host, *arguments):
    started.append(subprocess.Popen(["ip", "netns", "exec", f"lc3n{host}", LC3RUN, "-q", BUS, *arguments],
                                    stdin=subprocess.DEVNULL))
    return started[-1]


class Middle(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.arguments = (2, "--link=nats:chaos.a:0", "--link=0:nats:chaos.b", f"--checkpoint={folder}/state,every=5000000",
                          f"{HERE}/middle.asm")
        self.process, self.code = start(*self.arguments), None

    def run(self):
        while True:
            self.code = self.process.wait()
            if self.code >= 0:
                return
            self.process = start(*self.arguments)


def kill_node():
    node = random.randint(1, 3)
    cluster("kill", node)
    time.sleep(1.5)
    cluster("revive", node)
    time.sleep(4)


def main():
    source = program(folder, "source.asm", HERE, BLOCKS=BLOCKS)
    expect(subprocess.run([LC3RUN, "-q", f"--output={folder}/local", source, f"{HERE}/middle.asm", f"{HERE}/sink.asm"])
           .returncode == 0, "the local run")
    cluster("start")
    time.sleep(2)
    begin = time.time()
    middle = Middle()
    middle.start()
    sink = start(3, "--link=nats:chaos.b:0", f"--output={folder}/remote", f"{HERE}/sink.asm")
    writer = start(1, "--link=0:nats:chaos.a", source)
    events = [("kill", kill_node), ("freeze", lambda: cluster("freeze", random.randint(1, 3), 3)),
              ("cut", lambda: cluster("cut", random.randint(1, 3), 4)), ("middle", lambda: middle.process.kill())]
    came = dict.fromkeys([name for name, _ in events], 0)
    while sink.poll() is None:
        for name, event in random.sample(events, len(events)):
            time.sleep(0.5)
            if sink.poll() is not None:
                break
            event()
            came[name] += 1
        expect(time.time() - begin < 900, f"it gets on; {came}")
    expect(sink.returncode == 0 and writer.wait(60) == 0, "source and sink end well")
    middle.join(60)
    expect(middle.code == 0, f"the middle stage ends well, not with {middle.code}")
    with open(f"{folder}/local.2", "rb") as a, open(f"{folder}/remote.0", "rb") as b:
        expect(a.read() == b.read(), "the output is that of the local run")
    print(f"{BLOCKS * 10000} words in {time.time() - begin:.0f} s, output equal; {came}")
    expect(min(came.values()) >= 2, "everything came at least twice: give more BLOCKS")


try:
    main()
finally:
    for process in started:
        process.kill()
    subprocess.run([CLUSTER, "stop"])
    shutil.rmtree(folder, ignore_errors=True)
