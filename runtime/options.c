#include "options.h"

#include "engine_file.h"

#include <stdlib.h>
#include <string.h>

const char options_help[] =
    "usage: lc3run [options] PROG [PROG...]\n"
    "Runs LC-3 programs, each in a machine of its own, joined by rings of words.\n"
    "PROG is an object file, or a source file (.asm) that is assembled in memory;\n"
    "N*PROG stands for N copies.  Machines are numbered from 0 in this order.\n"
    "\n"
    "engine\n"
    "  --engine=auto|interp|jit|FILE.so\n"
    "                          what runs the instructions (auto)\n"
    "  --no-cache              keep no compiled code on disk\n"
    "  --dispatch=NAME         strategy of the interpreter: switch, goto, tail\n"
    "  --dialect=ed3|ed2       edition of the book (ed3)\n"
    "  --os=native|asm         service routines as native code or as LC-3 code (native)\n"
    "  --strict                an instruction with bits set that mean nothing is illegal\n"
    "  -Wuninit                warn about reading memory that was never written\n"
    "machines\n"
    "  --link=A:B[,cap=N]      out port of A to in port of B; replaces the default chain\n"
    "                          0 -> 1 -> 2; may be repeated; --link=ring closes the chain\n"
    "  --name=I:NAME           machine I is called NAME\n"
    "  --threads=N             workers (as many as machines or cores)\n"
    "  --wait=adaptive|spin|park\n"
    "                          what a worker without work does (adaptive: look, then sleep)\n"
    "network cards\n"
    "  --nic=pcap:FILE[,rate=R][,speed=X][,loop=N][,warm=N][,ring=N]\n"
    "        [,queue=VM][,tx=FILE]\n"
    "                          feed a machine with a capture; R is orig, max, bits (10G) or\n"
    "                          frames (14.88Mpps); with max the feed waits and drops nothing;\n"
    "                          the clock starts after warm=N frames;\n"
    "                          queue=0-3 or 0+2 spreads the flows\n"
    "  --nic=if:NAME[,ring=N][,queue=VM][,tx=FILE]\n"
    "                          feed a machine from an interface\n"
    "  --filter=EXPR           frames to take, in libpcap's language; of the --nic before it,\n"
    "                          or of all when it stands first\n"
    "other hosts (runtime/NATS.md)\n"
    "  --bus=URL[,URL...]      the NATS servers, such as nats://HOST:4222 or tls://HOST\n"
    "  --link=A:nats:SUBJECT, --link=nats:SUBJECT:B\n"
    "                          an end of a link on a subject; settings follow after commas:\n"
    "                          mode=safe|fast (safe: JetStream, nothing is lost or doubled),\n"
    "                          batch=WORDS (484), delay=US (50), cap=N; group=N*NAME (sender)\n"
    "                          and group=NAME share a subject among N replicas, records by\n"
    "                          key=WORD/RECORD\n"
    "  --bus-timeout=SECONDS   end when the bus is away for so long (never)\n"
    "  --checkpoint=DIR[,every=N]\n"
    "                          save the run in DIR after every N instructions of a machine\n"
    "                          (1000000000) and when interrupted; go on from what is there\n"
    "limits\n"
    "  --max-instructions=N    of each machine; a native service routine counts as 1\n"
    "  --timeout=SECONDS       of the whole run\n"
    "  --max-output=BYTES      of each machine\n"
    "  --seed=N                fill user memory with random words first (0: zeros)\n"
    "  --sandbox               once programs run: no file is opened, nothing executed, no socket\n"
    "                          made; no cache of compiled code\n"
    "console\n"
    "  --stdin=I               the machine that reads standard input (0)\n"
    "  --input=FILE            its keys, with the instruction count at which each comes:\n"
    "                          lines such as  1000 \"text\\n\"  or  2500 x1B\n"
    "  --record=FILE           write the keys that were taken, for --input\n"
    "  --output=PREFIX         machine I writes to PREFIX.I instead of standard output\n"
    "reports\n"
    "  --stats[=json|hdr]      statistics on standard error; hdr: the latencies as\n"
    "                          HdrHistogram writes them, for its plotting tools\n"
    "  --watch                 a line per machine, each second, when standard error is a\n"
    "                          terminal\n"
    "  --dump=FILE             the final states as JSON ('-' is standard output)\n"
    "  --profile=FILE          where the time goes: FILE.svg is a flame graph, FILE.txt call\n"
    "                          stacks, instructions and pairs of them as text\n"
    "  --trace[=FILE]          every instruction and what it changed (standard error)\n"
    "  --sample=N              measure the latency of one message in N (256; 0: none)\n"
    "  -q                      do not say why machines stopped\n"
    "metrics\n"
    "  --metrics=[ADDR:]PORT   a live page at /, Prometheus at /metrics; on loopback unless\n"
    "                          ADDR says otherwise; port 0 takes a free one\n"
    "  --linger=SECONDS        go on answering after the run (0)\n"
    "  --count=N:NAME          user counter N is called NAME, where the program gives none\n"
    "  --observe=N:NAME        user histogram N is called NAME\n"
    "\n"
    "  --help, --version\n"
    "\n"
    "Exit code: 0 every machine halted or its input ended; 1 a fault or a deadlock;\n"
    "2 wrong usage, a file error, or something that is not built in; 3 a limit was\n"
    "reached; 130 interrupted.\n";

