#include "stack.h"

#include <inttypes.h>
#include <string.h>

bool stack_text_same(int64_t a, int64_t b)
{
    const StackString *x = (const StackString *)(intptr_t)a, *y = (const StackString *)(intptr_t)b;
    return x->size == y->size && memcmp(x->bytes, y->bytes, x->size) == 0;
}

StackString *stack_new_string(Arena *a, const char *bytes, size_t size)
{
    StackString *s = arena_alloc(a, sizeof *s + size + 1, alignof(StackString));
    s->size = size;
    memcpy(s->bytes, bytes, size);
    return s;
}

bool stack_number(const char *bytes, size_t size, int64_t *value)
{
    const bool is_negative = size && bytes[0] == '-';
    size_t i = is_negative || (size && bytes[0] == '+');
    uint64_t n = 0;
    if (i == size)
        return false;
    for (; i < size; i++) {
        const unsigned digit = (unsigned char)bytes[i] - '0';
        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    if (n > (uint64_t)INT64_MAX + is_negative)
        return false;
    *value = (int64_t)(is_negative ? -n : n);
    return true;
}

// ------------------------------------------------------------------- UTF-8

static size_t sequence(const unsigned char *s, size_t left)
{
    const unsigned c = s[0];
    const size_t len = c < 0x80                ? 1
                       : c >= 0xC2 && c < 0xE0 ? 2
                       : c >= 0xE0 && c < 0xF0 ? 3
                       : c >= 0xF0 && c < 0xF5 ? 4
                                               : 0;
    if (len == 0 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((c == 0xE0 && s[1] < 0xA0) || (c == 0xED && s[1] > 0x9F) || (c == 0xF0 && s[1] < 0x90) ||
        (c == 0xF4 && s[1] > 0x8F))
        return 0;
    return len;
}

bool stack_is_utf8(const char *bytes, size_t size, size_t *bad)
{
    for (size_t i = 0; i < size;) {
        const size_t len = sequence((const unsigned char *)bytes + i, size - i);
        if (len == 0) {
            *bad = i;
            return false;
        }
        i += len;
    }
    return true;
}

// ------------------------------------------------------------------ to text

static void contents(Writer *w, const StackTable *t, StackValue v)
{
    const StackPayload payload = t->variants[v.tag].payload;
    if (payload == STACK_STR)
        write_bytes(w, stack_string(v)->bytes, stack_string(v)->size);
    else if (payload == STACK_BOOL)
        write_text(w, v.n ? "true" : "false");
    else if (payload == STACK_BITS && v.n < t->op_count)
        write_text(w, t->ops[v.n].name);
    else
        write_format(w, "%" PRId64, v.n);
}

void stack_display(Writer *w, const StackTable *t, StackValue v)
{
    const char *shown = t->variants[v.tag].shown, *hole = strstr(shown, "{}");
    write_bytes(w, shown, hole ? (size_t)(hole - shown) : strlen(shown));
    if (hole) {
        contents(w, t, v);
        write_text(w, hole + 2);
    }
}

static void debug_string(Writer *w, const StackString *s)
{
    write_text(w, "\"");
    for (size_t i = 0; i < s->size; i++) {
        const unsigned char c = (unsigned char)s->bytes[i];
        const char *short_form = c == '\n'   ? "\\n"
                                 : c == '\t' ? "\\t"
                                 : c == '\r' ? "\\r"
                                 : c == 0    ? "\\0"
                                 : c == '"'  ? "\\\""
                                 : c == '\\' ? "\\\\"
                                             : NULL;
        if (short_form)
            write_text(w, short_form);
        else if (c < ' ' || c == 127)
            write_format(w, "\\u{%x}", c);
        else
            write_bytes(w, &s->bytes[i], 1);
    }
    write_text(w, "\"");
}

void stack_debug(Writer *w, const StackTable *t, StackValue v)
{
    write_format(w, "%s(", t->variants[v.tag].name);
    if (t->variants[v.tag].payload == STACK_STR)
        debug_string(w, stack_string(v));
    else
        contents(w, t, v);
    write_text(w, ")");
}

void stack_debug_element(Writer *w, const StackTable *t, const StackElement *e)
{
    if (e->value.tag < (uint64_t)t->variant_count)
        stack_debug(w, t, e->value);
    else if (e->word < t->op_count)
        write_text(w, t->ops[e->word].name);
    else
        write_text(w, "label");
}

const char *stack_message(Arena *a, const char *message, const StackName *names)
{
    Writer w = { 0 };
    while (*message) {
        const StackName *n = names;
        const size_t len = *message == '{' ? strcspn(message + 1, "}") : 0;
        while (n->name && !(len && strlen(n->name) == len && memcmp(n->name, message + 1, len) == 0))
            n++;
        if (len && n->name && n->value) {
            write_text(&w, n->value);
            message += len + 2;
        } else {
            write_bytes(&w, message++, 1);
        }
    }
    const char *text = arena_copy(a, w.at ? w.at : "", w.len);
    writer_free(&w);
    return text;
}
