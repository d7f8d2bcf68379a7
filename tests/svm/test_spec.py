#!/usr/bin/env python3
"""What the stack machine promises, a sentence a row, on every engine.

    test_spec.py SVM

A row: the sentence, the program, and what is expected of it: `stack` (the dump's),
`out`, `exit`, `error` (the named error), `says` (a piece of standard error), `n`
(instructions).  `args`, `stdin` and `options` are given to the run.
"""
import json
import os
import subprocess
import sys
import tempfile

from engines import engines, listed

svm = sys.argv[1]
MAX, MIN = 9223372036854775807, -9223372036854775808
rows = []


def row(sentence, program, **want):
    rows.append((sentence, program, want))


def op(name): return {"op": name}


# 1. Values
row("Num is 64 bits with a sign", f"{MAX} {MIN}", stack=[MAX, MIN])
row("Bool is a kind of its own", "true false", stack=[True, False])
row("String is UTF-8", '"åß∂ 😀"', stack=["åß∂ 😀"], out="")
row("Num shows as decimal", "-12 println 12 cast_str", out="-12\n", stack=["12"])
row("Bool shows as true or false", "true println false println", out="true\nfalse\n")
row("String shows raw, without quotes", '"a \\"b\\"" println', out='a "b"\n')
row("Label shows as name:", "println", args=["name:"], out="name:\n")
row("PossibleLabel shows as its name", "println", args=["name"], out="name\n")
names = {"+": "Plus", "-": "Minus", "*": "Multiply", "/": "Divide", "cast_int": "ToInt", "cast_str": "ToStr",
         "println": "Println", "==": "Equals", "or": "Or", "and": "And", "not": "Not", "<": "LessThan",
         "<=": "LessThanOrEqualTo", ">": "GreaterHan", ">=": "GreaterHanOrEqualto", "%": "Mod", "if": "If",
         "jmp": "Jump", "dup": "Duplicate", "drop": "Drop", "rot": "Rotate", "swap": "Swap", "sleep_ms": "SleepMS",
         "exit": "Exit", "stop": "Stop", "read": "Read", "over": "Over", "call": "Call", "return": "Return"}
for spelling, name in names.items():
    row(f"Operation {spelling} shows as <op:{name}>", "dup println", args=["--", spelling], out=f"<op:{name}>\n",
        stack=[op(name)])
row("in the dump a label is {label}, a word {symbol}", "", args=["x:", "x"], stack=[{"label": "x"}, {"symbol": "x"}])

# 2. Tokenizer
row("a comment runs to the end of its line", "1 # 2 3\n4", stack=[1, 4])
row("a comment at the end of the program needs no newline", "1 # 2", stack=[1])
row("a comment's newline ends a token", "1#c\n2", stack=[1, 2])
row("--compat: a comment's newline does not end a token", "1#c\n2", options=["--compat"], stack=[12])
row("--compat: 1 #c newline 2 is two tokens", "1 #c\n2", options=["--compat"], stack=[1, 2])
row("a quote ends a bare word", 'abc"def"', error="UndefinedLabel", says='undefined "abc"" 1')
row("a quote ends a bare word: the second is def\"", 'abc"def"', error="UndefinedLabel", says='undefined "def"" 1')
row('"a"b is a String, then a word', '"a"b: b', stack=["a", 2])
row("\\\\ in a string is one", '"a\\\\b"', stack=["a\\b"])
row("\\n and \\t in a string are newline and tab", '"a\\nb\\tc"', stack=["a\nb\tc"])
row('\\" in a string is a quote', '"a\\"b"', stack=['a"b'])
row("an unknown escape is an error at its place", '1 "a\\qb"', error="InvalidString", says=":1:5: error:", exit=1)
row("an unterminated string is an error at its opening quote", '1\n  "abc', error="InvalidString", says=":2:3: error:",
    exit=1)
row("a string that ends in an escaped quote is unterminated", '"ab\\"', error="InvalidString")
row("a quote alone is unterminated", '"', error="InvalidString")
row("--compat: an escape applies outside strings", "1 2 \\+", options=["--compat"], stack=[3])
row("--compat: other characters do not clear the escape flag", '"a\\nb" "', options=["--compat"], stack=['anb" '])
row("--compat: \\\\ is one", '"a\\\\b"', options=["--compat"], stack=["a\\b"])
row('--compat: \\" is a quote', '"a\\"b"', options=["--compat"], stack=['a"b'])
row("--compat: an unterminated string is a word", '"abc', options=["--compat"], error="UndefinedLabel")
row("a newline may stand in a string", '"a\nb"', stack=["a\nb"])
row("# in a string is text", '"a#b"', stack=["a#b"])
row("space, newline, tab and return end a token", "1 2\n3\t4\r5", stack=[1, 2, 3, 4, 5])
row("no other blank separates", "1\u00a02", error="UndefinedLabel")
row("blanks in a string are text", '" \t\r"', stack=[" \t\r"])
row("the end of the text ends the token", "12", stack=[12])
row("empty tokens are dropped", "  1   2  ", stack=[1, 2])
row("an empty program stops at once", "", stack=[], exit=0, n=0)

