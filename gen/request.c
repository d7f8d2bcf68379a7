#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef LC3_VERSION
#define LC3_VERSION "unknown"
#endif

static const char help[] =
    "usage: lc3gen [COMMAND] [options] FILE.def [ARGUMENT]\n"
    "\n"
    "  lc3gen FILE.def                write everything into ./generated\n"
    "  lc3gen check FILE.def          only check, and run the examples\n"
    "  lc3gen docs FILE.def           write the manual, as Markdown and as one HTML page\n"
    "  lc3gen explain FILE.def WHAT   all about an instruction: a word (x1261), a line of\n"
    "                                 assembly (\"ADD R1, R1, #1\") or a name (ADD.imm)\n"
    "  lc3gen diff OLD.def NEW.def    what two descriptions say differently\n"
    "  lc3gen fuse FILE.def PROFILE   superinstructions that a profile of real runs suggests\n"
    "\n"
    "  -o DIR                  where to write (./generated)\n"
    "  --emit=LIST             only these, separated by commas (see below)\n"
    "  --dispatch=LIST         switch, goto, tail or all (all)\n"
    "  --decode=LIST           raw, word, addr or all (all)\n"
    "  --flags=LIST            eager, lazy or all (all)\n"
    "  --fuse=none|all|LIST    superinstructions by name (all)\n"
    "  --dialect=NAME          only this dialect (all)\n"
    "  --prefix=P              of generated names: the machine's name, or with --dialect\n"
    "                          the whole prefix of that dialect's (MACHINE_DIALECT)\n"
    "  --check                 write nothing; exit 1 when a file is not up to date\n"
    "  --report                with check: coverage, effects and cost of every instruction\n"
    "  --run=PROG              with fuse: measure the gain on this program\n"
    "  --depfile=F, -MF F      write what the output depends on, for the build\n"
    "  --json                  findings, reports, explanations and differences as JSON\n"
    "  --help, --version\n"
    "\n"
    "Exit 0 fine, 1 errors in the description, files not up to date or descriptions that\n"
    "differ, 2 wrong usage or a file that cannot be read or written.\n"
    "\n"
    "An engine for lc3run --engine and lc3as --isa is one call of a compiler away:\n"
    "  lc3gen my.def -o my && cc -O2 -shared -fPIC -o my.so my/lc3_ed3_module.c\n"
    "\n"
    "What --emit knows:\n";

_Noreturn void usage(const char *format, const char *word)
{
    fputs("lc3gen: ", stderr);
    fprintf(stderr, format, word);
    fputs("\nTry 'lc3gen --help'.\n", stderr);
    exit(2);
}

_Noreturn void die(const char *message)
{
    fprintf(stderr, "lc3gen: %s\n", message);
    exit(2);
}

// --------------------------------------------------------------- arguments

// One of "switch,goto,tail" as a bit, by its place; 0 when it is none.
static unsigned bit_of(const char *names, Text word)
{
    unsigned bit = 1;
    for (const char *at = names; *at; bit <<= 1) {
        const size_t len = strcspn(at, ",");
        if (text_same((Text){ at, len }, word))
            return bit;
        at += len + (at[len] == ',');
    }
    return 0;
}

static Text next_word(const char **list)
{
    const size_t len = strcspn(*list, ",");
    const Text word = { *list, len };
    *list += len + ((*list)[len] == ',');
    return word;
}

static unsigned strategies(const char *option, const char *names, const char *list)
{
    static char message[128];
    unsigned set = 0;
    const char *at = list;
    if (strcmp(list, "all") == 0)
        return ~0u;
    while (*at) {
        const unsigned bit = bit_of(names, next_word(&at));
        if (!bit) {
            snprintf(message, sizeof message, "%s knows %s and all, not '%%s'", option, names);
            usage(message, list);
        }
        set |= bit;
    }
    if (!set)
        usage("%s needs a value", option);
    return set;
}

static void set_option(Request *q, const char *option, const char *value)
{
    if (strcmp(option, "-o") == 0)
        q->dir = value;
    else if (strcmp(option, "--emit") == 0)
        q->emit = value;
    else if (strcmp(option, "--dispatch") == 0)
        q->dispatch = strategies(option, "switch,goto,tail", value) & DISPATCH_ALL;
    else if (strcmp(option, "--decode") == 0)
        q->decode = strategies(option, "raw,word,addr", value) & DECODE_ALL;
    else if (strcmp(option, "--flags") == 0)
        q->flags = strategies(option, "eager,lazy", value) & FLAGS_ALL;
    else if (strcmp(option, "--fuse") == 0)
        q->fuse = value;
    else if (strcmp(option, "--dialect") == 0)
        q->dialect = value;
    else if (strcmp(option, "--prefix") == 0)
        q->prefix = value;
    else if (strcmp(option, "--run") == 0)
        q->run = value;
    else if (strcmp(option, "--depfile") == 0 || strcmp(option, "-MF") == 0)
        q->depfile = value;
    else
        usage("unknown option '%s'", option);
    if (!*value)
        usage("%s needs a value", option);
}

static _Noreturn void print_help(void)
{
    fputs(help, stdout);
    for (const Emitter *e = emitters; e->name; e++)
        printf("  %-10s %-18s %s\n", e->name, e->file, e->help);
    exit(0);
}

static bool is_flag(Request *q, const char *word)
{
    if (strcmp(word, "--check") == 0)
        q->is_check = true;
    else if (strcmp(word, "--report") == 0)
        q->is_report = true;
    else if (strcmp(word, "--json") == 0)
        q->is_json = true;
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        print_help();
    else if (strcmp(word, "--version") == 0)
        exit(printf("lc3gen %s\n", LC3_VERSION) < 0);
    else
        return false;
    return true;
}

static void read_word(Request *q, const char *word, bool *has_command)
{
    static const char *const commands[] = { "check", "emit", "docs", "explain", "diff", "fuse" };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!*has_command && !q->file && strcmp(word, commands[i]) == 0) {
            q->command = (Command)i;
            *has_command = true;
            return;
        }
    if (q->file && (q->command < COMMAND_EXPLAIN || q->second))
        usage("'%s' is too much", word);
    if (q->file)
        q->second = word;
    else
        q->file = word;
}

static void check_request(const Request *q)
{
    if (!q->file)
        usage("%s", "no description is given");
    if (q->command >= COMMAND_EXPLAIN && !q->second)
        usage("%s: a second argument is missing", q->command == COMMAND_EXPLAIN ? "explain"
                                                  : q->command == COMMAND_DIFF  ? "diff"
                                                                                : "fuse");
    if (q->is_report && q->command != COMMAND_CHECK)
        usage("%s belongs to check", "--report");
    if (q->run && q->command != COMMAND_FUSE)
        usage("%s belongs to fuse", "--run");
}

Request request_read(int argc, char **argv)
{
    Request q = { .command = COMMAND_EMIT,
                  .dir = "generated",
                  .dispatch = DISPATCH_ALL,
                  .decode = DECODE_ALL,
                  .flags = FLAGS_ALL };
    bool has_command = false, only_words = false;
    for (int i = 1; i < argc; i++) {
        const char *const word = argv[i];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (only_words || word[0] != '-' || strcmp(word, "-") == 0) {
            read_word(&q, word, &has_command);
        } else if (!is_flag(&q, word)) {
            const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
            char option[32];
            snprintf(option, sizeof option, "%.*s", equals ? (int)(equals - word) : 31, word);
            const bool has_next = !equals && i + 1 < argc;
            set_option(&q, option, equals ? equals + 1 : has_next ? argv[++i] : "");
        }
    }
    check_request(&q);
    return q;
}
