#!/usr/bin/env python3
"""embed.py OUT.h TABLE NAME=FILE... -- files as C arrays in a table, found by their names."""
import sys


def main(out, table, *arguments):
    lines = ["// Made by embed.py.  Do not edit: change the files and rebuild.", "#include <stddef.h>", "",
             "typedef struct {", "    const char *name;", "    const unsigned char *bytes;", "    size_t size;",
             "} EmbeddedFile;", ""]
    rows = []
    for i, argument in enumerate(arguments):
        name, path = argument.split("=", 1)
        with open(path, "rb") as file:
            data = file.read()
        lines.append(f"static const unsigned char file_{i}[] = {{")
        lines += ["    " + ", ".join(map(str, data[at:at + 20])) + "," for at in range(0, len(data), 20)]
        lines += ["};", ""]
        rows.append(f'    {{ "{name}", file_{i}, sizeof file_{i} }},')
    lines += [f"static const EmbeddedFile {table}[] = {{", *rows, "    { NULL, NULL, 0 },", "};"]
    with open(out, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
