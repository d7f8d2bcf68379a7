"""Links beside bare cnats clients, in one run: bench.py LC3RUN BARE [REPETITIONS]

Round trips of single words, and words a second by batch size, through core NATS (mode=fast, one
server) and through JetStream (mode=safe, three replicas on file).  Medians; what counts is the ratio."""

import json
import os
import statistics
import subprocess
import sys
import time

from cluster import Cluster, expect, need_module, need_server, program

LC3RUN, BARE, HERE = sys.argv[1], sys.argv[2], os.path.dirname(os.path.abspath(__file__))
REPETITIONS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
WAIT = "--wait=park"  # client, server and machines share two cores
need_module(LC3RUN)
need_server()
number = 0


def url(cluster):
    return f"nats://127.0.0.1:{cluster.servers[0].port}"


def bare(*arguments):
    return float(subprocess.run([BARE, *map(str, arguments)], capture_output=True, text=True, check=True, timeout=100).stdout)


def lc3run(bus, *arguments):
    return subprocess.Popen([LC3RUN, f"--bus={bus}", "-q", "--stats=json", WAIT, *arguments], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def done(process):
    err = process.communicate(timeout=100)[1].decode()
    expect(process.returncode == 0, err)
    return json.loads(err.splitlines()[-1])


def subject():
    global number
    number += 1
    return f"bench{number}"


def round_trips(cluster, n):
    answer = subprocess.Popen([BARE, "pong", url(cluster)])
    time.sleep(0.3)
    theirs = bare("ping", url(cluster), n) / n
    answer.kill()
    a, b = subject(), subject()
    ping = program(cluster.folder, "ping.asm", HERE, N=n // 1000)
    right = lc3run(url(cluster), f"--link=nats:{a}:0,mode=fast", f"--link=0:nats:{b},mode=fast", f"{HERE}/pong.asm")
    time.sleep(0.3)
    left = lc3run(url(cluster), f"--link=0:nats:{a},mode=fast", f"--link=nats:{b}:0,mode=fast", ping)
    stats = done(left)
    done(right)
    return theirs * 1e6, stats["elapsed_s"] / n * 1e6


def words(cluster, mode, batch, blocks):
    name = subject()
    send = program(cluster.folder, "blocks.asm", HERE, BLOCKS=blocks)
    settings = f",mode={mode},batch={batch},cap=65536"
    reader = lc3run(url(cluster), f"--link=nats:{name}:0{settings}", f"{HERE}/drain.asm")
    time.sleep(0.3)
    writer = lc3run(url(cluster), f"--link=0:nats:{name}{settings}", send)
    sent, got = done(writer), done(reader)
    expect(got["vms"][0]["received"] == blocks * 1000000 and got["links"][0]["lost_words"] == 0, got)
    return blocks * 1e6 / sent["elapsed_s"] * 1e-6


def bare_words(cluster, mode, batch, blocks):
    n = blocks * 1000000 // batch
    if mode == "safe":
        return n * batch / bare("store", url(cluster), n, 2 * batch, 3) * 1e-6
    reader = subprocess.Popen([BARE, "sink", url(cluster), str(n)])
    time.sleep(0.3)
    seconds = bare("stream", url(cluster), n, 2 * batch)
    reader.wait(10)
    return n * batch / seconds * 1e-6


def row(what, pairs, unit):
    theirs, ours = (statistics.median(p[i] for p in pairs) for i in range(2))
    print(f"{what:44} {theirs:9.1f} {ours:9.1f} {unit}  {ours / theirs:6.2f}", flush=True)


def main():
    wanted = sys.argv[4:] or ["trip", "fast", "safe"]
    print(f"{'':44} {'bare':>9} {'lc3run':>9}          ratio")
    if "trip" in wanted or "fast" in wanted:
        with Cluster(1) as one:
            if "trip" in wanted:
                row("round trip of one word, fast", [round_trips(one, 20000) for _ in range(REPETITIONS)], "us       ")
            for batch, blocks in ((484, 20), (8192, 100), (32768, 200)):
                if "fast" in wanted:
                    row(f"fast, {batch} words a message",
                        [(bare_words(one, "fast", batch, blocks), words(one, "fast", batch, blocks)) for _ in range(REPETITIONS)],
                        "M words/s")
    if "safe" in wanted:
        with Cluster(3) as three:
            time.sleep(3)
            for batch, blocks in ((484, 5), (8192, 20), (32768, 20)):
                row(f"safe, three replicas, {batch} words a message",
                    [(bare_words(three, "safe", batch, blocks), words(three, "safe", batch, blocks)) for _ in range(REPETITIONS)],
                    "M words/s")


main()
