// Text and numbers as text.
#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_A = DATA + 0x100, TEXT_B = DATA + 0x200, LENGTH = 40 };

static void put_text(World *w, uint16_t address, const char *text)
{
    do
        *at(w, address++) = (uint8_t)*text;
    while (*text++);
}

static void get_text(World *w, uint16_t address, char *text, int size)
{
    int i = 0;
    for (; i + 1 < size && *at(w, (uint16_t)(address + i)); i++)
        text[i] = (char)*at(w, (uint16_t)(address + i));
    text[i] = 0;
}

// Few letters, so that texts begin alike and contain each other; now and then a
// word that is no character.
static int random_text(World *w, uint64_t *random, uint16_t address, int most)
{
    int len = (int)(rig_random(random) % (unsigned)(most + 1));
    for (int i = 0; i < len; i++) {
        uint64_t r = rig_random(random);
        *at(w, (uint16_t)(address + i)) = (uint16_t)(r % 50 == 0 ? (r >> 20 | 1) : 'a' + r % 2);
    }
    *at(w, (uint16_t)(address + len)) = 0;
    return len;
}

static void one_text(World *w, uint64_t *random, int n)
{
    random_text(w, random, TEXT_A, n < 3 ? n : LENGTH);
    w->R[0] = TEXT_A;
}

static void two_texts(World *w, uint64_t *random, int n)
{
    one_text(w, random, n);
    random_text(w, random, TEXT_B, n % 2 ? 4 : LENGTH);
    if (n % 5 == 0)
        memcpy(at(w, TEXT_B), at(w, TEXT_A), (LENGTH + 1) * sizeof(uint16_t));
    w->R[1] = TEXT_B;
}

static void text_and_character(World *w, uint64_t *random, int n)
{
    static const uint16_t characters[] = { 'a', 'b', 'c', 0, 0xFFFF };
    one_text(w, random, n);
    w->R[1] = characters[rig_random(random) % 5];
}

static uint16_t length(World *w, uint16_t address)
{
    uint16_t n = 0;
    while (*at(w, (uint16_t)(address + n)))
        n++;
    return n;
}

static void string_length(World *w)
{
    w->R[0] = length(w, w->R[0]);
}

static void string_compare(World *w)
{
    const uint16_t *a = at(w, w->R[0]), *b = at(w, w->R[1]);
    while (*a && *a == *b)
        a++, b++;
    w->R[0] = (uint16_t)((*a > *b) - (*a < *b));
}

static void string_copy(World *w)
{
    uint16_t n = length(w, w->R[1]);
    memcpy(at(w, w->R[0]), at(w, w->R[1]), (n + 1u) * sizeof(uint16_t));
    w->R[0] = (uint16_t)(w->R[0] + n);
}

static void string_find(World *w)
{
    uint16_t address = w->R[0];
    while (*at(w, address) && *at(w, address) != w->R[1])
        address++;
    w->R[0] = *at(w, address) == w->R[1] ? address : 0;
}

static void string_search(World *w)
{
    uint16_t n = length(w, w->R[0]), k = length(w, w->R[1]);
    for (uint16_t i = 0; i + k <= n; i++)
        if (!memcmp(at(w, (uint16_t)(w->R[0] + i)), at(w, w->R[1]), k * sizeof(uint16_t))) {
            w->R[0] = (uint16_t)(w->R[0] + i);
            return;
        }
    w->R[0] = 0;
}

static void string_reverse(World *w)
{
    uint16_t n = length(w, w->R[0]), *s = at(w, w->R[0]);
    for (int i = 0; i < n / 2; i++) {
        uint16_t t = s[i];
        s[i] = s[n - 1 - i];
        s[n - 1 - i] = t;
    }
}

// -------------------------------------------------------- numbers as text

static void number_and_room(World *w, uint64_t *random, int n)
{
    static const uint16_t edges[] = { 0, 9, 10, 99, 100, 999, 1000, 9999, 10000, 32767, 32768, 65535 };
    if (n < 12)
        w->R[0] = edges[n];
    w->R[1] = TEXT_A;
    for (int i = 0; i < 16; i++)
        *at(w, (uint16_t)(TEXT_A + i)) = rig_word(random); // what stood there before
}

static void print_number(World *w, const char *format, int value)
{
    char text[16];
    snprintf(text, sizeof text, format, value);
    put_text(w, w->R[1], text);
    w->R[0] = (uint16_t)strlen(text);
}

static void to_decimal(World *w)
{
    print_number(w, "%d", (int16_t)w->R[0]);
}
static void to_decimal_u(World *w)
{
    print_number(w, "%d", w->R[0]);
}
static void to_hex(World *w)
{
    print_number(w, "%04X", w->R[0]);
}

