// svm -- runs programs of the stack machine that gen/stack.def describes.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "flame_file.h"
#include "stack_jit.h"
#include "svm_hosts.h"
#include "svm_machine.h"
#include "svm_report.h"
#include "base/standard.h"

static const char help[] =
    "usage: svm [options] FILE [ARGS...]\n"
    "\n"
    "Runs a program.  ARGS are joined by blanks, read as the words of a program and pushed,\n"
    "the last on top: svm fib.svm 10; svm greet.svm '\"a name\"'.  Behind -- nothing is an option,\n"
    "so that -5 can be an argument.\n"
    "\n"
    "  --ast               print the program as it was understood\n"
    "  --no-run            do not run it\n"
    "  --step              show each operation and wait for a line before it is done\n"
    "  --trace[=FILE]      a line for each instruction (standard error)\n"
    "  --max-instructions=N, --timeout=SECONDS\n"
    "                      limits; the run ends with exit 3\n"
    "  --stats[=json]      instructions and time on standard error\n"
    "  --profile=FILE      where the time goes: FILE.svg is a flame graph, FILE.txt stacks of calls,\n"
    "                      operations and pairs of them as text\n"
    "  --dump=FILE         how it ended, and the stack, as JSON\n"
    "  --engine=NAME       interp, jit (native code by LLVM), or auto: the interpreter, and native\n"
    "                      code once a program has run for long\n"
    "  --dispatch=NAME     how the interpreter goes from word to word: %s\n"
    "  --compat            comments and escapes as in the machine's first implementation\n"
    "  --help, --version\n"
    "\n"
    "Exit: as the program says; 1 or 101 after an error of the program; 2 wrong usage, a file\n"
    "that cannot be read or written, or no memory; 3 a limit was reached.\n";

typedef enum { ENGINE_AUTO, ENGINE_INTERP, ENGINE_JIT, ENGINES } Engine;
static const char *const engine_names[ENGINES] = { "auto", "interp", "jit" };

typedef enum { STATS_NONE, STATS_TEXT, STATS_JSON } StatsForm;

typedef struct {
    const char *file, *dispatch, *dump, *profile, *trace;
    bool is_compatible, prints_code, has_no_run, steps, traces;
    Engine engine;
    StatsForm stats;
    uint64_t max_instructions; // 0: none
    double timeout_s;          // 0: none
    Writer arguments; // joined by blanks
} Options;

// --------------------------------------------------------------- arguments

static const char *dispatch_list(Arena *a)
{
    const char *list = "";
    for (int i = 0; i < svm_kind.engine_count; i++)
        list = arena_format(a, "%s%s%s", list, i ? ", " : "", svm_kind.engines[i].dispatch);
    return list;
}

static _Noreturn void usage(const char *format, const char *word)
{
    fputs("svm: ", stderr);
    fprintf(stderr, format, word);
    fputs("\nTry 'svm --help'.\n", stderr);
    exit(2);
}

static _Noreturn void die(const char *message)
{
    fprintf(stderr, "svm: %s\n", message);
    exit(2);
}

static Engine choose_engine(const char *name)
{
    const bool has_jit = stack_jit_is_built(&svm_kind);
    for (int i = 0; i < ENGINES; i++)
        if (strcmp(name, engine_names[i]) == 0 && (i != ENGINE_JIT || has_jit))
            return (Engine)i;
    usage(has_jit ? "the engine '%s' is not built in; there are: auto, interp, jit"
                  : "the engine '%s' is not built in; there are: auto, interp",
          name);
}

static double read_limit(const char *option, const char *text, double most)
{
    char *end;
    const double limit = strtod(text, &end);
    if (*end || end == text || !(limit > 0 && limit <= most))
        usage("%s: expected a number above 0", option);
    return limit;
}

static void set_option(Options *o, const char *option, const char *value)
{
    if (strcmp(option, "--dump") == 0)
        o->dump = value;
    else if (strcmp(option, "--profile") == 0)
        o->profile = value;
    else if (strcmp(option, "--dispatch") == 0)
        o->dispatch = value;
    else if (strcmp(option, "--max-instructions") == 0)
        o->max_instructions = (uint64_t)read_limit(option, value, 1e18);
    else if (strcmp(option, "--timeout") == 0)
        o->timeout_s = read_limit(option, value, 1e9);
    else if (strcmp(option, "--engine") == 0)
        o->engine = choose_engine(value);
    else
        usage("unknown option '%s'", option);
}

