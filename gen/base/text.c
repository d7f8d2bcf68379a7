#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

Text text_of(const char *s)
{
    return (Text){ s, strlen(s) };
}

bool text_is(Text a, const char *b)
{
    return text_same(a, text_of(b));
}

bool text_same(Text a, Text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool text_same_case(Text a, Text b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (fold(a.at[i]) != fold(b.at[i]))
            return false;
    return true;
}

enum { DISTANCE_MAX = 40 }; // longer words are never typing mistakes of each other

int text_distance(Text a, Text b, int limit)
{
    if (a.len > DISTANCE_MAX || b.len > DISTANCE_MAX)
        return limit;
    int before[DISTANCE_MAX + 1], last[DISTANCE_MAX + 1], now[DISTANCE_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        before[j] = last[j] = (int)j;
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = (int)i;
        for (size_t j = 1; j <= b.len; j++) {
            const char x = fold(a.at[i - 1]), y = fold(b.at[j - 1]);
            int best = last[j - 1] + (x != y);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && x == fold(b.at[j - 2]) && fold(a.at[i - 2]) == y && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        memcpy(before, last, sizeof last);
        memcpy(last, now, sizeof now);
    }
    return last[b.len] < limit ? last[b.len] : limit;
}

void source_init(Source *src, Arena *a, const char *name, const char *text, size_t size)
{
    *src = (Source){ .name = name, .at = text, .size = (uint32_t)size };
    LIST_ADD(a, &src->lines, 0);
    for (const char *p = text, *end = text + size; (p = memchr(p, '\n', (size_t)(end - p)));)
        LIST_ADD(a, &src->lines, (uint32_t)(++p - text));
}

bool source_read(Source *src, Arena *a, const char *path, Error *err)
{
    const bool standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "rb");
    if (!in)
        return fail(err, "%s: %s", path, strerror(errno));
    size_t size = 0, capacity = 0, expected = 0;
    char *text = NULL;
    bool good = true;
    struct stat st;
    if (fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) && st.st_size < INT32_MAX)
        expected = (size_t)st.st_size; // room at once, so that nothing is copied
    for (;;) {
        if (capacity - size < 4096)
            text = arena_grow(a, text, 1, 16, &capacity, size < expected ? expected + 8192 : size + 65536);
        const size_t got = fread(text + size, 1, capacity - size - 1, in);
        size += got;
        if (got == 0)
            break;
        if (size > INT32_MAX) {
            good = fail(err, "%s: larger than 2 GiB", path);
            break;
        }
    }
    if (good && ferror(in))
        good = fail(err, "%s: %s", path, strerror(errno));
    if (!standard)
        fclose(in);
    if (good) {
        text[size] = 0;
        source_init(src, a, standard ? "<stdin>" : path, text, size);
    }
    return good;
}

Place source_place(const Source *src, uint32_t offset)
{
    size_t low = 0, high = src->lines.count; // lines.at[low] <= offset < lines.at[high]
    while (high - low > 1) {
        const size_t mid = (low + high) / 2;
        if (src->lines.at[mid] <= offset)
            low = mid;
        else
            high = mid;
    }
    uint32_t column = 1;
    for (uint32_t i = src->lines.at[low]; i < offset; i++)
        column += (src->at[i] & 0xC0) != 0x80;
    return (Place){ (uint32_t)low + 1, column };
}

Text source_line(const Source *src, uint32_t line)
{
    const uint32_t begin = src->lines.at[line - 1];
    uint32_t end = line < src->lines.count ? src->lines.at[line] - 1 : src->size;
    if (end > begin && src->at[end - 1] == '\r')
        end--;
    return (Text){ src->at + begin, end - begin };
}

Text span_text(Span s)
{
    return s.source ? (Text){ s.source->at + s.begin, s.end - s.begin } : (Text){ "", 0 };
}

Span span_join(Span first, Span last)
{
    if (!first.source)
        return last;
    if (last.source == first.source && last.end > first.end)
        first.end = last.end;
    return first;
}