// ------------------------------------------------------------------ values

static bool read_count(const char *text, uint64_t most, uint64_t *value)
{
    *value = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        const unsigned digit = (unsigned)(*text - '0');
        if (*value > (most - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    return true;
}

static bool want_count(const char *name, const char *text, uint64_t most, uint64_t *value, Error *err)
{
    if (read_count(text, most, value))
        return true;
    return fail(err, "%s=%s: expected a number from 0 to %llu", name, text, (unsigned long long)most);
}

static bool want_count32(const char *name, const char *text, uint32_t most, uint32_t *value, Error *err)
{
    uint64_t wide;
    if (!want_count(name, text, most, &wide, err))
        return false;
    *value = (uint32_t)wide;
    return true;
}

// The index of `text` in a list that ends with NULL.
static bool want_one(const char *name, const char *text, const char *const *list, int *index, Error *err)
{
    char known[160] = "";
    for (*index = 0; list[*index]; ++*index) {
        if (strcmp(text, list[*index]) == 0)
            return true;
        strcat(strcat(known, *known ? ", " : ""), list[*index]);
    }
    return fail(err, "%s=%s: not built in or not known; there is: %s", name, text, known);
}

// ----------------------------------------------------------------- options

typedef struct {
    RunOptions *o;
    Arena *arena;
    Error *err;
} Reader;

typedef bool Take(Reader *r, const char *name, const char *value);

static bool take_engine(Reader *r, const char *name, const char *value)
{
    static const char *const engines[] = { "auto", "interp", "jit", "FILE.so", NULL };
    int index;
    r->o->engine = value;
    return engine_is_file(value) || want_one(name, value, engines, &index, r->err);
}

static bool take_no_cache(Reader *r, const char *name, const char *value)
{
    r->o->has_no_cache = true;
    return true;
}

static bool take_dispatch(Reader *r, const char *name, const char *value)
{
    r->o->dispatch = value; // what is built in depends on the dialect
    return true;
}

static bool take_dialect(Reader *r, const char *name, const char *value)
{
    const char *names[8] = { NULL };
    for (int i = 0; dialects[i].name && i < 7; i++)
        names[i] = dialects[i].name;
    int index;
    r->o->dialect = value;
    return want_one(name, value, names, &index, r->err);
}

static bool take_os(Reader *r, const char *name, const char *value)
{
    static const char *const kinds[] = { "native", "asm", NULL };
    int index = 0;
    const bool good = want_one(name, value, kinds, &index, r->err);
    r->o->has_asm_os = index == 1;
    return good;
}

static bool take_uninit(Reader *r, const char *name, const char *value)
{
    r->o->finds_uninit = true;
    return true;
}

static bool take_strict(Reader *r, const char *name, const char *value)
{
    r->o->is_strict = true;
    return true;
}

static bool take_link(Reader *r, const char *name, const char *value)
{
    LIST_ADD(r->arena, &r->o->links, value);
    return true;
}

static bool take_profile(Reader *r, const char *name, const char *value)
{
    r->o->profile = value;
    return true;
}

static bool take_name(Reader *r, const char *name, const char *value)
{
    const char *colon = strchr(value, ':');
    uint64_t machine;
    if (!colon || !colon[1] ||
        !read_count(arena_copy(r->arena, value, (size_t)(colon - value)), UINT32_MAX, &machine))
        return fail(r->err, "%s=%s: expected NUMBER:NAME", name, value);
    if (colon[1] >= '0' && colon[1] <= '9')
        return fail(r->err, "%s=%s: a name must not begin with a digit", name, value);
    if (strpbrk(colon + 1, ":,"))
        return fail(r->err, "%s=%s: a name must not contain ':' or ','", name, value);
    LIST_ADD(r->arena, &r->o->names, ((MachineName){ (uint32_t)machine, colon + 1 }));
    return true;
}

static bool take_nic(Reader *r, const char *name, const char *value)
{
    LIST_ADD(r->arena, &r->o->cards, ((CardArgument){ value, r->o->filter }));
    return true;
}

static bool take_filter(Reader *r, const char *name, const char *value)
{
    if (r->o->cards.count)
        r->o->cards.at[r->o->cards.count - 1].filter = value;
    else
        r->o->filter = value;
    return true;
}

enum { THREADS_MOST = 1024 };

static bool take_threads(Reader *r, const char *name, const char *value)
{
    if (!want_count32(name, value, THREADS_MOST, &r->o->threads, r->err))
        return false;
    return r->o->threads ? true : fail(r->err, "%s=%s: at least one", name, value);
}

static bool take_wait(Reader *r, const char *name, const char *value)
{
    static const char *const modes[] = { "adaptive", "spin", "park", NULL };
    int index = 0;
    const bool good = want_one(name, value, modes, &index, r->err);
    r->o->wait = (WaitMode)index;
    return good;
}

static bool take_bus(Reader *r, const char *name, const char *value)
{
    r->o->bus = value;
    return true;
}

static bool take_bus_timeout(Reader *r, const char *name, const char *value)
{
    char *end;
    r->o->bus_timeout_s = strtod(value, &end);
    if (*end || end == value || !(r->o->bus_timeout_s > 0 && r->o->bus_timeout_s < 1e9))
        return fail(r->err, "%s=%s: expected a number of seconds above 0", name, value);
    return true;
}

static bool take_checkpoint(Reader *r, const char *name, const char *value)
{
    r->o->checkpoint = value;
    return true;
}

static bool take_max_instructions(Reader *r, const char *name, const char *value)
{
    if (!want_count(name, value, UINT64_MAX, &r->o->max_instructions, r->err))
        return false;
    return r->o->max_instructions ? true : fail(r->err, "%s=%s: at least one", name, value);
}

static bool take_timeout(Reader *r, const char *name, const char *value)
{
    char *end;
    r->o->timeout_s = strtod(value, &end);
    if (*end || end == value || !(r->o->timeout_s > 0 && r->o->timeout_s < 1e9))
        return fail(r->err, "%s=%s: expected a number of seconds above 0", name, value);
    return true;
}

static bool take_max_output(Reader *r, const char *name, const char *value)
{
    if (!want_count(name, value, UINT64_MAX, &r->o->max_output, r->err))
        return false;
    return r->o->max_output ? true : fail(r->err, "%s=%s: at least one", name, value);
}

static bool take_seed(Reader *r, const char *name, const char *value)
{
    return want_count(name, value, UINT64_MAX, &r->o->seed, r->err);
}

static bool take_stdin(Reader *r, const char *name, const char *value)
{
    return want_count32(name, value, UINT32_MAX - 1, &r->o->stdin_machine, r->err);
}

static bool take_input(Reader *r, const char *name, const char *value)
{
    r->o->input = value;
    return true;
}

static bool take_output(Reader *r, const char *name, const char *value)
{
    r->o->output = value;
    return true;
}

static bool take_stats(Reader *r, const char *name, const char *value)
{
    static const StatsForm form_of[] = { STATS_TABLE, STATS_JSON, STATS_HDR };
    static const char *const forms[] = { "table", "json", "hdr", NULL };
    int index = 0;
    const bool good = !value || want_one(name, value, forms, &index, r->err);
    r->o->stats = good ? form_of[index] : STATS_NONE;
    return good;
}

static bool take_view(Reader *r, const char *name, const char *value)
{
    r->o->has_view = true;
    return true;
}

static bool take_metrics(Reader *r, const char *name, const char *value)
{
    char address[64];
    uint16_t port;
    r->o->metrics = value;
    return exporter_parse(value, address, &port, r->err);
}

static bool take_linger(Reader *r, const char *name, const char *value)
{
    char *end;
    r->o->linger_s = strtod(value, &end);
    if (*end || end == value || !(r->o->linger_s >= 0 && r->o->linger_s < 1e9))
        return fail(r->err, "%s=%s: expected a number of seconds", name, value);
    return true;
}

static bool take_metric_name(Reader *r, const char *name, const char *value)
{
    const bool is_histogram = strcmp(name, "--observe") == 0;
    const char *colon = strchr(value, ':');
    uint64_t number;
    if (!colon || !colon[1] ||
        !read_count(arena_copy(r->arena, value, (size_t)(colon - value)), UINT32_MAX, &number))
        return fail(r->err, "%s=%s: expected NUMBER:NAME", name, value);
    const unsigned most = (is_histogram ? USER_HISTOGRAMS : USER_COUNTERS) - 1;
    if (number > most)
        return fail(r->err, "%s=%s: their numbers are 0 to %u", name, value, most);
    LIST_ADD(r->arena, &r->o->metric_names, ((MetricName){ is_histogram, (uint16_t)number, colon + 1 }));
    return true;
}

static bool take_dump(Reader *r, const char *name, const char *value)
{
    r->o->dump = value;
    return true;
}

static bool take_record(Reader *r, const char *name, const char *value)
{
    r->o->record = value;
    return true;
}

static bool take_trace(Reader *r, const char *name, const char *value)
{
    r->o->trace = value ? value : "";
    return true;
}

static bool take_sample(Reader *r, const char *name, const char *value)
{
    if (!want_count32(name, value, 1 << 30, &r->o->sample, r->err))
        return false;
    if (r->o->sample & (r->o->sample - 1))
        return fail(r->err, "%s=%s: expected a power of two, or 0", name, value);
    return true;
}

static bool take_sandbox(Reader *r, const char *name, const char *value)
{
    r->o->has_sandbox = r->o->has_no_cache = true;
    return true;
}

static bool take_quiet(Reader *r, const char *name, const char *value)
{
    r->o->is_quiet = true;
    return true;
}

static bool take_help(Reader *r, const char *name, const char *value)
{
    r->o->wants_help = true;
    return true;
}

static bool take_version(Reader *r, const char *name, const char *value)
{
    r->o->wants_version = true;
    return true;
}

typedef enum { VALUE_NONE, VALUE_MAYBE, VALUE_MUST } ValueUse; // MAYBE only with "="

static const struct {
    const char *name;
    ValueUse value;
    Take *take;
} table[] = {
    { "--engine", VALUE_MUST, take_engine },
    { "--no-cache", VALUE_NONE, take_no_cache },
    { "--dispatch", VALUE_MUST, take_dispatch },
    { "--dialect", VALUE_MUST, take_dialect },
    { "--os", VALUE_MUST, take_os },
    { "--strict", VALUE_NONE, take_strict },
    { "-Wuninit", VALUE_NONE, take_uninit },
    { "--link", VALUE_MUST, take_link },
    { "--name", VALUE_MUST, take_name },
    { "--nic", VALUE_MUST, take_nic },
    { "--filter", VALUE_MUST, take_filter },
    { "--bus", VALUE_MUST, take_bus },
    { "--bus-timeout", VALUE_MUST, take_bus_timeout },
    { "--checkpoint", VALUE_MUST, take_checkpoint },
    { "--threads", VALUE_MUST, take_threads },
    { "--wait", VALUE_MUST, take_wait },
    { "--max-instructions", VALUE_MUST, take_max_instructions },
    { "--timeout", VALUE_MUST, take_timeout },
    { "--max-output", VALUE_MUST, take_max_output },
    { "--seed", VALUE_MUST, take_seed },
    { "--stdin", VALUE_MUST, take_stdin },
    { "--input", VALUE_MUST, take_input },
    { "--record", VALUE_MUST, take_record },
    { "--output", VALUE_MUST, take_output },
    { "--stats", VALUE_MAYBE, take_stats },
    { "--dump", VALUE_MUST, take_dump },
    { "--profile", VALUE_MUST, take_profile },
    { "--trace", VALUE_MAYBE, take_trace },
    { "--sandbox", VALUE_NONE, take_sandbox },
    { "--sample", VALUE_MUST, take_sample },
    { "-q", VALUE_NONE, take_quiet },
    { "--watch", VALUE_NONE, take_view },
    { "--metrics", VALUE_MUST, take_metrics },
    { "--linger", VALUE_MUST, take_linger },
    { "--count", VALUE_MUST, take_metric_name },
    { "--observe", VALUE_MUST, take_metric_name },
    { "--help", VALUE_NONE, take_help },
    { "-h", VALUE_NONE, take_help },
    { "--version", VALUE_NONE, take_version },
};

static int find_option(const char *argument, size_t len)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].name) == len && memcmp(table[i].name, argument, len) == 0)
            return (int)i;
    return -1;
}

