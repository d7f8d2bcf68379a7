#!/usr/bin/env python3
"""Random texts are cut and understood as sections 2 to 4 of the specification say, by a
second implementation of them in this file, with --compat and without.

    test_tokens.py SVM [COUNT] [SEED]
"""
import os
import random
import re
import subprocess
import sys
import tempfile

svm, count, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 400, int(sys.argv[3]) if len(sys.argv) > 3 else 1
OPS = {"+": "Plus", "-": "Minus", "dup": "Duplicate"}


def cut_compatible(text):
    tokens, token, escaped, comment = [], "", False, False
    for c in text:
        if comment:
            comment = c != "\n"
        elif c == '"':
            token += c
            if not escaped and len(token) > 1:
                tokens.append(token)
                token = ""
            escaped = False
        elif c == "\\":
            if escaped:
                token += c
            escaped = not escaped
        elif c == "#" and not token.startswith('"'):
            comment = True
        elif c in " \n\t\r" and not token.startswith('"'):
            tokens.append(token)
            token = ""
        else:
            token += c
    return [t for t in tokens + [token] if t]


class Wrong(Exception):
    pass


def cut_modern(text):
    tokens, token, i = [], "", 0
    while i < len(text):
        c = text[i]
        i += 1
        if token.startswith('"') and c == "\\":
            if i == len(text):
                raise Wrong
            e = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}.get(text[i])
            if e is None:
                raise Wrong
            token += e
            i += 1
        elif c == '"':
            token += c
            if len(token) > 1:
                tokens.append(token)
                token = ""
        elif token.startswith('"'):
            token += c
        elif c == "#":
            while i < len(text) and text[i] != "\n":
                i += 1
            tokens.append(token)
            token = ""
        elif c in " \n\t\r":
            tokens.append(token)
            token = ""
        else:
            token += c
    if token.startswith('"'):
        raise Wrong
    return [t for t in tokens + [token] if t]


def debug(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def understand(tokens):
    code, labels, bad = [], {}, False
    for i, t in enumerate(tokens):
        if t in ("true", "false"):
            code.append(f"Bool({t})")
        elif re.fullmatch(r"[+-]?[0-9]+", t):
            code.append(f"Num({int(t)})")
        elif t in OPS:
            code.append(f"Operation({OPS[t]})")
        elif len(t) > 1 and t[0] == t[-1] == '"':
            code.append(f"String({debug(t[1:-1])})")
        elif len(t) > 1 and t[-1] == ":":
            code.append(f"Label({debug(t[:-1])})")
            bad |= t[:-1] in labels
            labels[t[:-1]] = i + 1
        else:
            code.append(("word", t))
    for i, e in enumerate(code):
        if isinstance(e, tuple):
            bad |= e[1] not in labels
            code[i] = f"Num({labels.get(e[1])})"
    if bad:
        raise Wrong
    return "[" + ", ".join(code) + "]\n"


random.seed(seed)
failures = good = 0
pieces = ["a", "a", ":", "a:", "1", "+", "-", " ", " ", "\n", "\t", "#", '"', '"', "\\", "n", "true ", "dup "]
with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "p.svm")
    for i in range(count):
        text = "".join(random.choice(pieces) for _ in range(random.randint(0, 14)))
        with open(file, "w", newline="") as f:
            f.write(text)
        for option, cut in (["--compat"], cut_compatible), ([], cut_modern):
            try:
                want = understand(cut(text))
                good += 1
            except Wrong:
                want = None
            p = subprocess.run([svm, "--ast", "--no-run", *option, file], capture_output=True, text=True, timeout=60)
            if (p.stdout, p.returncode) != ((want, 0) if want else ("", 1)):
                failures += 1
                print(f"{text!r} {option}: {p.returncode} {p.stdout!r}, not {want!r}\n{p.stderr}")
print(f"{count} texts, {good} readings without a mistake, {failures} failures")
sys.exit(failures > 0 or good < count // 10)
