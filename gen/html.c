#include "html.h"

#include <ctype.h>
#include <string.h>

// clang-format off
static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";
static const char style[] =
    "<style>\n"
    ":root { --paper: #fff; --ink: #1b1f24; --soft: #59636e; --line: #d1d9e0; --field: #eef4fb; --code: #f3f5f7; --link: #0a58ca }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --paper: #14171b; --ink: #e4e8ec; --soft: #9aa4ae; --line: #3a424b; --field: #1d2b3a; --code: #20252b; --link: #74b0ff }\n"
    "}\n"
    "* { box-sizing: border-box }\n"
    "body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }\n"
    "nav { padding: 1rem; border-bottom: 1px solid var(--line); columns: 7rem }\n"
    "nav a { display: block; padding: .1rem 0; text-decoration: none }\n"
    "nav a.part { font-weight: 600 } nav a.insn { padding-left: .8rem }\n"
    "main { padding: 1rem; max-width: 60rem }\n"
    "a { color: var(--link) }\n"
    "h1, h2, h3 { line-height: 1.2 } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line) } h3 { margin-top: 2.5rem; font-size: 1.4rem }\n"
    "code, pre { font: .875rem/1.45 ui-monospace, monospace; background: var(--code); border-radius: 4px }\n"
    "code { padding: .1em .3em; overflow-wrap: anywhere } pre { padding: .7rem; overflow-x: auto }\n"
    ".wide { overflow-x: auto; margin: 1rem 0 }\n"
    "table { border-collapse: collapse } td, th { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top }\n"
    "th { color: var(--soft); font-weight: 600 }\n"
    ".bits { width: 100%; min-width: 20rem; table-layout: fixed; text-align: center; font: .875rem ui-monospace, monospace }\n"
    ".bits td, .bits th { padding: .25rem 0; text-align: center } .bits th { border: 0; font-weight: 400; font-size: .75rem }\n"
    ".bits td { border: 1.5px solid var(--soft) } .bits .field { background: var(--field); font-weight: 600 }\n"
    "@media (min-width: 60rem) {\n"
    "  body { display: grid; grid-template-columns: 13rem 1fr }\n"
    "  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; columns: auto; border: 0; border-right: 1px solid var(--line) }\n"
    "  main { padding: 1rem 2.5rem }\n"
    "}\n"
    "@media (max-width: 40rem) { .bits { font-size: .72rem } .bits th { font-size: .62rem } }\n"
    "@media print { nav { display: none } }\n"
    "</style>\n";
// clang-format on

static void write_char(Writer *w, char c)
{
    if (c == '&')
        write_text(w, "&amp;");
    else if (c == '<')
        write_text(w, "&lt;");
    else if (c == '>')
        write_text(w, "&gt;");
    else
        write_bytes(w, &c, 1);
}

static void write_escaped(Writer *w, Text t)
{
    for (size_t i = 0; i < t.len; i++)
        write_char(w, t.at[i]);
}

static Text cut(Text t, size_t from, size_t to)
{
    return (Text){ t.at + from, to - from };
}

// Where `end` stands at or behind `from`, or the text's length.
static size_t find(Text t, size_t from, const char *end)
{
    const size_t len = strlen(end);
    for (size_t i = from; i + len <= t.len; i++)
        if (memcmp(t.at + i, end, len) == 0)
            return i;
    return t.len;
}

static void write_inline(Writer *w, Text t);

// [text](#place): returns the place behind it, or 0 when it is no link.
static size_t write_link(Writer *w, Text t, size_t at)
{
    const size_t middle = find(t, at, "]("), end = find(t, middle, ")");
    if (t.at[at] != '[' || end == t.len)
        return 0;
    write_format(w, "<a href=\"%.*s\">", TEXT(cut(t, middle + 2, end)));
    write_inline(w, cut(t, at + 1, middle));
    write_text(w, "</a>");
    return end + 1;
}

