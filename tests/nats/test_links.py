"""Links over a real nats-server on loopback: test_links.py LC3RUN"""

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from cluster import Client, Cluster, expect, free_port, need_module, need_server, program

LC3RUN, HERE = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
need_module(LC3RUN)
need_server()


class Run:
    """One lc3run in the background."""

    def __init__(self, *arguments, env=None):
        self.arguments = arguments
        self.files = [tempfile.TemporaryFile() for _ in range(2)]  # a pipe would hold it up when it is full
        self.process = subprocess.Popen([LC3RUN, *arguments], stdin=subprocess.DEVNULL, stdout=self.files[0],
                                        stderr=self.files[1], env={**os.environ, **(env or {})})

    def done(self, seconds=40):
        try:
            self.code, late = self.process.wait(timeout=seconds), False
        except subprocess.TimeoutExpired:
            self.process.kill()
            late = True
        for f in self.files:
            f.seek(0)
        self.out, self.err = (f.read() for f in self.files)
        expect(not late, f"{self.arguments} ends within {seconds} s; it said {self.err.decode()}")
        return self

    def stats(self):
        return json.loads(self.err.decode().splitlines()[-1])


def refused(code, text, *arguments, env=None):
    r = Run(*arguments, env=env).done()
    expect(r.code == code and text in r.err.decode(), f"{arguments}: exit {code} and '{text}', not {r.code} and {r.err.decode()}")


def local(*programs):
    r = Run("-q", *programs).done()
    expect(r.code == 0, r.err)
    return r.out


def wait_for(what, condition, seconds=10):
    until = time.time() + seconds
    while not condition():
        expect(time.time() < until, f"{what} within {seconds} s")
        time.sleep(0.02)


def streams(cluster):
    names = json.loads(Client(cluster.servers[0].port).request("$JS.API.STREAM.NAMES")).get("streams") or []
    return [n for n in names if n.startswith("LC3-")]


class Case:
    def __init__(self, cluster):
        self.cluster, self.bus = cluster, cluster.bus()
        self.source, self.middle, self.sink = (os.path.join(HERE, f"{n}.asm") for n in ("source", "middle", "sink"))
        self.expected = local(self.source, self.middle, self.sink)

    def pipeline(self, subject, *settings, order=(0, 1, 2)):
        extra = "".join("," + s for s in settings)
        stages = [
            (f"--link=0:nats:{subject}1{extra}", self.source),
            (f"--link=nats:{subject}1:0{extra}", f"--link=0:nats:{subject}2{extra}", self.middle),
            (f"--link=nats:{subject}2:0{extra}", "-q", "--stats=json", self.sink),
        ]
        runs = {}
        for i in order:
            runs[i] = Run(self.bus, *stages[i])
            time.sleep(0.2)
        return [runs[i].done() for i in range(3)]


def passes_words_whole(c):
    for mode in ("safe", "fast"):
        for order in ((0, 1, 2), (2, 1, 0)):
            runs = c.pipeline(f"whole.{mode}{order[0]}", f"mode={mode}", order=order)
            expect([r.code for r in runs] == [0, 0, 0], [r.err for r in runs])
            expect(runs[2].out == c.expected, f"{mode} {order}: the output is that of the local run {[r.err for r in runs]}")
            link = runs[2].stats()["links"][0]
            expect(link["words"] == 100000 and link["lost_words"] == 0 and link["latency_ns"]["count"] > 0, link)


def clocks_are_compared(c):
    for mode in ("safe", "fast"):
        link = c.pipeline(f"clock.{mode}", f"mode={mode}", order=(2, 1, 0))[2].stats()["links"][0]
        # One host has one clock.
        expect(abs(link["clock_offset_ns"]) <= link["clock_error_ns"] + 1000000, link)


def links_are_metrics(c):
    port = free_port()
    reader = Run(c.bus, "-q", f"--metrics={port}", "--linger=10", "--link=nats:seen:0", c.sink)
    expect(Run(c.bus, "--link=0:nats:seen", c.source).done().code == 0, "the sender ends")

    def text():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        except OSError:
            return ""

    labels = '{subject="seen",vm="0",direction="in",mode="safe"}'
    wait_for("100,000 words are seen", lambda: f"lc3_link_words_total{labels} 100000" in text())
    for name in ("lc3_link_latency_seconds_count", "lc3_link_refused_messages_total", "lc3_link_clock_offset_seconds"):
        expect(name + labels in text(), f"{name} in {text()}")
    expect("lc3_bus_reconnects_total 0" in text(), "reconnections")
    reader.process.terminate()
    reader.done()


