#include "flame.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

FlameNode *flame_child(Flame *f, FlameNode *parent, const char *name, FlameKind kind)
{
    FlameNode **at = &parent->first;
    for (; *at; at = &(*at)->next)
        if ((*at)->kind == kind && strcmp((*at)->name, name) == 0)
            return *at;
    *at = arena_new(&f->arena, FlameNode);
    **at = (FlameNode){ .name = arena_copy(&f->arena, name, strlen(name)), .kind = kind };
    return *at;
}

static double add_up(FlameNode *n)
{
    n->total = n->ns;
    for (FlameNode *c = n->first; c; c = c->next)
        n->total += add_up(c);
    return n->total;
}

// Names of programs and labels hold no ";" but paths might.
static void write_name(Writer *w, const FlameNode *n)
{
    for (const char *s = n->name; *s; s++)
        write_format(w, "%c", *s == ';' || *s == '\n' ? '_' : *s);
}

static void write_stacks(Writer *w, const FlameNode **path, int depth)
{
    enum { DEPTH_MOST = 1024 };
    const FlameNode *n = path[depth - 1];
    if (round(n->ns) > 0) {
        for (int i = 0; i < depth; i++) {
            write_text(w, i ? ";" : "");
            write_name(w, path[i]);
        }
        write_format(w, " %.0f\n", n->ns);
    }
    for (const FlameNode *c = n->first; c && depth < DEPTH_MOST; c = c->next) {
        path[depth] = c;
        write_stacks(w, path, depth + 1);
    }
}

void flame_write_folded(Flame *f, Writer *w)
{
    const FlameNode *path[1025] = { &f->root };
    write_stacks(w, path, 1);
}

// ------------------------------------------------------------------ picture

enum { WIDTH = 1200, ROW = 18, HEAD = 62, SIDE = 10 };

static const double narrowest = 0.4; // what is not drawn any more

static int depth_of(const FlameNode *n, double scale)
{
    int most = 0;
    for (const FlameNode *c = n->first; c; c = c->next)
        if (c->total * scale >= narrowest) {
            const int depth = depth_of(c, scale);
            most = depth > most ? depth : most;
        }
    return most + 1;
}

static void write_escaped(Writer *w, const char *s, size_t len)
{
    for (size_t i = 0; s[i] && i < len; i++) {
        const char *name = s[i] == '<' ? "&lt;" : s[i] == '>' ? "&gt;" : s[i] == '&' ? "&amp;" : NULL;
        name ? write_text(w, name) : write_bytes(w, &s[i], 1);
    }
}

// The same name has the same shade in every picture.
static int shade_of(const char *name)
{
    unsigned hash = 0;
    while (*name)
        hash = hash * 31 + (unsigned char)*name++;
    return (int)(hash % 5);
}

static void write_frame(Writer *w, const FlameNode *n, double x, int y, double width, double all)
{
    static const char *const kinds[] = { "c", "h", "w", "u" };
    enum { LETTER = 7 };
    write_format(w, "<g class='%s s%d'><title>", kinds[n->kind], shade_of(n->name));
    write_escaped(w, n->name, SIZE_MAX);
    write_format(w,
                 ": %.3f ms, %.2f %%; itself %.3f ms</title><rect x='%.2f' y='%d' width='%.2f' height='%d'/>",
                 n->total * 1e-6, n->total / all * 100, n->ns * 1e-6, x, y, width, ROW - 1);
    const size_t room = width < 3 * LETTER ? 0 : (size_t)((width - 6) / LETTER);
    if (room) {
        write_format(w, "<text x='%.2f' y='%d'>", x + 3, y + 13);
        write_escaped(w, n->name, strlen(n->name) > room ? room - 1 : room);
        write_text(w, strlen(n->name) > room ? "\xE2\x80\xA6</text>" : "</text>");
    }
    write_text(w, "</g>\n");
}

static void write_frames(Writer *w, const FlameNode *n, double x, int y, double scale, double all)
{
    if (n->total * scale < narrowest)
        return;
    write_frame(w, n, x, y, n->total * scale, all);
    for (const FlameNode *c = n->first; c; c = c->next) {
        write_frames(w, c, x, y - ROW, scale, all);
        x += c->total * scale;
    }
}

static const char style[] =
    "text{font:12px 'DejaVu Sans "
    "Mono',Menlo,Consolas,monospace;fill:#1a1d23}.note{font-family:system-ui,'DejaVu "
    "Sans',sans-serif}.title{font:600 17px system-ui,'DejaVu Sans',sans-serif}.back{fill:#f6f7f9}"
    ".c rect{fill:#f2a65a}.c.s1 rect{fill:#f4b36b}.c.s2 rect{fill:#ee9850}.c.s3 rect{fill:#f6bd7d}.c.s4 "
    "rect{fill:#eaa14b}"
    ".h rect{fill:#7fb2f0}.w rect{fill:#c3c9d3}.u rect{fill:#d9b8e8}g:hover rect{stroke:#1a1d23}"
    "@media(prefers-color-scheme:dark){text{fill:#10131a}.note,.title{fill:#e8eaee}.back{fill:#14171c}g:"
    "hover "
    "rect{stroke:#fff}}";

void flame_write_svg(Flame *f, const char *note, Writer *w)
{
    const double all = add_up(&f->root);
    const double scale = all > 0 ? (WIDTH - 2 * SIDE) / all : 0;
    const int rows = depth_of(&f->root, scale), height = HEAD + rows * ROW + SIDE;
    write_format(
        w,
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='100%%'><style>%s</style>\n"
        "<rect class=\"back\" width='100%%' height='100%%'/><text class='title' x='%d' y='26'>",
        WIDTH, height, style, SIDE);
    write_escaped(w, f->root.name, SIZE_MAX);
    write_format(w, "</text><text class='note' x='%d' y='46'>", SIDE);
    write_escaped(w, note, SIZE_MAX);
    write_text(w, "; blue: host, grey: waiting</text>\n");
    write_frames(w, &f->root, SIDE, height - SIDE - ROW, scale, all);
    write_text(w, "</svg>\n");
}