static bool read_flag(Options *o, const char *word, Arena *a)
{
    if (strcmp(word, "--ast") == 0) {
        o->prints_code = true;
    } else if (strcmp(word, "--no-run") == 0) {
        o->has_no_run = true;
    } else if (strcmp(word, "--step") == 0) {
        o->steps = true;
    } else if (strcmp(word, "--compat") == 0) {
        o->is_compatible = true;
    } else if (strcmp(word, "--trace") == 0) {
        o->traces = true;
    } else if (strncmp(word, "--trace=", 8) == 0 && word[8]) {
        o->traces = true;
        o->trace = word + 8;
    } else if (strcmp(word, "--stats") == 0) {
        o->stats = STATS_TEXT;
    } else if (strcmp(word, "--stats=json") == 0) {
        o->stats = STATS_JSON;
    } else if (strncmp(word, "--stats=", 8) == 0) {
        usage("--stats knows json, not '%s'", word + 8);
    } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        printf(help, dispatch_list(a));
        exit(0);
    } else if (strcmp(word, "--version") == 0) {
        puts("svm " LC3_VERSION);
        exit(0);
    } else {
        return false;
    }
    return true;
}

static void read_word(Options *o, const char *word)
{
    if (!o->file) {
        o->file = word;
        return;
    }
    write_text(&o->arguments, o->arguments.len ? " " : "");
    write_text(&o->arguments, word);
}

static Options read_options(int argc, char **argv, Arena *a)
{
    Options o = { 0 };
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        const char *const word = argv[i];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (only_words || word[0] != '-' || !word[1]) {
            read_word(&o, word);
        } else if (!read_flag(&o, word, a)) {
            const char *equals = strchr(word, '=');
            const char *option = equals ? arena_copy(a, word, (size_t)(equals - word)) : word;
            if (word[1] >= '0' && word[1] <= '9')
                usage("'%s' looks like an option; write -- before the arguments", word);
            const char *value = equals ? equals + 1 : i + 1 < argc ? argv[++i] : "";
            set_option(&o, option, value);
            if (!*value)
                usage("%s needs a value", option);
        }
    }
    if (!o.file)
        usage("%s", "no program is given");
    return o;
}

static const StackEngine *find_interpreter(const Options *o, Arena *a)
{
    for (int i = 0; i < svm_kind.engine_count; i++)
        if (!o->dispatch || strcmp(o->dispatch, svm_kind.engines[i].dispatch) == 0)
            return &svm_kind.engines[i];
    usage(arena_format(a, "the dispatch '%%s' is not built in; there are: %s", dispatch_list(a)), o->dispatch);
}

// --------------------------------------------------------------------- run

typedef struct {
    Options options;
    Arena arena;
    Diag diag;
    Source source, arguments;
    StackProgram program, pushed;
    StackMachine machine;
    const StackEngine *interpreter;
    StackJit *jit; // NULL: only the interpreter
    SvmWorld world;
    FILE *trace;
    int exit_code, error; // error: -1 none
} Session;

static void print(FILE *out, Writer *w)
{
    fwrite(w->at, 1, w->len, out);
    w->len = 0;
}

static void set_error(Session *s, int error)
{
    s->error = error;
    s->exit_code = svm_table.errors[error].exit;
}

// Reads the program and the arguments; false when they have mistakes.
static bool load(Session *s)
{
    const Options *o = &s->options;
    Error err;
    if (!source_read(&s->source, &s->arena, o->file, &err))
        die(err.text);
    source_init(&s->arguments, &s->arena, "<arguments>", o->arguments.at ? o->arguments.at : "",
                o->arguments.len);
    const StackReading program = { o->is_compatible, true }, values = { o->is_compatible, false };
    const int wrong = stack_read(&s->program, &svm_table, &s->source, program, &s->arena, &s->diag);
    const int wrong_values = stack_read(&s->pushed, &svm_table, &s->arguments, values, &s->arena, &s->diag);
    if (wrong >= 0 || wrong_values >= 0)
        set_error(s, wrong >= 0 ? wrong : wrong_values);
    return s->error < 0;
}