# 3. Tokens to code
row("true and false are Bool", "true false", stack=[True, False])
row("True is none", "True", error="UndefinedLabel")
row("007 is 7, +5 is 5, -0 is 0", "007 +5 -0", stack=[7, 5, 0])
row("a number out of range is a word", f"{MAX + 1}", error="UndefinedLabel", says="does not fit in 64 bits")
row("the smallest number is in range", f"{MIN}", stack=[MIN])
row("one below the smallest is a word", f"{MIN - 1}", error="UndefinedLabel")
row("a sign alone is an operation", "3 1 -", stack=[2])
row('"" is the empty String', '""', stack=[""])
row("name: is a label", "name: name", stack=[1])
row("1: is a legal label that nobody can name", "1: 1", stack=[1])
row("true: is a legal label that nobody can name", "true: true", stack=[True])
row(":: is the label :", ":: :", stack=[1])
row("a colon alone is a word", ":", error="UndefinedLabel", says='undefined ":" 1')

# 4. Labels
row("places count every token", "1 drop x: 2 x", stack=[2, 3])
row("a label's location is the index behind it", "x: 1 x", stack=[1, 1])
row("labels are ordinary numbers", "x: x 1 +", stack=[2])
row("a label may be used before it stands", "x 5 x:", stack=[3, 5])
row("the same label twice is an error with its locations", "a: 1\n a: 2 a:", error="MultipleLabelDefinitions", exit=1,
    says="Label a defined in locations: [1, 3, 5]")
row("a name without a label is an error with its uses", "b 1 b", error="UndefinedLabel", exit=1,
    says='Program referes to undefined "b" 2 time(s)')
row("a label that nobody uses is fine", "x: 1", stack=[1])
row("all label errors are reported: first", "b\nx: x: c", says='undefined "b"', error="UndefinedLabel")
row("all label errors are reported: second", "b\nx: x: c", says="Label x defined", error="UndefinedLabel")
row("all label errors are reported: third", "b\nx: x: c", says='undefined "c"', error="UndefinedLabel")
row("the error of a dump is the first in the text", "x: x: c", error="MultipleLabelDefinitions")
row("arguments are read but not resolved", "x:", args=["x"], stack=[{"symbol": "x"}])

# 5. Machine
row("arguments are pushed from left to right", "", args=["1", "2", "3"], stack=[1, 2, 3])
row("the end of the program is a stop with code 0", "1", exit=0, stack=[1], n=1)
row("a jump to the end stops", "e jmp 1 e:", exit=0, stack=[], n=2)
row("a label does nothing", "a: b: 1", stack=[1], n=3)
row("beyond the end is an error", "100 jmp", error="OutOfBounds", exit=101, says=":1:5: error:")
row("one beyond the end is an error", "3 jmp", error="OutOfBounds")
row("a negative place is an error", "-1 jmp", error="OutOfBounds")
row("a call beyond the end is an error", "100 call", error="OutOfBounds", says=":1:5: error:")
row("an empty stack is an error", "1 +", error="EmptyStack", exit=1, says="Cannot pop an empty stack, looking for ")
row("another kind is an error", 'true 1 +', error="PatternMismatch", exit=1, says="Pattern mismatch, looking for ")
row("operands are taken from the top and not restored", '1 "a" +', error="PatternMismatch", stack=[1])
row("the second operand is taken before the check", '"a" 1 +', error="PatternMismatch", stack=[])
row("one operand of two is gone", "1 +", error="EmptyStack", stack=[])
row("the message names the pattern and the expression", '1 "a" +', error="PatternMismatch",
    says="looking for Num(a) in Push(Num(a + b))")