static void write_inline(Writer *w, Text t)
{
    for (size_t i = 0; i < t.len;) {
        const bool is_code = t.at[i] == '`', is_bold = t.len - i > 1 && memcmp(t.at + i, "**", 2) == 0;
        const size_t mark = is_code ? 1 : 2, end = find(t, i + mark, is_code ? "`" : "**");
        const size_t behind = write_link(w, t, i);
        if (behind) {
            i = behind;
        } else if ((is_code || is_bold) && end < t.len) {
            write_text(w, is_code ? "<code>" : "<strong>");
            if (is_code)
                write_escaped(w, cut(t, i + 1, end));
            else
                write_inline(w, cut(t, i + 2, end));
            write_text(w, is_code ? "</code>" : "</strong>");
            i = end + mark;
        } else {
            write_char(w, t.at[i++]);
        }
    }
}

// ------------------------------------------------------------------- lines

static bool begins(Text t, const char *with)
{
    const size_t len = strlen(with);
    return t.len >= len && memcmp(t.at, with, len) == 0;
}

static bool take_line(Text *rest, Text *line)
{
    if (!rest->len)
        return false;
    const size_t end = find(*rest, 0, "\n");
    *line = cut(*rest, 0, end);
    *rest = cut(*rest, end + (end < rest->len), rest->len);
    return true;
}

static void write_anchor(Writer *w, Text heading)
{
    for (size_t i = 0; i < heading.len; i++)
        write_char(w, heading.at[i] == ' ' ? '-' : (char)tolower((unsigned char)heading.at[i]));
}

static void write_heading(Writer *w, Text line)
{
    size_t level = 0;
    while (level < line.len && line.at[level] == '#')
        level++;
    const Text text = cut(line, level + 1, line.len);
    write_format(w, "<h%zu id=\"", level);
    write_anchor(w, text);
    write_text(w, "\">");
    write_inline(w, text);
    write_format(w, "</h%zu>\n", level);
}

// A row "| a | b |"; an escaped bar belongs to its cell.
static void write_row(Writer *w, Text line, const char *tag)
{
    Writer cell = { 0 };
    write_text(w, "<tr>");
    for (size_t i = 1; i < line.len; i++) {
        if (line.at[i] == '\\' && i + 1 < line.len && line.at[i + 1] == '|') {
            write_bytes(&cell, "|", 1);
            i++;
        } else if (line.at[i] != '|') {
            write_bytes(&cell, line.at + i, 1);
        } else {
            Text text = { cell.at, cell.len };
            for (; text.len && text.at[0] == ' '; text.len--)
                text.at++;
            for (; text.len && text.at[text.len - 1] == ' ';)
                text.len--;
            write_format(w, "<%s>", tag);
            write_inline(w, text);
            write_format(w, "</%s>", tag);
            cell.len = 0;
        }
    }
    write_text(w, "</tr>\n");
    writer_free(&cell);
}

static void write_table(Writer *w, Text line, Text *rest)
{
    write_text(w, "<div class=\"wide\"><table>\n");
    write_row(w, line, "th");
    take_line(rest, &line); // the rule
    while (begins(*rest, "|") && take_line(rest, &line))
        write_row(w, line, "td");
    write_text(w, "</table></div>\n");
}

static void write_list(Writer *w, Text line, Text *rest)
{
    write_text(w, "<ul>\n");
    do {
        write_text(w, "<li>");
        write_inline(w, cut(line, 2, line.len));
        write_text(w, "</li>\n");
    } while (begins(*rest, "- ") && take_line(rest, &line));
    write_text(w, "</ul>\n");
}

static void write_paragraph(Writer *w, Text line, Text *rest)
{
    write_text(w, "<p>");
    write_inline(w, line);
    while (rest->len && !begins(*rest, "\n") && take_line(rest, &line)) {
        write_text(w, "\n");
        write_inline(w, line);
    }
    write_text(w, "</p>\n");
}

