"""Checkpoints of local runs: test_checkpoint.py LC3RUN"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from cluster import expect, program

LC3RUN, HERE = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
FOLDER = tempfile.mkdtemp(prefix="lc3checkpoint")
STATE, OUT = f"{FOLDER}/state", f"{FOLDER}/out"
STAGES = [program(FOLDER, "source.asm", HERE, BLOCKS=300), f"{HERE}/middle.asm", f"{HERE}/sink.asm"]


def run(*arguments, **more):
    return subprocess.run([LC3RUN, *arguments], stdin=more.pop("stdin", subprocess.DEVNULL), capture_output=True,
                          timeout=60, **more)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def saved():
    """Tells one checkpoint from the next: each is a new file."""
    try:
        at = os.stat(f"{STATE}/checkpoint")
        return at.st_ino, at.st_mtime_ns
    except FileNotFoundError:
        return None


def fresh():
    shutil.rmtree(STATE, ignore_errors=True)


def killed_again_and_again(engine):
    expect(run("-q", f"--output={FOLDER}/whole", f"--dump={FOLDER}/whole.json", f"--engine={engine}", *STAGES).returncode == 0,
           "the run without a checkpoint")
    fresh()
    command = [LC3RUN, "-q", f"--engine={engine}", f"--output={OUT}", f"--dump={OUT}.json",
               f"--checkpoint={STATE},every=100000", *STAGES]
    for _ in range(5):  # killed a random while after it saved itself, far from its end
        p = subprocess.Popen(command)
        before = saved()
        while saved() == before and p.poll() is None:
            time.sleep(0.0005)
        time.sleep(random.random() * 0.01)
        expect(p.poll() is None, f"{engine}: it still runs when it is killed, and has not exited with {p.poll()}")
        p.kill()
        p.wait()
    expect(subprocess.run(command, timeout=60).returncode == 0, f"{engine}: it comes to its end")
    expect(read(f"{OUT}.2") == read(f"{FOLDER}/whole.2"), f"{engine}: the output is that of one run")
    whole, parts = (read(f).decode().replace(OUT, "") for f in (f"{FOLDER}/whole.json", f"{OUT}.json"))
    expect(whole == parts, f"{engine}: and so are the last states")
    expect(not os.path.exists(f"{STATE}/checkpoint"), "the checkpoint of a complete run is removed")


def an_interrupted_run_goes_on():
    fresh()
    p = subprocess.Popen([LC3RUN, "-q", f"--output={OUT}", f"--checkpoint={STATE}", *STAGES])
    while not os.path.exists(f"{STATE}/checkpoint"):
        time.sleep(0.001)
    p.send_signal(signal.SIGTERM)
    expect(p.wait(20) == 130 and os.path.exists(f"{STATE}/checkpoint"), "it saves itself when it is interrupted")
    at = os.path.getsize(f"{OUT}.2")
    expect(run("-q", f"--output={OUT}", f"--checkpoint={STATE}", *STAGES).returncode == 0, "and goes on")
    expect(at < len(read(f"{FOLDER}/whole.2")) and read(f"{OUT}.2") == read(f"{FOLDER}/whole.2"), "the output is that of one run")


def keys_are_not_read_twice():
    source = f"{FOLDER}/echo.asm"
    with open(source, "w") as f:
        f.write(".ORIG x3000\nLOOP GETC\nOUT\nLD R1, N\nW ADD R1, R1, #-1\nBRp W\nBR LOOP\nN .FILL 30000\n.END\n")
    keys = bytes(random.randrange(1, 256) for _ in range(20000))
    with open(f"{FOLDER}/keys", "wb") as f:
        f.write(keys)
    fresh()
    for limit in ("0.2", "0.2", "50"):
        with open(f"{FOLDER}/keys") as stdin:
            r = run("-q", f"--output={OUT}", f"--checkpoint={STATE},every=1000000", f"--timeout={limit}", source, stdin=stdin)
    expect(r.returncode == 0 and read(f"{OUT}.0") == keys, "every key is read once")


def refused(text, *arguments):
    r = run(*arguments)
    expect(r.returncode == 2 and text in r.stderr.decode(), f"{arguments}: exit 2 and '{text}', not {r.returncode} {r.stderr}")


def what_does_not_fit_is_refused():
    fresh()
    option, endless = f"--checkpoint={STATE}", [f"{HERE}/endless.asm", f"{HERE}/sleepy.asm"]
    expect(run("-q", option, "--timeout=0.1", *endless).returncode == 3, "a time limit keeps the checkpoint")
    refused("of another run", option, STAGES[0])
    refused("of another run", option, "--seed=1", *endless)
    whole = read(f"{STATE}/checkpoint")
    for damage in (whole[:100], whole[:-1], whole[:50] + bytes([whole[50] ^ 1]) + whole[51:], whole + b"x"):
        with open(f"{STATE}/checkpoint", "wb") as f:
            f.write(damage)
        refused("damaged", option, *endless)
    with open(f"{STATE}/checkpoint", "wb") as f:
        f.write(b"something else that is no checkpoint at all")
    refused("not a checkpoint", option, *endless)
    refused("expected DIR", "--checkpoint=", *endless)
    refused("every is a number", f"{option},every=0", *endless)
    refused("every is a number", f"{option},every=1k", *endless)
    refused("-Wuninit cannot be part", option, "-Wuninit", *endless)
    fresh()
    p = subprocess.Popen([LC3RUN, "-q", option, *endless])
    while not os.path.exists(f"{STATE}/checkpoint"):
        time.sleep(0.01)
    refused("another lc3run is using it", option, *endless)
    p.kill()
    p.wait()


try:
    for engine in ("interp", "auto"):
        killed_again_and_again(engine)
    an_interrupted_run_goes_on()
    keys_are_not_read_twice()
    what_does_not_fit_is_refused()
    print("ok")
finally:
    shutil.rmtree(FOLDER)
