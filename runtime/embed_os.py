#!/usr/bin/env python3
"""embed_os.py OUT.h FILE... -- files as C arrays, found by their names."""
import os
import sys


def main(out, *paths):
    lines = ["// Made by embed_os.py.  Do not edit: change stdlib/os*.asm and rebuild.", "#include <stddef.h>", "",
             "typedef struct {", "    const char *name;", "    const unsigned char *bytes;", "    size_t size;", "} OsFile;", ""]
    table = []
    for i, path in enumerate(paths):
        with open(path, "rb") as file:
            data = file.read()
        lines.append(f"static const unsigned char file_{i}[] = {{")
        lines += ["    " + ", ".join(map(str, data[at:at + 20])) + "," for at in range(0, len(data), 20)]
        lines += ["};", ""]
        name = os.path.basename(path).removeprefix("os_")
        table.append(f'    {{ "{name}", file_{i}, sizeof file_{i} }},')
    lines += ["static const OsFile os_files[] = {", *table, "    { NULL, NULL, 0 },", "};"]
    with open(out, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