row("an error says what was found", '1 "a" +', error="PatternMismatch", says="""'+' wants Num, found String("a")""")
row("an error stands at its instruction", '1\n  true +', error="PatternMismatch", says=":2:8: error:")
row("output before an error stays", "1 println +", out="1\n", error="EmptyStack")
row("+ adds", "2 3 +", stack=[5])
row("+ wraps", f"{MAX} 1 +", stack=[MIN])
row("* multiplies", "-2 3 *", stack=[-6])
row("* wraps", f"{MAX} 2 *", stack=[-2])
row("- subtracts the top", "2 3 -", stack=[-1])
row("- wraps", f"{MIN} 1 -", stack=[MAX])
row("/ truncates toward zero", "-7 2 / 7 -2 / 7 2 /", stack=[-3, -3, 3])
row("% has the sign of the dividend", "-7 2 % 7 -2 %", stack=[-1, 1])
row("/ by zero is an error", "1 0 /", error="Arith", exit=101, says=":1:5: error:")
row("% by zero is an error", "1 0 %", error="Arith", exit=101)
row("MIN / -1 is an error", f"{MIN} -1 /", error="Arith")
row("MIN % -1 is an error", f"{MIN} -1 %", error="Arith")
row("the operands of a failed / are gone", "5 1 0 /", error="Arith", stack=[5])
row("<", "1 2 < 2 2 < 3 2 <", stack=[True, False, False])
row("<=", "1 2 <= 2 2 <= 3 2 <=", stack=[True, True, False])
row(">", "1 2 > 2 2 > 3 2 >", stack=[False, False, True])
row(">=", "1 2 >= 2 2 >= 3 2 >=", stack=[False, True, True])
row("== wants the same kind", '"x" 1 == 1 true ==', stack=[False, False])
row("== wants the same contents", '"x" "x" == "x" "y" == 1 1 == 1 2 == true true ==',
    stack=[True, False, True, False, True])
row("== takes every kind", "==", args=["x:", "x:"], stack=[True])
row("== tells a label from a word of its name", "==", args=["x:", "x"], stack=[False])
row("and", "true true and true false and", stack=[True, False])
row("or", "false true or false false or", stack=[True, False])
row("and takes and checks both", "1 false and", error="PatternMismatch", stack=[])
row("or takes and checks both", "1 true or", error="PatternMismatch", stack=[])
row("not", "true not false not", stack=[False, True])
row("if takes the second for true", "true 1 2 if", stack=[1])
row("if takes the top for false", "false 1 2 if", stack=[2])
row("if takes any kinds", 'true "a" 2 if', stack=["a"])
row("if takes both before its condition is checked", '7 1 2 3 if', error="PatternMismatch", stack=[7])
row("dup", '"a" dup', stack=["a", "a"])
row("drop", "1 2 drop", stack=[1])
row("swap", "1 true swap", stack=[True, 1])
row("over", "1 2 over", stack=[1, 2, 1])
row("rot", "1 2 3 rot", stack=[2, 3, 1])
row("three times rot changes nothing", "1 2 3 rot rot rot", stack=[1, 2, 3])
row("cast_int reads a number", '"-12" cast_int "+5" cast_int "007" cast_int', stack=[-12, 5, 7])
row("cast_int does not trim", '" 5" cast_int "5 " cast_int "" cast_int "x" cast_int', stack=[0, 0, 0, 0])
row("cast_int out of range is 0", f'"{MAX + 1}" cast_int', stack=[0])
row("cast_int of a Num is an error", "5 cast_int", error="PatternMismatch")
row("cast_str shows", 'true cast_str "s" cast_str 5 cast_str', stack=["true", "s", "5"])
row("println writes a line", "1 println true println", out="1\ntrue\n")
row("read takes one line, trimmed at both ends", "read read", stdin=b" a b \t\n\xc2\xa0c\xe3\x80\x80\n", stack=["a b", "c"])
row("read at the end of the input gives an empty String", "read read", stdin=b"x", stack=["x", ""])
row("invalid UTF-8 on input is an error", "read", stdin=b"\xff\n", error="InvalidInput", exit=101, says=":1:1: error:")
row("invalid UTF-8 in the program is an error", b'1 "\xff"', error="InvalidInput", exit=101, says=":1:4: error:")
row("sleep_ms takes a number", "1 sleep_ms", stack=[])
row("jmp goes to a place", "x jmp 1 x: 2", stack=[2])
row("call comes back behind itself", "f call 2 stop f: 1 return", stack=[1, 2])
row("return without a call is an error", "return", error="EmptyStack", exit=1, says="looking for Return in return")
row("exit takes its code", "7 exit 1", exit=7, stack=[])
row("exit takes the low 32 bits", "4294967297 exit", exit=1)
row("the system sees the low byte", "300 exit", exit=300, code=44)
row("a negative code", "-1 exit", exit=-1, code=255)
row("stop stops with code 0", "1 stop 2", exit=0, stack=[1], n=2)
row("a full stack is an error", "a: 1 a jmp", error="StackOverflow", exit=101, says="S holds 1048576 entries")
row("a full return stack is an error", "a: a call", error="StackOverflow", exit=101, says="RS holds 1048576 entries")

# 6. Command line
row("arguments are joined: 'a b' is two", "", args=["1 2"], stack=[1, 2])
row("a quoted argument is one string", "", args=['"a b"'], stack=["a b"])
row("-5 needs -- before it", "", args=["--", "-5"], stack=[-5])
row("an error in the arguments", "", args=['"a'], error="InvalidString", says="<arguments>:1:1")
row("--ast prints the code as it was understood", 'f 12 call "a\\n" true f:', options=["--ast", "--no-run"],
    out='[Num(6), Num(12), Operation(Call), String("a\\n"), Bool(true), Label("f")]\n', stack=[], n=0)
