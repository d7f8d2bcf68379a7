#!/usr/bin/env python3
"""embed.py OUT.c page.html page.css page.js -- one self-contained page as a C array.

The style and the script replace the lines <!-- style --> and <!-- script -->.
"""
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main(out, html, css, js):
    page = read(html)
    for mark, tag, text in (("<!-- style -->", "style", read(css)), ("<!-- script -->", "script", read(js))):
        if page.count(mark) != 1 or f"</{tag}" in text:
            sys.exit(f"embed.py: {html}: {mark} must stand there once, and </{tag} not in the {tag}")
        page = page.replace(mark, f"<{tag}>\n{text}</{tag}>")
    data = page.encode("utf-8")
    with open(out, "w", encoding="ascii") as file:
        file.write('// Made by page/embed.py.  Do not edit: change page/* and rebuild.\n#include "page.h"\n\n')
        file.write("const char page_html[] = {\n")
        for at in range(0, len(data), 20):
            file.write("    " + ", ".join(str(b if b < 128 else b - 256) for b in data[at:at + 20]) + ",\n")
        file.write("};\nconst size_t page_html_size = sizeof page_html;\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
