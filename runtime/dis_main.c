// lc3dis -- shows what an object file says.
#include "dis.h"
#include "base/standard.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: lc3dis [--json] FILE.obj\n"
    "\n"
    "Writes the object as source that assembles to the same object.  FILE.sym, when it\n"
    "lies beside FILE.obj, gives the labels their names.\n"
    "\n"
    "  --json     one object: {\"object\":NAME,\"blocks\":[{\"origin\":N,\"items\":[...]}]}, each item\n"
    "             {\"address\":N,\"kind\":\"code|word|string|space\",\"count\":WORDS,\"labels\":[...],\n"
    "             \"words\":[HEX...],\"text\":S,\"comment\":S|null,\"target\":N|null}\n"
    "  --help     this text\n"
    "  --version  the version\n"
    "\n"
    "Exit: 0 done, 2 wrong usage or a file that cannot be read or written.\n";

typedef struct {
    const char *path;
    bool is_json;
} Options;

static int usage(const char *why, const char *what)
{
    fprintf(stderr, "lc3dis: %s%s\nusage: lc3dis [--json] FILE.obj\n", why, what);
    return 2;
}

static int run(const Options *o)
{
    Arena arena = { 0 };
    Error err;
    Object obj = { 0 };
    if (!object_read(&obj, &arena, o->path, &err) || !object_read_beside(&obj, &arena, o->path, &err)) {
        fprintf(stderr, "lc3dis: %s\n", err.text);
        arena_free(&arena);
        return 2;
    }
    Dis dis;
    Writer w = { 0 };
    dis_object(&dis, &arena, &lc3_isa, &obj);
    if (o->is_json)
        dis_write_json(&w, &dis);
    else
        dis_write_source(&w, &dis);
    bool saved = writer_save(&w, "-", &err);
    if (!saved)
        fprintf(stderr, "lc3dis: %s\n", err.text);
    writer_free(&w);
    arena_free(&arena);
    return saved ? 0 : 2;
}

int main(int argc, char **argv)
{
    standard_open("lc3dis");
    Options o = { 0 };
    bool only_files = false;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (only_files || arg[0] != '-' || !arg[1]) {
            if (o.path)
                return usage("one file at a time: ", arg);
            o.path = arg;
        } else if (!strcmp(arg, "--")) {
            only_files = true;
        } else if (!strcmp(arg, "--json")) {
            o.is_json = true;
        } else if (!strcmp(arg, "--help")) {
            fputs(help, stdout);
            return 0;
        } else if (!strcmp(arg, "--version")) {
            puts("lc3dis " LC3_VERSION);
            return 0;
        } else {
            return usage("unknown option ", arg);
        }
    }
    return o.path ? run(&o) : usage("no file", "");
}