def batches_and_delays_are_settings(c):
    runs = c.pipeline("batch", "batch=1000", "delay=500", "cap=64")
    expect(runs[2].out == c.expected, "the output is that of the local run")
    expect(100 <= runs[2].stats()["links"][0]["messages"] < 2500, runs[2].stats())


def a_finished_sender_waits_for_its_reader(c):
    expect(Run(c.bus, "--link=0:nats:later", c.source).done().code == 0, "the sender ends by itself")
    r = Run(c.bus, "-q", "--link=nats:later:0", c.sink).done()
    expect(r.out == local(c.source, c.sink), "all words were kept")
    wait_for("the stream is removed", lambda: not [s for s in streams(c.cluster) if "later" in s])


def a_second_run_is_its_own(c):
    # The first run is cut short: its words stay unread.
    first = Run(c.bus, "--link=0:nats:twice", c.source).done()
    reader = Run(c.bus, "--link=nats:twice:0", os.path.join(HERE, "stop.asm")).done()
    expect(first.code == 0 and reader.code == 0, "a reader may end first")
    late = Run(c.bus, "-q", "--link=nats:twice:0", c.sink)
    time.sleep(0.5)
    expect(late.process.poll() is None, "a reader waits for a run that nobody reads")
    expect(Run(c.bus, "--link=0:nats:twice", c.source).done().code == 0, "the second sender ends")
    expect(late.done().out == local(c.source, c.sink), "and its words are all and only those of the second run")


def a_reader_that_ends_closes_the_sender(c):
    for mode in ("safe", "fast"):
        endless = Run(c.bus, f"--link=0:nats:early.{mode},mode={mode}", "--stats=json", os.path.join(HERE, "endless.asm"))
        reader = Run(c.bus, f"--link=nats:early.{mode}:0,mode={mode}", os.path.join(HERE, "stop.asm")).done()
        expect(reader.code == 0, reader.err)
        expect(endless.done().code == 0 and endless.stats()["vms"][0]["stop"] == "closed", (mode, endless.err))


def what_is_foreign_is_refused_and_counted(c):
    reader = Run(c.bus, "-q", "--stats=json", "--link=nats:foreign:0", c.sink)
    sender = Run(c.bus, "--link=0:nats:foreign", os.path.join(HERE, "slow.asm"))
    wait_for("the stream is there", lambda: [s for s in streams(c.cluster) if "foreign" in s])
    run = [s for s in streams(c.cluster) if "foreign" in s][0].split("-")[-1]
    client = Client(c.cluster.servers[0].port)
    for data in (b"hello", b"LC3w\x02" + bytes(60), b"LC3w\x01" + bytes(60)):
        client.publish(f"foreign.{run}", data)
    expect(sender.done().code == 0, sender.err)
    expect(reader.done().code == 0, reader.err)
    link = reader.stats()["links"][0]
    expect(link["refused"] == 3 and link["words"] == 2000, link)


def a_damaged_message_is_named(c):
    reader = Run(c.bus, "--link=nats:named:0", c.sink)
    sender = Run(c.bus, "--link=0:nats:named", os.path.join(HERE, "slow.asm"))
    wait_for("the stream is there", lambda: [s for s in streams(c.cluster) if "named" in s])
    run = [s for s in streams(c.cluster) if "named" in s][0].split("-")[-1]
    Client(c.cluster.servers[0].port).publish(f"named.{run}", b"LC3w\x01" + bytes(80))
    sender.done()
    expect(b"refused message" in reader.done().err and b"damaged" in reader.err, reader.err)