static bool push_arguments(Session *s)
{
    if (s->pushed.code.count > stack_machine_room(&s->machine)) {
        set_error(s, svm_table.stacks[0].overflow);
        diag_error(&s->diag, (Span){ &s->arguments, 0, 1 }, "more arguments than the stack holds [%s]",
                   svm_table.errors[s->error].name);
        return false;
    }
    for (size_t i = 0; i < s->pushed.code.count; i++)
        stack_machine_push(&s->machine, s->pushed.code.at[i].value);
    return true;
}

static bool is_operation(const StackMachine *m)
{
    return m->ip >= 0 && m->ip < m->count && m->words[m->ip] < m->table->op_count;
}

static void wait_for_line(void)
{
    int c;
    fflush(stdout);
    while ((c = getchar()) != EOF && c != '\n') {}
}

static bool is_over(const Session *s)
{
    const uint64_t most = s->options.max_instructions;
    return svm_time_is_up || (most && s->machine.instructions >= most);
}

// One exact operation at a time, shown before it is done.
static int run_shown(Session *s)
{
    StackMachine *m = &s->machine;
    Writer w = { 0 };
    int stop;
    do {
        if (s->trace && m->ip >= 0 && m->ip < m->count) {
            svm_write_trace(&w, m);
            print(s->trace, &w);
        }
        if (s->options.steps && is_operation(m)) {
            svm_write_step(&w, m);
            print(stdout, &w);
            wait_for_line();
        }
        stop = svm_kind.step(m);
    } while (stop == STACK_GO_ON && !is_over(s));
    writer_free(&w);
    return stop == STACK_GO_ON ? STOP_BUDGET : stop;
}

static void open_trace(Session *s)
{
    if (!s->options.traces)
        return;
    s->trace = s->options.trace ? fopen(s->options.trace, "w") : stderr;
    if (!s->trace)
        die(arena_format(&s->arena, "%s: %s", s->options.trace, strerror(errno)));
}

static void close_trace(Session *s)
{
    if (s->trace && s->trace != stderr && fclose(s->trace) != 0)
        die(arena_format(&s->arena, "%s: %s", s->options.trace, strerror(errno)));
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int run_profiled(Session *s, StackRun *run)
{
    Error err;
    SvmProfile *p = s->world.profile = svm_profile_open(&s->machine, &svm_kind, s->options.file);
    if (!p)
        die("no memory for a profile");
    const int stop = svm_profile_run(p, run);
    if (!svm_profile_save(p, s->options.profile, &err))
        die(err.text);
    svm_profile_close(p);
    s->world.profile = NULL;
    return stop;
}

static bool is_shown(const Session *s)
{
    return s->options.steps || s->options.traces;
}

// What is shown is done word by word, whatever the engine.
static void open_jit(Session *s)
{
    Error err;
    if (s->options.engine == ENGINE_INTERP || is_shown(s))
        return;
    const StackJitWay way = s->options.engine == ENGINE_JIT ? STACK_JIT_NOW : STACK_JIT_AUTO;
    s->jit = stack_jit_open(&svm_kind, &(StackJitOptions){ way, s->interpreter, NULL }, &err);
    if (!s->jit)
        die(err.text);
    stack_jit_attach(s->jit, &s->machine);
    stack_jit_prepare(s->jit);
    if (way == STACK_JIT_NOW && stack_jit_error(s->jit))
        die(stack_jit_error(s->jit));
}

// In pieces, between which the limits are looked at.
static int run_limited(Session *s, StackRun *run)
{
    enum { PIECE = 1 << 14 };
    StackMachine *m = &s->machine;
    const uint64_t most = s->options.max_instructions ? s->options.max_instructions : UINT64_MAX;
    int stop;
    if (!s->options.max_instructions && !(s->options.timeout_s > 0))
        return (int)run(m, INT64_MAX);
    do
        stop = run(m, most - m->instructions < PIECE ? most - m->instructions : PIECE);
    while (stop == STOP_BUDGET && !is_over(s));
    return stop;
}

static void on_alarm(int sig)
{
    svm_time_is_up = sig;
}

// Without SA_RESTART: what waits for a line or sleeps is woken.
static void start_clock(double seconds)
{
    const struct itimerval when = { .it_value = { (time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 999999) + 1 },
                                    .it_interval = { 0, 10000 } }; // again, if it came just before a wait
    sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_alarm }, NULL);
    setitimer(ITIMER_REAL, &when, NULL);
}

