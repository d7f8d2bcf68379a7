#!/usr/bin/env python3
"""manpage.py PAGE.in COMMAND OUT -- a man page whose options are those of COMMAND --help.

PAGE.in is man(7) source.  Its line @OPTIONS@ becomes the options with their texts, in the help's
own groups; @EXIT@ the help's paragraph about exit codes; @BELOW text@ the lines that follow that
text in the help; @VERSION@ the command's version.
"""
import re
import subprocess
import sys


def said(command, option):
    text = subprocess.run([command, option], stdout=subprocess.PIPE, text=True, check=False).stdout
    return text or sys.exit(f"{command} {option} says nothing")


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def option(line):
    """The option and its text of a line such as '  --name=V   text', else None."""
    found = re.match(r" {2,6}(-\S.*?)(?: {2,}(\S.*))?$", line)
    return found and [found[1], found[2] or "", len(line) - len(line.lstrip())]


def options(text):
    """Lines of man source for everything that begins with a dash."""
    out, current = [], None
    lines = text.split("\n")
    for i, line in enumerate(lines):
        new = option(line)
        if new:
            current = new
            out += [".TP", ".B " + escaped(new[0])]
            if new[1]:
                out.append(escaped(new[1]))
            elif "--help" in new[0]:
                out.append("Print the options, or the version.")
        elif current and re.match(r" {%d,}\S" % (current[2] + 4), line):
            out.append(escaped(line.strip()))
        elif re.match(r"[a-z][a-z ]*$", line) and i + 1 < len(lines) and option(lines[i + 1]):
            out.append(".SS " + line.capitalize())
            current = None
        else:
            current = None
    return out


def exit_codes(text):
    found = re.search(r"^Exit.*?(?=\n\n|\Z)", text, re.S | re.M)
    sentence = re.sub(r"^Exit( code| status)?:? *", "", found[0]) if found else ""
    return [escaped(line) for line in sentence.strip().split("\n")]


def below(text, heading):
    rows = text.split("\n" + heading + "\n", 1)[1].split("\n\n")[0].rstrip("\n")
    return [".nf", *(escaped(line) for line in rows.split("\n")), ".fi"]


def main(page, command, out):
    text = said(command, "--help")
    with open(page, encoding="utf-8") as file:
        lines = file.read().rstrip("\n").split("\n")
    result = []
    for line in lines:
        if line == "@OPTIONS@":
            result += options(text)
        elif line == "@EXIT@":
            result += exit_codes(text)
        elif line.startswith("@BELOW "):
            result += below(text, line[7:-1])
        else:
            result.append(line.replace("@VERSION@", said(command, "--version").split()[-1]))
    with open(out, "w", encoding="utf-8") as file:
        file.write("\n".join(result) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
