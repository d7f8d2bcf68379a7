#!/usr/bin/env python3
"""test_examples.py LC3RUN EXAMPLES [NAME...] -- the bus examples do what their comments say."""
import os
import sys

import lc3run_tool as tool
from lc3run_tool import expect, run

EXAMPLES = None


def example(*args):
    return run(*[os.path.join(EXAMPLES, a) if a.endswith(".asm") and "*" not in a else
                 a.replace("*", "*" + EXAMPLES + "/") if a.endswith(".asm") else a for a in args])


def hello_says_hello():
    r = example("hello.asm")
    expect(r.code == 0 and r.out == b"Hello, world!\n", r)


def the_consumer_finds_every_message_in_order():
    r = example("--stats=json", "producer.asm", "consumer.asm")
    expect(r.code == 0 and b"consumer: 11997696 messages, all in order\n" in r.out, r)
    consumer = r.stats()["vms"][1]
    expect(consumer["received"] == 11997697 and consumer["latency_ns"]["count"] > 40000, consumer)


def the_consumer_notices_a_wrong_message():
    tool.write("liar.asm", "AND R0, R0, #0\nADD R0, R0, #1\nTRAP x30\nTRAP x30\nHALT")
    r = run("-q", "liar.asm", os.path.join(EXAMPLES, "consumer.asm"))
    expect(r.out == b"consumer: wrong message x0001\n", r)


def counts_of_every_size_are_written_right():
    with open(os.path.join(EXAMPLES, "producer.asm")) as file:
        source = file.read()
    for count in (0, 1, 9, 10, 65534, 65535, 65536, 65537, 131070, 131071, 200000):
        text = source.replace("COUNT_LOW  .FILL x1200", f"COUNT_LOW .FILL x{count & 0xFFFF:04X}")
        text = text.replace("COUNT_HIGH .FILL x00B7", f"COUNT_HIGH .FILL x{count >> 16:04X}")
        expect(text != source, "the words to change")
        tool.write("some.asm", text)
        r = run("-q", "some.asm", os.path.join(EXAMPLES, "consumer.asm"))
        expect(f"consumer: {count} messages, all in order\n".encode() in r.out, (count, r))


def scattered_squares_add_up():
    r = example("-q", "--link=0:1", "--link=0:2", "--link=0:3", "--link=1:0", "--link=2:0", "--link=3:0",
                "scatter.asm", "3*square.asm")
    expect(r.code == 0 and r.out == b"the squares add up to 9455\n", r)


def orders(count, state):
    for _ in range(count):
        fed = state & 0x8000
        state = state << 1 & 0xFFFF
        if fed:
            state ^= 0x2D
        yield bool(state & 0x8000), (state & 31) + (state & 8) + 1 + (23 if state & 0x8000 else 0)


def the_pipeline_matches_like_a_book_in_python():
    bids, offers, trades = [0] * 64, [0] * 64, []
    for sells, price in orders(20000, 0xACE1):
        side, other = (offers, bids) if sells else (bids, offers)
        prices = range(63, price - 1, -1) if sells else range(price + 1)
        met = next((p for p in prices if other[p]), None)
        if met is None:
            side[price] += 1
        else:
            other[met] -= 1
            trades.append(met)
    r = example("-q", "orders.asm", "match.asm", "trades.asm")
    want = f"{len(trades)} trades, at prices from {min(trades)} to {max(trades)}\n"
    expect(r.code == 0 and r.out.decode() == want, (want, r))


def philosophers_starve_and_a_polite_one_saves_them():
    r = example("--link=ring", "5*philosopher.asm")
    expect(r.code == 1 and r.out == b"" and r.err.count(b"waits for a word from machine") == 5, r)
    r = example("-q", "--link=ring", "4*philosopher.asm", "polite.asm")
    expect(r.code == 0 and r.out.endswith(b"polite philosopher dines last\n") and r.out.count(b"\n") == 5, r)


def every_token_of_the_ring_makes_its_hops():
    r = example("-q", "--link=ring", "--stats=json", "50*hop.asm")
    expect(r.code == 0 and all(v["received"] == 1000 for v in r.stats()["vms"]), r.code)


TESTS = [f for name, f in sorted(globals().items()) if callable(f) and f.__module__ == __name__ and
         name not in ("example", "orders")]

if __name__ == "__main__":
    EXAMPLES = os.path.abspath(sys.argv.pop(2))
    tool.main(TESTS)