// Takes argv[*i] and, where the value stands apart, the next one.
static bool take_option(Reader *r, int argc, char **argv, int *i)
{
    const char *argument = argv[*i], *equals = strchr(argument, '=');
    const size_t len = equals ? (size_t)(equals - argument) : strlen(argument);
    const int found = find_option(argument, len);
    if (found < 0)
        return fail(r->err, "%.*s: not known or not built in; lc3run --help lists what there is", (int)len, argument);
    const char *value = equals ? equals + 1 : NULL;
    if (value && table[found].value == VALUE_NONE)
        return fail(r->err, "%s takes no value", table[found].name);
    if (!value && table[found].value == VALUE_MUST) {
        if (++*i == argc)
            return fail(r->err, "%s needs a value", table[found].name);
        value = argv[*i];
    }
    return table[found].take(r, table[found].name, value);
}

enum { COPIES_MOST = 1000000 };

static bool take_program(Reader *r, const char *argument)
{
    ProgramArgument p = { argument, 1 };
    const char *star = strchr(argument, '*');
    uint64_t copies;
    if (star && read_count(arena_copy(r->arena, argument, (size_t)(star - argument)), COPIES_MOST, &copies)) {
        if (!copies || !star[1])
            return fail(r->err, "%s: expected N*PROGRAM with N at least 1", argument);
        p = (ProgramArgument){ star + 1, (uint32_t)copies };
    }
    LIST_ADD(r->arena, &r->o->programs, p);
    return true;
}

bool options_read(RunOptions *o, Arena *a, int argc, char **argv, Error *err)
{
    *o = (RunOptions){ .engine = "auto", .sample = RING_SAMPLE };
    Reader r = { o, a, err };
    bool is_literal = false; // after "--"
    for (int i = 1; i < argc; i++) {
        const bool is_option = !is_literal && argv[i][0] == '-' && argv[i][1];
        if (is_option && strcmp(argv[i], "--") == 0) {
            is_literal = true;
            continue;
        }
        if (!(is_option ? take_option(&r, argc, argv, &i) : take_program(&r, argv[i])))
            return false;
    }
    if (!o->programs.count && !o->wants_help && !o->wants_version)
        return fail(err, "no program given; lc3run --help says how");
    return true;
}
