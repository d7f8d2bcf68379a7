#!/usr/bin/env python3
"""mutate_ring.py CC SOURCE_ROOT -- every memory order of the ring is needed.

Weakens one order of ring.[ch] after the other to relaxed and runs the stress
program under ThreadSanitizer, which must find something each time, and nothing in
the ring as it is.  Skipped (77) where ThreadSanitizer does not start.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

MUTATIONS = [  # file, a text that stands there once
    ("ring.h", "memory_order_release); // A"),
    ("ring.c", "memory_order_release); // B"),
    ("ring.c", "memory_order_release); // C"),
    ("ring.c", "&r->from_writer.closed, 1, memory_order_release); // D"),
    ("ring.c", "&r->from_reader.closed, 1, memory_order_release); // D"),
    ("ring.c", "&r->park.reader_waits, 1, memory_order_acq_rel); // E"),
    ("ring.c", "&r->park.writer_waits, 1, memory_order_acq_rel); // E"),
]


def build(cc, root, work, name):
    program = os.path.join(work, name)
    runtime = os.path.join(work, "runtime")
    sources = [os.path.join(runtime, f) for f in ("ring.c", "clock.c", "histogram.c")]
    subprocess.run([*cc, "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-fsanitize=thread", "-I", runtime,
                    os.path.join(root, "tests", "runtime", "stress_ring.c"), *sources, "-lpthread", "-o", program],
                   check=True)
    return program


def has_thread_sanitizer(cc, work):
    source = os.path.join(work, "empty.c")
    with open(source, "w") as f:
        f.write("int main(void) { return 0; }\n")
    return subprocess.run([*cc, "-fsanitize=thread", source, "-o", os.path.join(work, "empty")],
                          capture_output=True).returncode == 0


def stress(program, seconds):
    env = dict(os.environ, TSAN_OPTIONS="halt_on_error=1 exitcode=66")
    return subprocess.run([program, str(seconds)], env=env, capture_output=True, text=True, timeout=120)


def main():
    cc, root = sys.argv[1:-1], sys.argv[-1]
    with tempfile.TemporaryDirectory() as work:
        runtime = os.path.join(work, "runtime")
        os.mkdir(runtime)
        for name in ("ring.c", "ring.h", "ring_copy.h", "watched.h", "clock.c", "clock.h", "histogram.c", "histogram.h"):
            shutil.copy(os.path.join(root, "runtime", name), runtime)
        if not has_thread_sanitizer(cc, work):
            print("skipped: this compiler has no ThreadSanitizer")
            return 77
        plain = stress(build(cc, root, work, "plain"), 2)
        if "FATAL: ThreadSanitizer" in plain.stderr:
            print("skipped: ThreadSanitizer does not start here")
            return 77
        if plain.returncode:
            print("the ring as it is fails:\n" + plain.stdout + plain.stderr)
            return 1
        missed = 0
        for number, (file, text) in enumerate(MUTATIONS):
            path = os.path.join(runtime, file)
            with open(path) as f:
                whole = f.read()
            if whole.count(text) != 1:
                print(f"{file}: '{text}' stands there {whole.count(text)} times")
                return 1
            with open(path, "w") as f:
                f.write(whole.replace(text, re.sub("memory_order_(release|acq_rel)", "memory_order_relaxed", text)))
            found = stress(build(cc, root, work, f"mutant{number}"), 60) # it ends at the first finding
            with open(path, "w") as f:
                f.write(whole)
            print(f"{file}: {text}: {'found' if found.returncode else 'NOT FOUND'}")
            missed += found.returncode == 0
        return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
