// Drives fuzz_asm.c with random changes of real sources: bytes, words of the
// language, lines moved, doubled and dropped.  The same seed gives the same runs.
//
//   fuzz_asm_mutate RUNS SEED FILE...
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES_MAX = 400, SIZE_MAX_BYTES = 1 << 15 };

static const char *const words[] = {
    ".ORIG x3000\n",
    ".END\n",
    ".FILL ",
    ".BLKW ",
    ".STRINGZ ",
    ".STRINGZP ",
    ".EXTERNAL A\n",
    ".GLOBAL A\n",
    ".INCLUDE \"a\"\n",
    ".MACRO M P\n",
    ".ENDM\n",
    ".ALIAS Q R1\n",
    ".COUNTER 1 \"a\"\n",
    ".HISTOGRAM 2 \"b\"\n",
    ".BREAK\n",
    "ADD R0, R0, #1\n",
    "ADD ",
    "AND ",
    "NOT ",
    "BR",
    "BRnzp ",
    "BRzp LOOP\n",
    "JSR ",
    "JSRR R2\n",
    "JMP R7",
    "RET\n",
    "RTI",
    "LD R0, ",
    "LDI ",
    "LDR R1, R6, #-1\n",
    "LEA R0, A\n",
    "ST R7, A\n",
    "STI",
    "STR ",
    "TRAP x25\n",
    "HALT\n",
    "PUTS",
    "GETC",
    "OUT",
    "NOP",
    "RTT",
    "R0",
    "R7",
    "R8",
    "#",
    "#-17",
    "x1F",
    "xFFFF",
    "x-5",
    "b101",
    "o17",
    "0x",
    "'a'",
    "'\\n'",
    "\"text\"",
    "\"",
    "'",
    "\\",
    ",",
    ",,",
    ":",
    ";",
    "//",
    "+",
    "-",
    "+1",
    "@",
    "%",
    "A",
    "A:",
    "LOOP",
    "M R1\n",
    "x",
    "b1",
    "2ND",
    "\r\n",
    "\n",
    "\r",
    "\t",
    " ",
    "\xEF\xBB\xBF",
    "\xC3\xA9",
    "\xE2\x80\x9C",
    "9999999999",
    "65535",
    "-32768",
    "HATL",
    "A B C\n",
    "A-1",
    "A.B",
};

static uint64_t state;

static uint32_t roll(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) * limit >> 32);
}

typedef struct {
    uint8_t at[SIZE_MAX_BYTES + 1];
    size_t size;
} Input;

static void replace(Input *in, size_t at, size_t cut, const void *with, size_t len)
{
    if (at > in->size || cut > in->size - at || in->size - cut + len > SIZE_MAX_BYTES)
        return;
    uint8_t copy[4096];
    if (len > sizeof copy)
        return;
    memcpy(copy, with, len);
    memmove(in->at + at + len, in->at + at + cut, in->size - at - cut);
    memcpy(in->at + at, copy, len);
    in->size += len - cut;
}

static size_t line_begin(const Input *in, size_t at)
{
    while (at > 0 && in->at[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const Input *in, size_t at)
{
    while (at < in->size && in->at[at] != '\n')
        at++;
    return at + (at < in->size);
}

static void mutate(Input *in)
{
    const size_t at = roll((uint32_t)in->size + 1);
    const char *word = words[roll(sizeof words / sizeof *words)];
    const size_t begin = line_begin(in, at), end = line_end(in, at);
    uint8_t byte = (uint8_t)roll(256);
    switch (roll(9)) {
    case 0:
        replace(in, at, at < in->size, &byte, 1);
        break;
    case 1:
        byte = (uint8_t) " \t\n,:;\"'#x-+\\.0aRL"[roll(18)];
        replace(in, at, 0, &byte, 1);
        break;
    case 2:
        replace(in, at, at < in->size, "", 0);
        break;
    case 3:
    case 4:
        replace(in, at, 0, word, strlen(word));
        break;
    case 5: { // a word for a word
        size_t last = at;
        while (last < in->size && in->at[last] > ' ')
            last++;
        replace(in, at, last - at, word, strlen(word));
        break;
    }
    case 6:
        replace(in, begin, end - begin, "", 0);
        break;
    case 7: // a line somewhere else
        replace(in, line_begin(in, roll((uint32_t)in->size + 1)), 0, in->at + begin, end - begin);
        break;
    case 8:
        in->size = roll(20) ? in->size : at;
        break;
    }
}

static bool read_file(const char *path, Input *in)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    in->size = fread(in->at, 1, SIZE_MAX_BYTES / 2, file);
    fclose(file);
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s RUNS SEED FILE...\n", argv[0]);
        return 2;
    }
    const long runs = strtol(argv[1], NULL, 10), seed = strtol(argv[2], NULL, 10);
    static Input files[FILES_MAX], input;
    const char *keep = getenv("FUZZ_KEEP"); // a file that always has the latest input
    size_t count = 0;
    for (int i = 3; i < argc && count < FILES_MAX; i++)
        count += read_file(argv[i], &files[count]);
    if (count == 0)
        return 2;
    for (long run = 0; run < runs; run++) {
        state = (uint64_t)(seed * 1000003 + run + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
        for (int i = 0; i < 4; i++)
            roll(2);
        const Input *from = &files[roll((uint32_t)count)];
        memcpy(input.at, from->at, from->size);
        input.size = from->size;
        for (uint32_t n = 1 + roll(6); n > 0; n--)
            mutate(&input);
        if (keep) {
            FILE *out = fopen(keep, "wb");
            if (out) {
                fwrite(input.at, 1, input.size, out);
                fclose(out);
            }
        }
        alarm(20);                               // a hang is a crash
        uint8_t *exact = malloc(input.size + 1); // so that reading beyond the end is seen
        if (!exact)
            return 2;
        memcpy(exact, input.at, input.size);
        LLVMFuzzerTestOneInput(exact, input.size);
        free(exact);
    }
    printf("%ld mutations of %zu sources\n", runs, count);
    return 0;
}