def wrong_use_is_found_before_anything_runs(c):
    link, p = "--link=0:nats:a", c.source
    refused(2, "no server answers", "--bus=nats://127.0.0.1:1", link, p)
    refused(2, "which server", link, p)
    refused(2, "no link uses it", c.bus, p)
    refused(2, "must not contain blanks", c.bus, "--link=0:nats:a b", p)
    refused(2, "'*' in a subject", c.bus, "--link=nats:a.*:0", p)
    refused(2, "is empty", c.bus, "--link=0:nats:", p)
    refused(2, "mode is safe or fast", c.bus, link + ",mode=x", p)
    refused(2, "unknown setting", c.bus, link + ",colour=red", p)
    refused(2, "batch is a number", c.bus, link + ",batch=0", p)
    refused(2, "no place on a command line", "--bus=nats://me:secret@127.0.0.1", link, p)
    refused(2, "does not speak TLS", c.bus.replace("nats://", "tls://"), link, p)
    refused(2, "there is no machine 7", c.bus, "--link=7:nats:a", p)
    refused(2, "for how many replicas", c.bus, link + ",group=g", p)
    refused(2, "a group needs mode=safe", c.bus, link + ",group=2*g,mode=fast", p)
    refused(2, "mode=fast cannot go on", c.bus, "--checkpoint=" + c.cluster.folder + "/x", link + ",mode=fast", p)
    Client(c.cluster.servers[0].port).request("$JS.API.STREAM.CREATE.other",
                                              b'{"name":"other","subjects":["taken.>"],"storage":"memory"}')
    refused(2, "another stream on this server", c.bus, "--link=0:nats:taken", p)
    Client(c.cluster.servers[0].port).request("$KV.lc3-runs.old", b"lc3 9 run 1")
    refused(2, "another version", c.bus, "--link=nats:old:0", p)


def servers_without_jetstream_or_with_passwords(c):
    with Cluster(1, extra="# no_jetstream") as plain:
        refused(2, "has no JetStream", plain.bus(), "--link=0:nats:a", c.source)
    with Cluster(1, extra='authorization { user: u, password: p }') as closed:
        refused(2, "refuses these credentials", closed.bus(), "--link=0:nats:a", c.source)
        refused(2, "refuses these credentials", closed.bus(), "--link=0:nats:a", c.source,
                env={"NATS_USER": "u", "NATS_PASSWORD": "wrong"})
        r = Run(closed.bus(), "--link=0:nats:a", c.source, env={"NATS_USER": "u", "NATS_PASSWORD": "p"}).done()
        expect(r.code == 0, r.err)


def a_bus_that_stays_away_ends_the_run(c):
    with Cluster(1) as one:
        r = Run(one.bus(), "--bus-timeout=2", "--link=nats:a:0", c.sink)
        time.sleep(1)
        one.servers[0].kill()
        r.done(20)
        expect(r.code == 3 and b"the time limit of the bus, 2 s, is over" in r.err, (r.code, r.err))


def a_server_that_comes_back_is_found(c):
    with Cluster(1) as one:
        reader = Run(one.bus(), "-q", "--stats=json", "--link=nats:a:0", c.sink)
        sender = Run(one.bus(), "--engine=interp", "--link=0:nats:a", os.path.join(HERE, "slow.asm"))
        wait_for("the sender has begun", lambda: streams(one))
        time.sleep(0.3)
        one.servers[0].kill()
        time.sleep(1)
        one.servers[0].start()
        expect(sender.done().code == 0 and reader.done().code == 0, (sender.err, reader.err))
        expect(reader.stats()["links"][0]["words"] == 2000 and reader.stats()["links"][0]["reconnects"] > 0, reader.err)
        expect(reader.out == local(os.path.join(HERE, "slow.asm"), c.sink), "the output is that of the local run")


def a_slow_line_is_only_slow(c):
    proxy = c.cluster.servers[0].proxy
    proxy.delay_s, proxy.bytes_per_s = 0.005, 2e6
    runs = c.pipeline("slow")
    proxy.delay_s, proxy.bytes_per_s = 0, 0
    expect(runs[2].out == c.expected, "the output is that of the local run")


def dropped_lines_lose_nothing(c):
    stop = threading.Event()

    def drop():
        # Soon, for the words are quickly through; not for ever, for on a busy machine a new
        # connection may take as long as one lasts.
        for pause in [0.1] + 25 * [0.4]:
            if stop.wait(pause):
                return
            c.cluster.servers[0].proxy.drop()

    folder = c.cluster.folder
    source = program(folder, "source.asm", HERE, BLOCKS=200)
    expected = local(source, c.middle, c.sink)
    threading.Thread(target=drop, daemon=True).start()
    c.source, before = source, c.source
    runs = c.pipeline("dropped")
    stop.set()
    c.source = before
    expect([r.code for r in runs] == [0, 0, 0], [r.err for r in runs])
    expect(runs[2].out == expected, "the output is that of the local run")
    expect(runs[2].stats()["links"][0]["reconnects"] > 0, "lines were dropped")