static void report_limit(Session *s)
{
    s->exit_code = 3;
    diag_error(&s->diag, (Span){ 0 }, "stopped after %llu instructions: the limit of %s is reached",
               (unsigned long long)s->machine.instructions, svm_time_is_up ? "time" : "instructions");
}

static int run_engine(Session *s)
{
    if (is_shown(s))
        return run_shown(s);
    StackRun *run = s->jit ? stack_jit_run : s->interpreter->run;
    return s->options.profile ? run_profiled(s, run) : run_limited(s, run);
}

static void run(Session *s)
{
    StackMachine *m = &s->machine;
    open_trace(s);
    open_jit(s);
    if (s->options.timeout_s > 0)
        start_clock(s->options.timeout_s);
    const double begin = now();
    const int stop = run_engine(s);
    const double elapsed = now() - begin;
    close_trace(s);
    fflush(stdout);
    s->exit_code = m->exit_code;
    if (svm_time_is_up || stop == STOP_BUDGET) { // also when what was woken went on to an end
        report_limit(s);
    } else if (stop == STOP_FAULT) {
        set_error(s, m->fault.error);
        svm_report_fault(m, &s->arena, &s->diag);
    }
    if (s->options.stats == STATS_NONE)
        return;
    const SvmStats stats = { elapsed, m->instructions, is_shown(s) ? "interp" : engine_names[s->options.engine],
                             is_shown(s) ? "step" : s->interpreter->dispatch,
                             s->error < 0 ? "halt" : svm_table.errors[s->error].name };
    Writer w = { 0 };
    svm_write_stats(&w, &stats, s->options.stats == STATS_JSON);
    diag_print(&s->diag, stderr, diag_wants_colour(stderr));
    s->diag = (Diag){ .arena = &s->arena };
    print(stderr, &w);
    writer_free(&w);
}

static void save_dump(Session *s, bool is_loaded)
{
    Error err;
    Writer w = { 0 };
    svm_write_dump(&w, &svm_table, is_loaded ? &s->machine : NULL, s->exit_code, s->error);
    if (!writer_save(&w, s->options.dump, &err))
        die(err.text);
    writer_free(&w);
}

static void print_code(Session *s)
{
    Writer w = { 0 };
    svm_write_code(&w, &s->program);
    print(stdout, &w);
    writer_free(&w);
}

// Makes the machine and, when asked to, runs it.
static bool start(Session *s)
{
    Error err;
    if (!stack_machine_init(&s->machine, &svm_kind, &s->program, &err))
        die(err.text);
    s->world = (SvmWorld){ stdin, stdout, NULL };
    s->machine.user = &s->world;
    if (!s->options.has_no_run && push_arguments(s))
        run(s);
    return true;
}

int main(int argc, char **argv)
{
    standard_open("svm");
    Session s = { .error = -1 };
    s.diag.arena = &s.arena;
    s.options = read_options(argc, argv, &s.arena);
    s.interpreter = find_interpreter(&s.options, &s.arena);
    Error err;
    if (s.options.profile && (s.options.steps || s.options.traces))
        usage("%s does not go together with --step or --trace", "--profile");
    if (s.options.profile && !flame_check_path(s.options.profile, &err))
        die(err.text);
    clock_start();
    const bool is_good = load(&s);
    if (is_good && s.options.prints_code)
        print_code(&s);
    const bool is_loaded = is_good && start(&s);
    if (fflush(stdout) != 0 || ferror(stdout))
        die("standard output cannot be written");
    diag_print(&s.diag, stderr, diag_wants_colour(stderr));
    if (s.options.dump)
        save_dump(&s, is_loaded);
    if (s.jit && stack_jit_leave(s.jit)) // nobody needs that code any more
        _exit(s.exit_code & 255);
    if (s.jit)
        stack_jit_close(s.jit);
    if (is_loaded)
        stack_machine_free(&s.machine);
    writer_free(&s.options.arguments);
    arena_free(&s.arena);
    return s.exit_code & 255;
}
