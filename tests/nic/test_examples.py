#!/usr/bin/env python3
"""Runs the programs of examples/nic on real captures.

What each has to print is stated here.  It was computed by tshark, which knows
nothing of us: where tshark is installed it is computed again and compared, too.
The captures lie outside the project, where LC3_CAPTURES says; without it the
test is skipped (exit 77).

    test_examples.py LC3RUN EXAMPLES [NAME]
"""
import collections
import functools
import os
import shutil
import struct
import subprocess
import sys

SKIPPED = 77


@functools.cache
def tshark(path, display_filter, *fields):
    """One tuple of texts per frame that matches."""
    command = ["tshark", "-r", path, "-T", "fields", "-E", "separator=;"]
    if display_filter:
        command += ["-Y", display_filter]
    for field in fields:
        command += ["-e", field]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [tuple(line.split(";")) for line in text.splitlines()]


def payloads(path, keep=lambda payload: True):
    return [p for p in (bytes.fromhex(row[0]) for row in tshark(path, "udp", "udp.payload")) if keep(p)]


# ------------------------------------------------- what tshark says, per program

def count(path, display_filter):
    frames, types, ports = 0, collections.Counter(), collections.Counter()
    for kind, vlan_kind, udp, tcp in tshark(path, display_filter, "eth.type", "vlan.etype", "udp.dstport", "tcp.dstport"):
        frames += 1
        types[int(vlan_kind or kind, 16)] += 1
        if udp or tcp:
            ports[int(udp or tcp)] += 1
    return ("frames %d\n" % frames + "".join("type x%04X %d\n" % row for row in types.items())
            + "".join("port %d %d\n" % row for row in ports.items()))


class Sequence:
    """Numbers of first messages, one packet after the other."""

    def __init__(self):
        self.expected, self.gaps, self.missing, self.late = None, 0, 0, 0

    def add(self, first, messages):
        if self.expected is not None and first < self.expected:
            self.late += 1
            return
        if self.expected is not None and first > self.expected:
            self.gaps += 1
            self.missing += first - self.expected
        self.expected = first + messages


def iex_messages(packet):
    at = 40
    for _ in range(struct.unpack_from("<H", packet, 14)[0]):
        length, = struct.unpack_from("<H", packet, at)
        yield packet[at + 2:at + 2 + length]
        at += 2 + length


def report(unit, packets, heartbeats, sequence, types, letters):
    lines = [(unit, packets), ("heartbeats", heartbeats), ("messages", sum(types.values())), ("gaps", sequence.gaps),
             ("missing", sequence.missing), ("late", sequence.late)]
    lines += [(letter, types[letter]) for letter in letters if types[letter]]
    return "".join("%s %d\n" % line for line in lines)


def iex(path, keep=lambda payload: True):
    packets, heartbeats, types, sequence = 0, 0, collections.Counter(), Sequence()
    for packet in payloads(path, keep):
        packets += 1
        messages, = struct.unpack_from("<H", packet, 14)
        heartbeats += messages == 0
        sequence.add(struct.unpack_from("<Q", packet, 24)[0], messages)
        types.update(chr(m[0]) for m in iex_messages(packet))
    return report("segments", packets, heartbeats, sequence, types, "QHPOTADSXB")


def itch(path, keep=lambda payload: True):
    packets, heartbeats, types, sequence = 0, 0, collections.Counter(), Sequence()
    for packet in payloads(path, keep):
        packets += 1
        first, messages = struct.unpack_from(">QH", packet, 10)
        heartbeats += messages == 0
        if messages:
            sequence.add(first, messages)
        at = 20
        for _ in range(messages):
            types[chr(packet[at + 2])] += 1
            at += 2 + struct.unpack_from(">H", packet, at)[0]
    return report("packets", packets, heartbeats, sequence, types, "AFECXDUPILHRS")


def book(path, keep=lambda payload: True):
    rows = {}
    for packet in payloads(path, keep):
        for message in iex_messages(packet):
            if message[0] != ord("Q"):
                continue
            symbol, bid, ask = struct.unpack_from("<8s4xQQ", message, 10)
            if not bid and not ask:
                continue
            quotes, high, low = rows.get(symbol, (0, 0, 0))
            rows[symbol] = quotes + 1, max(high, bid), min(low, ask) if low and ask else low or ask
    return "".join("%s %d %d %d\n" % (symbol.decode(), *row) for symbol, row in rows.items())


def arbiter(path, keep_a, keep_b):
    a, b = {}, {}
    for port, text in tshark(path, "udp", "udp.dstport", "udp.payload"):
        payload = bytes.fromhex(text)
        line, keep = (a, keep_a) if port == "14340" else (b, keep_b)
        if keep(payload):
            line[struct.unpack_from("<I", payload)[0]] = len(payload)
    both = {**a, **b}
    lines = [("packets", len(both)), ("bytes", sum(both.values())), ("on both", len(a.keys() & b.keys())),
             ("only on A", len(a.keys() - b.keys())), ("only on B", len(b.keys() - a.keys())),
             ("missing", max(both) - min(both) + 1 - len(both))]
    return "".join("%s %d\n" % line for line in lines)


# ------------------------------------------------------------------------ rows

IEX, CME, ITCH = "iex_tops16.pcapng", "cme_mdp3_v16.pcap", "nasdaq_itch50/Multiple.Packets.pcap"