def a_slow_reader_holds_up_its_sender(c):
    for mode in ("fast",):
        sender = Run(c.bus, f"--link=0:nats:held.{mode},mode={mode}", "--stats=json", "--timeout=3",
                     os.path.join(HERE, "endless.asm"))
        reader = Run(c.bus, f"--link=nats:held.{mode}:0,mode={mode}", "--stats=json", "--timeout=3",
                     os.path.join(HERE, "sleepy.asm"))
        sender.done()
        reader.done()
        ahead = sender.stats()["vms"][0]["sent"] - reader.stats()["vms"][0]["received"]
        expect(0 < ahead < 4 * 1024 * 1024 + 20000, f"{mode}: the sender is {ahead} words ahead")
        expect(reader.stats()["links"][0]["lost_words"] == 0, "nothing was lost")


def what_the_servers_lose_is_not_silent(c):
    expect(Run(c.bus, "--link=0:nats:lost", c.source).done().code == 0, "the sender ends")
    name = [s for s in streams(c.cluster) if s.startswith("LC3-lost-")][0]
    Client(c.cluster.servers[0].port).request("$JS.API.STREAM.PURGE." + name, b'{"seq":50}')
    refused(1, "the servers have lost messages 1 to 49 of the stream", c.bus, "--link=nats:lost:0", c.sink)


def a_stream_that_is_removed_ends_its_reader(c):
    sender = Run(c.bus, "--link=0:nats:gone", "--engine=interp", os.path.join(HERE, "slow.asm"))
    reader = Run(c.bus, "--link=nats:gone:0", c.sink)
    wait_for("the stream", lambda: [s for s in streams(c.cluster) if s.startswith("LC3-gone-")])
    time.sleep(0.5)  # it reads
    name = [s for s in streams(c.cluster) if s.startswith("LC3-gone-")][0]
    Client(c.cluster.servers[0].port).request("$JS.API.STREAM.DELETE." + name)
    reader.done()
    sender.done()
    expect(reader.code == 1 and f"the stream {name} is gone" in reader.err.decode(), reader.err.decode())


def records(blocks):
    """What records.asm sends, as replica.asm writes it, by key."""
    by_key, x = {}, 0
    for n in range(blocks * 10000):
        x = (5 * x + 13) & 0xFFFF
        by_key.setdefault(x & 15, []).append(bytes((n & 255, x & 15, x & 255)))
    return by_key


def shared(outputs, blocks):
    """Every key is one replica's, in order; all words came, once."""
    left = records(blocks)
    for out in outputs:
        expect(len(out) % 3 == 0 and out, f"a replica has its share, in whole records, not {[len(o) for o in outputs]} bytes")
        got = {}
        for i in range(0, len(out), 3):
            got.setdefault(out[i + 1], []).append(out[i:i + 3])
        for key, values in got.items():
            wanted = left.pop(key, [])
            first = next((i for i, (a, b) in enumerate(zip(values, wanted)) if a != b), min(len(values), len(wanted)))
            expect(values == wanted, f"key {key} came to one replica, whole and in order: {len(values)} records, not "
                   f"{len(wanted)}, different from number {first} on")
    expect(not left, f"keys {list(left)} came nowhere")


def a_group_shares_a_subject(c):
    for subject, replicas in (("shared", 3), ("shared", 2)):  # a smaller group after a larger one
        readers = [Run(c.bus, "-q", f"--link=nats:{subject}:0,group=parsers", os.path.join(HERE, "replica.asm"))
                   for _ in range(replicas)]
        sender = Run(c.bus, "--stats=json", f"--link=0:nats:{subject},group={replicas}*parsers,key=1/3,batch=100",
                     os.path.join(HERE, "records.asm")).done()
        expect(sender.code == 0 and sender.stats()["links"][0]["words"] == 30000, sender.err)
        shared([r.done().out for r in readers], 1)
        expect([r.code for r in readers] == [0] * replicas, [r.err for r in readers])