static void number_text(World *w, uint64_t *random, const char *format, int n)
{
    static const char *const tails[] = { "", "x", " 1", "/", ":", "-", "@", "G", "g", "`" };
    static const char *const odd[] = { "",    "-",   "+",   "x",    "-x",    "+-5",
                                       "--5", "abc", "x-1", "0x12", "65536", "-99999" };
    char text[48];
    if (n < 12)
        snprintf(text, sizeof text, "%s", odd[n]);
    else {
        snprintf(text, 32, format, (int)(rig_word(random) + (n % 7 ? 0 : 70000)));
        strcat(text, tails[rig_random(random) % 10]);
    }
    put_text(w, TEXT_A, text);
    w->R[0] = TEXT_A;
}

static void decimal_text(World *w, uint64_t *random, int n)
{
    static const char *const formats[] = { "%d", "-%d", "+%d", "00%d" };
    number_text(w, random, formats[n % 4], n);
}

static void hex_text(World *w, uint64_t *random, int n)
{
    static const char *const formats[] = { "%X", "x%x", "X%04X", "%04x" };
    number_text(w, random, formats[n % 4], n);
}

static void from_decimal(World *w)
{
    char text[64];
    get_text(w, w->R[0], text, sizeof text);
    char *digits = text + (text[0] == '-' || text[0] == '+'), *end = digits;
    uint16_t value = 0;
    while (*end >= '0' && *end <= '9')
        value = (uint16_t)(value * 10 + (*end++ - '0'));
    w->R[1] = (uint16_t)(w->R[0] + (end == digits ? 0 : end - text));
    w->R[0] = text[0] == '-' ? (uint16_t)-value : value;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static void from_hex(World *w)
{
    char text[64];
    get_text(w, w->R[0], text, sizeof text);
    char *digits = text + ((text[0] | 32) == 'x'), *end = digits;
    uint16_t value = 0;
    while (hex_digit(*end) >= 0)
        value = (uint16_t)(value * 16 + hex_digit(*end++));
    w->R[1] = (uint16_t)(w->R[0] + (end == digits ? 0 : end - text));
    w->R[0] = value;
}

static void long_and_room(World *w, uint64_t *random, int n)
{
    static const uint32_t edges[] = {
        0, 9, 10, 99999, 100000, 999999999, 1000000000, 2147483648, 4294967295
    };
    if (n < 9)
        w->R[0] = (uint16_t)edges[n], w->R[1] = (uint16_t)(edges[n] >> 16);
    w->R[2] = TEXT_A;
    for (int i = 0; i < 16; i++)
        *at(w, (uint16_t)(TEXT_A + i)) = rig_word(random);
}

static void long_to_decimal(World *w)
{
    char text[16];
    snprintf(text, sizeof text, "%lu", (unsigned long)w->R[1] << 16 | w->R[0]);
    put_text(w, w->R[2], text);
    w->R[0] = (uint16_t)strlen(text);
}

// LONG_PRINT writes instead of storing.
int check_print(void)
{
    static const LibraryRow rows[] = { { "LONG_PRINT" } };
    static World w, in;
    Library l;
    int failures = 0;
    uint64_t random = 31;
    char wanted[16], found[16];
    library_open(&l, rows, 1);
    for (int n = 0; n < CASES && failures < 5; n++) {
        for (int i = 0; i < 8; i++)
            in.R[i] = rig_word(&random);
        off_t start = lseek(l.rig.file, 0, SEEK_END);
        w = in;
        bool is_back = library_call(&l, "LONG_PRINT", &w);
        output_flush(&l.rig.m->output, true);
        ssize_t len = pread(l.rig.file, found, sizeof found - 1, start);
        found[len < 0 ? 0 : len] = 0;
        snprintf(wanted, sizeof wanted, "%lu", (unsigned long)in.R[1] << 16 | in.R[0]);
        if (is_back && !strcmp(found, wanted) && !memcmp(w.R, in.R, 7 * sizeof *w.R))
            continue;
        failures++;
        printf("LONG_PRINT, case %d: wrote %s, C says %s\n", n, found, wanted);
    }
    library_close(&l);
    return failures;
}

const LibraryRow text_rows[] = {
    { "STRING_LENGTH", one_text, string_length, -1, 0 },
    { "STRING_COMPARE", two_texts, string_compare, 0, 0 },
    { "STRING_COPY", two_texts, string_copy, -1, 0 },
    { "STRING_FIND", text_and_character, string_find, -1, 0 },
    { "STRING_SEARCH", two_texts, string_search, -1, 0 },
    { "STRING_REVERSE", one_text, string_reverse, -1, 0 },
    { "NUMBER_TO_DECIMAL", number_and_room, to_decimal, -1, 0 },
    { "NUMBER_TO_DECIMAL_U", number_and_room, to_decimal_u, -1, 0 },
    { "NUMBER_TO_HEX", number_and_room, to_hex, -1, 0 },
    { "NUMBER_FROM_DECIMAL", decimal_text, from_decimal, -1, 0 },
    { "NUMBER_FROM_HEX", hex_text, from_hex, -1, 0 },
    { "LONG_TO_DECIMAL", long_and_room, long_to_decimal, -1, 0 },
};
const size_t text_row_count = sizeof text_rows / sizeof *text_rows;