# Losses made by a filter, and the same in Python: some of line A, of B, of both, by
# the low byte of the packets' numbers.
A = ("udp dst port 14340 and udp[8] & 7 != 3", lambda p: p[0] & 7 != 3)
B = ("udp dst port 15340 and udp[8] & 15 != 11 and udp[8] & 15 != 4", lambda p: p[0] & 15 not in (11, 4))
IEX_GAPS = ("udp[32] & 31 != 7", lambda p: p[24] & 31 != 7)

EXPECT_IEX = """\
segments 13022
heartbeats 237
messages 57674
gaps 0
missing 0
late 0
Q 27217
H 7803
P 7802
O 7801
T 6390
A 642
D 10
S 6
B 3
"""

EXPECT_IEX_GAPS = """\
segments 12653
heartbeats 237
messages 57085
gaps 369
missing 589
late 0
Q 26836
H 7803
P 7802
O 7801
T 6201
A 623
D 10
S 6
B 3
"""

EXPECT_ITCH = """\
packets 2
heartbeats 0
messages 39
gaps 1
missing 4244620
late 0
A 36
F 2
D 1
"""

EXPECT_ITCH_DELETE = """\
packets 1
heartbeats 0
messages 1
gaps 0
missing 0
late 0
D 1
"""

EXPECT_BOOK = """\
USA      171 57400 56600
GOOD     164 187900 187000
AAPL     173 1490000 1489100
ZIEXT    181 200400 199500
ICCC     173 42800 42000
DISH     169 496800 496100
QCOM     166 718800 717900
ELLO     181 101200 100300
LION     166 164200 163300
POT      171 325000 324400
FB       192 464000 463100
RUTH     47 133000 133000
ZXIET    178 300400 299500
SSL      181 507300 506500
FICO     180 574300 573500
YELP     164 631000 630200
MDGN+    172 27900 27000
PPP      198 54400 53600
ZEXIT    147 100200 99600
IRS      198 113600 112800
AMZN     179 3649800 3648900
TWO      195 92000 91100
OKSB     33 156500 156000
"""

EXPECT_ARBITER = """\
packets 4688
bytes 759952
on both 4062
only on A 313
only on B 313
missing 312
"""

Row = collections.namedtuple("Row", "name capture bpf programs expected computed")

ROWS = [
    Row("count-iex", IEX, None, ["count"], "frames 13022\ntype x0800 13022\nport 16642 13022\n",
        lambda path: count(path, None)),
    Row("count-cme", CME, None, ["count"], "frames 10000\ntype x0800 10000\nport 15340 5000\nport 14340 5000\n",
        lambda path: count(path, None)),
    Row("count-vlan", ITCH, None, ["count"], "frames 2\ntype x0800 2\nport 26477 2\n", lambda path: count(path, None)),
    Row("count-filter", IEX, "greater 1000", ["count"], "frames 791\ntype x0800 791\nport 16642 791\n",
        lambda path: count(path, "frame.len >= 1000")),
    Row("iex", IEX, None, ["iex"], EXPECT_IEX, lambda path: iex(path)),
    Row("iex-gaps", IEX, IEX_GAPS[0], ["iex"], EXPECT_IEX_GAPS, lambda path: iex(path, IEX_GAPS[1])),
    Row("itch", ITCH, None, ["itch"], EXPECT_ITCH, lambda path: itch(path)),
    Row("itch-delete", "nasdaq_itch50/OrderDeleteMessage.pcap", None, ["itch"], EXPECT_ITCH_DELETE,
        lambda path: itch(path)),
    Row("book", IEX, None, ["quotes", "book"], EXPECT_BOOK, lambda path: book(path)),
    Row("arbiter", CME, None, ["line", "line", "arbiter"], EXPECT_ARBITER, lambda path: arbiter(path, A[1], B[1])),
]


def command_of(row, lc3run, examples, path):
    command = [lc3run, "-q"]
    card = "--nic=pcap:%s,rate=max" % path
    if row.name == "arbiter":
        command += [card, "--filter=" + A[0], card, "--filter=" + B[0], "--link=0:2", "--link=1:2"]
    else:
        command += [card] + (["--filter=" + row.bpf] if row.bpf else [])
    return command + [os.path.join(examples, p + ".asm") for p in row.programs]


def main():
    lc3run, examples = sys.argv[1:3]
    captures = os.environ.get("LC3_CAPTURES")
    if not captures:
        print("skipped: LC3_CAPTURES is not set, there are no captures here")
        return SKIPPED
    has_tshark = shutil.which("tshark") is not None
    bad = 0
    for row in ROWS:
        if len(sys.argv) > 3 and row.name not in sys.argv[3:]:
            continue
        path = os.path.join(captures, row.capture)
        printed = subprocess.run(command_of(row, lc3run, examples, path), capture_output=True, text=True, timeout=60)
        wrong = []
        if printed.returncode or printed.stdout != row.expected:
            wrong.append("exit %d, printed:\n%s%s" % (printed.returncode, printed.stdout, printed.stderr))
        if has_tshark and row.computed(path) != row.expected:
            wrong.append("tshark says:\n" + row.computed(path))
        print("%s %s%s" % ("not ok" if wrong else "ok", row.name, "" if has_tshark else " (tshark is not installed)"))
        bad += bool(wrong)
        for text in wrong:
            print(text)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