def without_a_key_records_are_dealt_in_turn(c):
    sender = Run(c.bus, "--link=0:nats:dealt,group=2*g,key=/3", os.path.join(HERE, "records.asm")).done()
    expect(sender.code == 0, sender.err)
    outputs = [Run(c.bus, "-q", "--link=nats:dealt:0,group=g", os.path.join(HERE, "replica.asm")).done().out for _ in range(2)]
    expect([[out[i] for i in range(0, 600, 3)] for out in outputs] == [[n & 255 for n in range(first, 400, 2)] for first in (0, 1)],
           "even records here, odd ones there")
    expect([len(out) for out in outputs] == [15000, 15000], "all of them")


def a_replica_that_ends_early_leaves_the_others_theirs(c):
    sender = Run(c.bus, "--stats=json", "--link=0:nats:half,group=2*g,key=/3", os.path.join(HERE, "endless.asm"))
    reader = Run(c.bus, "-q", "--stats=json", "--link=nats:half:0,group=g", os.path.join(HERE, "drain.asm"))
    time.sleep(2)  # by now its half is full
    expect(Run(c.bus, "--link=nats:half:0,group=g", os.path.join(HERE, "stop.asm")).done().code == 0, "one ends")
    expect(sender.done().code == 0 and sender.stats()["vms"][0]["stop"] == "closed", sender.err)
    expect(reader.done().code == 0, reader.err)
    sent, got = sender.stats()["vms"][0]["sent"], reader.stats()["vms"][0]["received"]
    expect(abs(got - sent / 2) <= 6, f"the other got its half, {got} of {sent}")


def a_group_is_killed_and_goes_on(c):
    folder = tempfile.mkdtemp(dir=c.cluster.folder)
    source = program(folder, "records.asm", HERE, BLOCKS=40)
    plan = [("0:nats:killed,group=3*g,key=1/3", source)] + [("nats:killed:0,group=g", os.path.join(HERE, "replica.asm"))] * 3
    commands = [(c.bus, "-q", f"--link={link}", f"--checkpoint={folder}/{i},every=20000", f"--output={folder}/out{i}", p)
                for i, (link, p) in enumerate(plan)]
    running, kills, ended = {i: Run(*command) for i, command in enumerate(commands)}, 0, set()
    while len(ended) < 4:
        time.sleep(0.15)
        for i in range(4):
            if i not in ended and running[i].process.poll() is not None:
                expect(running[i].done().code == 0, running[i].err)
                ended.add(i)
        alive = [i for i in range(4) if i not in ended and os.path.exists(f"{folder}/{i}/checkpoint")]
        if alive and kills < 12:
            i = random.choice(alive)
            running[i].process.kill()
            code = running[i].process.wait()
            kills += code < 0
            if code < 0:
                running[i] = Run(*commands[i])
    expect(kills >= 4, f"they were killed while words passed, {kills} times")
    shared([open(f"{folder}/out{i}.0", "rb").read() for i in (1, 2, 3)], 40)


CASES = [passes_words_whole, clocks_are_compared, links_are_metrics, batches_and_delays_are_settings, a_finished_sender_waits_for_its_reader, a_second_run_is_its_own,
         a_reader_that_ends_closes_the_sender, what_is_foreign_is_refused_and_counted, a_damaged_message_is_named, what_the_servers_lose_is_not_silent, a_stream_that_is_removed_ends_its_reader, a_group_shares_a_subject, without_a_key_records_are_dealt_in_turn,
         a_replica_that_ends_early_leaves_the_others_theirs, a_group_is_killed_and_goes_on,
         wrong_use_is_found_before_anything_runs, servers_without_jetstream_or_with_passwords,
         a_bus_that_stays_away_ends_the_run, a_server_that_comes_back_is_found, a_slow_line_is_only_slow,
         dropped_lines_lose_nothing, a_slow_reader_holds_up_its_sender]

with Cluster(1) as cluster:
    case = Case(cluster)
    wanted = sys.argv[2:]
    for test in CASES:
        if wanted and test.__name__ not in wanted:
            continue
        start = time.time()
        test(case)
        print(f"ok: {test.__name__.replace('_', ' ')} ({time.time() - start:.1f} s)", flush=True)