// ------------------------------------------------------------------ fences

enum { BIT_WIDTH = 3 }; // of a bit in a drawing

static void write_numbers(Writer *w, Text line)
{
    write_text(w, "<tr>");
    for (size_t i = 0; i + BIT_WIDTH <= line.len; i += BIT_WIDTH)
        write_format(w, "<th>%.*s</th>", BIT_WIDTH, line.at + i);
    write_text(w, "</tr>\n");
}

// "| 0  0  0  1|   dr   |": a cell from bar to bar; fixed bits get one each.
static void write_cells(Writer *w, Text line)
{
    write_text(w, "<tr>");
    for (size_t i = 0, end; i + 1 < line.len; i = end) {
        end = find(line, i + 1, "|");
        Text name = cut(line, i + 1, end);
        bool is_field = false;
        for (size_t k = 0; k < name.len; k++)
            is_field |= isalpha((unsigned char)name.at[k]) != 0;
        if (is_field) {
            write_format(w, "<td class=\"field\" colspan=\"%zu\">", (end - i) / BIT_WIDTH);
            for (size_t k = 0; k < name.len; k++)
                if (name.at[k] != ' ')
                    write_char(w, name.at[k]);
            write_text(w, "</td>");
        } else {
            for (size_t k = 1; k < name.len; k += BIT_WIDTH)
                write_format(w, "<td>%c</td>", name.at[k]);
        }
    }
    write_text(w, "</tr>\n");
}

static void write_fence(Writer *w, Text *rest)
{
    const size_t end = find(*rest, 0, "```");
    Text body = cut(*rest, 0, end), line, skipped;
    *rest = cut(*rest, end + 3 < rest->len ? end + 3 : rest->len, rest->len);
    take_line(rest, &skipped);
    const size_t second = find(body, 0, "\n") + 1;
    if (second < body.len && body.at[second] == '+') {
        write_text(w, "<div class=\"wide\"><table class=\"bits\">\n");
        take_line(&body, &line);
        write_numbers(w, line);
        take_line(&body, &line);
        take_line(&body, &line);
        write_cells(w, line);
        write_text(w, "</table></div>\n");
        return;
    }
    write_text(w, "<pre>");
    write_escaped(w, body);
    write_text(w, "</pre>\n");
}

// -------------------------------------------------------------------- page

static void write_sections(Writer *w, Text rest)
{
    Text line;
    bool is_fenced = false;
    write_text(w, "<nav>\n");
    while (take_line(&rest, &line)) {
        is_fenced ^= begins(line, "```");
        const bool is_part = begins(line, "## ");
        if (is_fenced || (!is_part && !begins(line, "### ")))
            continue;
        const Text text = cut(line, is_part ? 3 : 4, line.len);
        write_format(w, "<a class=\"%s\" href=\"#", is_part ? "part" : "insn");
        write_anchor(w, text);
        write_text(w, "\">");
        write_inline(w, text);
        write_text(w, "</a>\n");
    }
    write_text(w, "</nav>\n");
}

static void write_block(Writer *w, Text line, Text *rest)
{
    if (begins(line, "```"))
        write_fence(w, rest);
    else if (begins(line, "#"))
        write_heading(w, line);
    else if (begins(line, "|"))
        write_table(w, line, rest);
    else if (begins(line, "- "))
        write_list(w, line, rest);
    else
        write_paragraph(w, line, rest);
}

void html_page(Writer *w, Text markdown)
{
    Text rest = markdown, line;
    write_text(w, head);
    write_text(w, "<title>");
    write_escaped(w, cut(markdown, begins(markdown, "# ") ? 2 : 0, find(markdown, 0, "\n")));
    write_text(w, "</title>\n");
    write_text(w, style);
    write_sections(w, markdown);
    write_text(w, "<main>\n");
    while (take_line(&rest, &line))
        if (line.len)
            write_block(w, line, &rest);
    write_text(w, "</main>\n</html>\n");
}
