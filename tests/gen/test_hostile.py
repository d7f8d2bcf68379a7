#!/usr/bin/env python3
"""Descriptions that would take for ever, or all memory, end in an error within a second.

    test_hostile.py LC3GEN ISA.def STACK.def [SECONDS]
"""
import os
import resource
import subprocess
import sys
import tempfile

GEN, ISA, STACK = sys.argv[1:4]
SECONDS = float(sys.argv[4]) if len(sys.argv) > 4 else 1.0
with open(ISA, encoding="utf-8") as file:
    BASE = file.read()
with open(STACK, encoding="utf-8") as file:
    STACK_BASE = file.read()


def changed(old, new, base=BASE):
    assert old in base, old
    return base.replace(old, new, 1)


def fns(count, body):
    return "fn f0(v: bits16) -> bits16 = v;\n" + "".join(
        f"fn f{i}(v: bits16) -> bits16 = {body.format(i - 1)};\n" for i in range(1, count))


def before_lazy(text):
    return changed("fn nzp(", text + "fn nzp(")


def link(text, before=""):
    return changed("proc link() {", before + "proc link() { " + text)


PROCS = "proc p0() { }\n" + "".join(f"proc p{i}() {{ p{i - 1}(); p{i - 1}(); }}\n" for i in range(1, 60))
SLOW = "".join("fn s{0}(v: bits16) -> bits16 = {1};\n".format(
    i, "v" if i == 0 else f"s{i - 1}(v) + s{i - 1}(v)") for i in range(8))
BUSY = changed("let v = ~R[sr1];", "let v = ~R[sr1]; " + "R[dr] = s7(v); " * 10, before_lazy(SLOW))
EXAMPLE = 'example NOP {{ run "{0}"; expect PC = 0x3001; }}\n'

CASES = { # name: (text, what the error says)
    "twice as often each": (changed("-> bits3 = v == 0", "-> bits3 = f59(v) == 0", before_lazy(
        fns(60, "f{0}(v) + f{0}(v)"))), "this fn takes more than 1000 steps"),
    "procs that double": (link("p59();", PROCS), "this proc takes more than 1000 steps"),
    "a long chain of fns": (before_lazy(fns(4000, "f{0}(v)")), "this fn takes more than 1000 steps"),
    "a body of many calls": (changed("let v = ~R[sr1];", "let v = ~R[sr1]; " + "R[dr] = s7(v); " * 100,
                                     before_lazy(SLOW)), "this takes more than 10000 steps"),
    "many examples of much work": (BUSY + EXAMPLE.format("NOT R0, R0;" * 100) * 200,
                                   "the examples take more than 5000000 steps"),
    "too many examples": (BASE + EXAMPLE.format("NOP") * 4000, "at most 4096 items"),
    "just enough examples": (BASE + 'example NOP ed3 { run "HALT"; expect PC = 0x3002; }\n' * 3900, "PC is 0x3001"),
    "a long example": (BASE + EXAMPLE.format("NOP;" * 200000), "PC is"),
    "an example that jumps on itself": (BASE + EXAMPLE.format("BR #-1;" * 100000), "PC is 0x3000"),
    "an example of a stack machine that never ends": (
        STACK_BASE + 'example Jump { run "a: a jmp"; expect exit = 0; }\n' * 2000, "the run stops with its budget"),
    "a stack machine that takes much": (
        STACK_BASE + 'example Jump { run "a: 1 dup dup a jmp"; expect exit = 0; }\n' * 500,
        "the examples take more than"),
    "4000 aliases": (BASE + "".join(f"alias A{i} = JMP(baser = 9);\n" for i in range(4000)), "9"),
    "4000 fuses": (BASE + "".join(f"fuse F{i} = a: BR, b: BR where a.nzp == 1;\n" for i in range(3900)), "middle"),
    "a sum of 300,000 terms": (before_lazy("fn b(v: bits16) -> bits16 = " + "+".join(["v"] * 300000) + ";\n"),
                               "this item is too large"),
    "brackets": (before_lazy("fn b(v: bits16) -> bits16 = " + "(" * 4000 + "v" + ")" * 4000 + ";\n"), "nested too deeply"),
    "signs": (before_lazy("fn b(v: bits16) -> bits16 = " + "~" * 9000 + "v;\n"), "nested too deeply"),
    "blocks": (link("if PC == 1 { " * 1500 + "} " * 1500), "nested too deeply"),
    "a memory of 4 G": (changed("M[65536]", "M[4294967296]"), "addresses of 'M' are bits32"),
    "another memory of 4 G": (changed("mem M[", "mem N[4294967296] : bits16 { region 0 .. 0xFFFFFFFF ram; }\nmem M["),
                              "examples run in machines of at most"),
    "many registers": (changed("regs R[8]", "regs R[2000000000]"), "1 to 256 registers"),
    "many names": (changed('"R0"', " ".join(f'"Z{i}"' for i in range(100000))), "this item is too large"),
    "many traps": (changed("TRAP.vect8 {", "TRAP.vect8 {\n" + "0x99 T \"t\" do { }\n" * 1600), "error:"),
    "garbage": ("@" * 1000000, "'@' has no meaning here"),
    "a hundred thousand items": ('isa x "y";\n' * 90000, "the machine already has a name"),
    "more than a megabyte": (BASE + "/" * 2000000, "at most 1048576 bytes"),
}


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))


def check(path, is_sanitized):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([GEN, "check", path], capture_output=True, text=True, timeout=120, check=False,
                         preexec_fn=None if is_sanitized else limits)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return run, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    failures = 0
    is_sanitized = b"__asan_init" in open(GEN, "rb").read() or b"__tsan_init" in open(GEN, "rb").read()
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "hostile.def")
        for name, (text, said) in CASES.items():
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            most = SECONDS * (20 if is_sanitized else 1)
            run, spent = check(path, is_sanitized)
            if spent > most: # others may have had the machine
                run, spent = check(path, is_sanitized)
            wrong = []
            if run.returncode != 1:
                wrong.append(f"exit {run.returncode}")
            if said not in run.stderr:
                wrong.append(f"does not say '{said}'")
            if spent > most:
                wrong.append("takes too long")
            print(f"{'FAILED' if wrong else 'ok':7} {spent:5.2f} s  {name}{': ' if wrong else ''}{', '.join(wrong)}")
            if wrong:
                print("        " + "\n        ".join(line[:160] for line in run.stderr.split("\n")[:3]))
            failures += bool(wrong)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