row("--ast also runs", "1 println", options=["--ast"], out="[Num(1), Operation(Println)]\n1\n")
row("--no-run does not run", "1 println", options=["--no-run"], out="", stack=[])
row("--no-run finds mistakes", "x", options=["--no-run"], error="UndefinedLabel")
row("--step shows operations and no pushes", "1 x: dup", options=["--step"], stdin=b"\n",
    out="op:\tDuplicate\nself.code[2]:\tOperation(Duplicate)\nself.stack:\t[Num(1)]\nself.return_stack:\t[]\n...\n",
    stack=[1, 1])
row("--step shows the return stack", "f call stop f: drop", args=["1"], options=["--step"], stdin=b"\n\n",
    out="op:\tCall\nself.code[1]:\tOperation(Call)\nself.stack:\t[Num(1), Num(4)]\nself.return_stack:\t[]\n...\n"
        "op:\tDrop\nself.code[4]:\tOperation(Drop)\nself.stack:\t[Num(1)]\nself.return_stack:\t[2]\n...\n", stack=[])
row("--trace shows every instruction", "1\n x: dup", options=["--trace"], stack=[1, 1],
    says='0\t1:1\tNum(1)\t[]\n1\t2:2\tLabel("x")\t[Num(1)]\n2\t2:5\tOperation(Duplicate)\t[Num(1)]\n')
row("--stats=json counts", "1 drop", options=["--stats=json"], says='"instructions":2,')


def run(engine, program, want):
    with tempfile.TemporaryDirectory() as folder:
        file, dump = os.path.join(folder, "p.svm"), os.path.join(folder, "dump")
        with open(file, "wb") as f:
            f.write(program if isinstance(program, bytes) else program.encode())
        args = [svm, *engine, f"--dump={dump}", *want.get("options", []), file, *want.get("args", [])]
        p = subprocess.run(args, input=want.get("stdin", b""), capture_output=True, timeout=60)
        with open(dump, encoding="utf-8") as f:
            return p, json.load(f)


def check(sentence, engine, program, want):
    p, dump = run(engine, program, want)
    out, err = p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")
    seen = {"out": out, "exit": dump["exit"], "error": dump["error"], "stack": dump["stack"], "n": dump["instructions"],
            "code": p.returncode}
    expect = {"error": None, **{k: v for k, v in want.items() if k in seen}}
    if "exit" in expect:
        expect.setdefault("code", expect["exit"] & 255)
    if "stack" in expect:  # 1 is not true
        expect["stack"], seen["stack"] = json.dumps(expect["stack"]), json.dumps(seen["stack"])
    bad = [f"{k} is {seen[k]!r}, not {v!r}" for k, v in expect.items() if seen[k] != v]
    if want.get("says", "") not in err:
        bad.append(f"standard error is {err!r}, without {want['says']!r}")
    if expect["error"] and f"[{expect['error']}]" not in err:
        bad.append(f"standard error does not name {expect['error']}: {err!r}")
    for b in bad:
        print(f"{sentence} ({engine[-1]}): {b}")
    return len(bad)


def refused(args, says):
    p = subprocess.run([svm, *args], capture_output=True, timeout=60)
    if p.returncode != 2 or says not in p.stderr.decode(errors="replace"):
        print(f"{args}: exit {p.returncode}, {p.stderr.decode()!r} without {says!r}")
        return 1
    return 0


failures = 0
every = engines(svm)
for sentence, program, want in rows:
    for engine in every:
        failures += check(sentence, engine, program, want)
failures += refused([], "no program")
failures += refused(["/nonexistent.svm"], "/nonexistent.svm: No such file")
failures += refused(["--engine=nothing", "x"], "not built in; there are: auto, interp")
if "jit" not in listed(svm, "--engine=none"):
    failures += refused(["--engine=jit", "x"], "the engine 'jit' is not built in; there are: auto, interp\n")
failures += refused(["--nothing", "x"], "unknown option '--nothing'")
failures += refused(["x", "-5"], "write -- before")
failures += refused(["--dump=/nonexistent/x", "/dev/null"], "/nonexistent/")
with tempfile.NamedTemporaryFile("w", suffix=".svm") as f, open("/dev/full", "w") as full:
    f.write("1 println")
    f.flush()
    failures += subprocess.run([svm, f.name], stdout=full, stderr=subprocess.DEVNULL, timeout=60).returncode != 2
print(f"{len(rows)} sentences, {len(every)} engines, {failures} failures")
sys.exit(failures > 0)
