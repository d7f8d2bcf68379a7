#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assemble.h"
#include "clock.h"
#include "engine_file.h"
#include "flame_file.h"
#include "os.h"
#include "replay.h"
#include "sandbox.h"

_Atomic int session_stop;

// ---------------------------------------------------------------- programs

static bool has_extension(const char *path, const char *extension)
{
    const size_t len = strlen(path), n = strlen(extension);
    return len > n && strcmp(path + len - n, extension) == 0;
}

static bool read_program(Session *s, Object *obj, const char *path, Error *err)
{
    if (!has_extension(path, ".asm"))
        return object_read(obj, &s->arena, path, err) && object_read_beside(obj, &s->arena, path, err) &&
               engine_takes(s->dialect->isa, obj, path, err);
    s->diag.arena = &s->arena;
    const AssembleOptions options = { .isa = s->dialect->isa };
    if (assemble_file(obj, &s->arena, path, &options, &s->diag, err))
        return true;
    return s->diag.errors ? fail(err, "%s: not assembled, it has errors", path) : false;
}

// The image of a program; the same file twice is one image.
static bool find_image(Session *s, const char *path, Image **image, Error *err)
{
    for (size_t i = 0; i < s->paths.count; i++)
        if (strcmp(s->paths.at[i], path) == 0) {
            *image = s->images.at[i];
            return true;
        }
    Object *obj = arena_new(&s->arena, Object);
    *image = arena_new(&s->arena, Image);
    if (!read_program(s, obj, path, err))
        return false;
    obj->name = path;
    LIST_ADD(&s->arena, &s->paths, path);
    LIST_ADD(&s->arena, &s->images, *image);
    return image_open_for(*image, s->dialect->isa, obj, s->has_os ? &s->os : NULL, s->options.seed, err);
}

enum { MACHINES_MOST = 1000000 };

static bool load_programs(Session *s, Error *err)
{
    uint64_t count = 0;
    for (size_t i = 0; i < s->options.programs.count; i++)
        count += s->options.programs.at[i].copies;
    if (count > MACHINES_MOST)
        return fail(err, "%llu machines are too many, %d is the most", (unsigned long long)count, MACHINES_MOST);
    s->count = (uint32_t)count;
    s->image_of = arena_array(&s->arena, Image *, count);
    uint32_t at = 0;
    for (size_t i = 0; i < s->options.programs.count; i++) {
        const ProgramArgument *p = &s->options.programs.at[i];
        Image *image;
        if (!find_image(s, p->path, &image, err))
            return false;
        for (uint32_t k = 0; k < p->copies; k++)
            s->image_of[at++] = image;
    }
    return true;
}

// ------------------------------------------------------------------ engine

// An engine whose decoded instructions belong to nobody: in a crowd, a table per
// machine would be read from memory at every turn.
static const Lc3Engine *shared_engine(const Dialect *d)
{
    for (int i = 0; i < *d->engine_count; i++)
        if (strcmp(d->engines[i].decode, "word") == 0)
            return &d->engines[i];
    return &d->engines[0];
}

static const Lc3Engine *choose_engine(const Session *s, Error *err)
{
    const Dialect *d = s->dialect;
    const char *wanted = s->options.dispatch;
    if (!wanted)
        return s->count <= CROWD ? &d->engines[0] : shared_engine(d);
    char known[160] = "";
    for (int i = 0; i < *d->engine_count; i++) {
        if (strcmp(d->engines[i].dispatch, wanted) == 0)
            return &d->engines[i];
        if (!strstr(known, d->engines[i].dispatch) && strlen(known) < 100)
            strcat(strcat(known, *known ? ", " : ""), d->engines[i].dispatch);
    }
    fail(err, "--dispatch=%s: not built in; there is: %s", wanted, known);
    return NULL;
}

static bool make_machines(Session *s, Error *err)
{
    const Lc3Engine *engine = choose_engine(s, err);
    if (!engine)
        return false;
    s->machine_options = (MachineOptions){
        .dialect = s->dialect, .engine = engine, .has_native = !s->options.has_asm_os,
        .max_instructions = s->options.max_instructions, .max_output = s->options.max_output,
    };
    return machines_open(&s->machines, s->count, s->image_of, &s->machine_options, err);
}

static bool start_jit(Session *s, Error *err)
{
    if (strcmp(s->options.engine, "interp") == 0 || engine_is_file(s->options.engine))
        return true;
    const JitOptions options = {
        .way = strcmp(s->options.engine, "jit") == 0 ? JIT_NOW : JIT_AUTO,
        .has_cache = !s->options.has_no_cache,
        .is_eager = s->options.has_sandbox,
    };
    return jit_machines_start(&s->jit, s->machines, s->count, choose_engine(s, err), &options, err);
}

// ----------------------------------------------------------------- network

static bool name_machines(Session *s, Error *err)
{
    s->names = arena_array(&s->arena, const char *, s->count);
    for (size_t i = 0; i < s->options.names.count; i++) {
        const MachineName *n = &s->options.names.at[i];
        if (n->machine >= s->count)
            return fail(err, "--name=%u:%s: there is no machine %u, only 0 to %u", n->machine, n->name, n->machine,
                        s->count - 1);
        for (uint32_t k = 0; k < s->count; k++)
            if (k != n->machine && s->names[k] && strcmp(s->names[k], n->name) == 0)
                return fail(err, "--name=%u:%s: machine %u has this name", n->machine, n->name, k);
        s->names[n->machine] = n->name;
    }
    return true;
}

static bool plan_network(Session *s, Error *err)
{
    s->network = (Network){ .arena = &s->arena, .machine_count = s->count, .names = s->names };
    for (size_t i = 0; i < s->options.links.count; i++)
        if (!network_add(&s->network, s->options.links.at[i], err))
            return false;
    network_complete(&s->network);
    return true;
}

static void give_up(bool is_broken)
{
    int running = 0;
    atomic_compare_exchange_strong(&session_stop, &running, is_broken ? STOP_BY_LOSS : STOP_BY_BUS);
    schedule_interrupt();
}

static _Atomic int pause_wanted; // for a checkpoint

static void save_soon(void)
{
    pause_wanted = 1;
    schedule_interrupt();
}

// What a run does depends on these, beside its programs and links.
static bool open_checkpoint(Session *s, Error *err)
{
    if (!s->options.checkpoint)
        return true;
    const RunOptions *o = &s->options;
    const char *wrong = o->cards.count ? "--nic" : o->finds_uninit ? "-Wuninit" : o->trace ? "--trace"
                        : o->record ? "--record" : o->profile ? "--profile" : NULL;
    if (wrong)
        return fail(err, "--checkpoint: %s cannot be part of one", wrong);
    const char *options =
        arena_format(&s->arena, "%s %d %llu %u %s", s->dialect->name, s->options.has_asm_os,
                     (unsigned long long)s->options.seed, s->options.stdin_machine, s->options.output ? "files" : "");
    return checkpoint_parse(&s->checkpoint, &s->arena, s->options.checkpoint, err) &&
           checkpoint_open(&s->checkpoint, &s->network, s->machines, s->count, options, err);
}

static bool open_remotes(Session *s, Error *err)
{
    const RemoteBusOptions options = {
        .urls = s->options.bus, .timeout_s = s->options.bus_timeout_s, .stop = &session_stop,
        .leave = schedule_guest_leaves, .give_up = give_up, .save_soon = save_soon,
        .keeps = s->options.checkpoint,
    };
    return remotes_open(&s->remotes, &s->network, s->machines, &options, err);
}

// ----------------------------------------------------------------- console

enum { RECORD_KEYS = 1 << 24 };

static bool open_input(Session *s, Error *err)
{
    if (s->options.stdin_machine >= s->count)
        return fail(err, "--stdin=%u: there is no machine %u, only 0 to %u", s->options.stdin_machine,
                    s->options.stdin_machine, s->count - 1);
    input_open(&s->input, &session_stop);
    if (s->options.input && !input_read_script(&s->input, &s->arena, s->options.input, err))
        return false;
    s->machines[s->options.stdin_machine]->input = &s->input;
    input_record(&s->input, s->options.record ? RECORD_KEYS : REPLAY_KEYS);
    input_skip(&s->input, s->machines[s->options.stdin_machine]->keys_before);
    return true;
}

// A program that writes without end must not fill the disk under a half-written
// name, so these files are what they are called from the start.
static bool open_outputs(Session *s, Error *err)
{
    const bool is_terminal = !s->options.output && isatty(STDOUT_FILENO) == 1;
    for (uint32_t i = 0; i < s->count; i++) {
        Output *out = &s->machines[i]->output;
        out->file = STDOUT_FILENO;
        out->is_terminal = is_terminal;
        out->is_shared = s->count > 1 && !s->options.output;
        if (!s->options.output)
            continue;
        const char *path = arena_format(&s->arena, "%s.%u", s->options.output, i);
        out->file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        const off_t written = (off_t)(out->total - out->len); // before a checkpoint
        if (out->file < 0 || (ftruncate(out->file, written) != 0 && errno != EINVAL) ||
            (lseek(out->file, written, SEEK_SET) < 0 && errno != ESPIPE))
            return fail(err, "%s: %s", path, strerror(errno));
    }
    return true;
}

// What would be opened or renamed too late.
static bool check_sandbox(const RunOptions *o, Error *err)
{
    for (size_t i = 0; i < o->cards.count; i++)
        if (strstr(o->cards.at[i].text, ",tx="))
            return fail(err, "--sandbox: a capture (tx=) cannot be written");
    if (o->record)
        return fail(err, "--sandbox: keys cannot be recorded");
    if (o->bus || o->checkpoint)
        return fail(err, "--sandbox: neither links to other hosts nor checkpoints");
    return !o->profile || fail(err, "--sandbox: a profile cannot be written");
}

// In a sandbox nothing can be opened or renamed when the run has ended, so the dump is
// opened now and written in place.
static bool open_dump(Session *s, Error *err)
{
    const char *path = s->options.dump;
    if (!s->options.has_sandbox)
        return true;
    if (!check_sandbox(&s->options, err))
        return false;
    if (!path || strcmp(path, "-") == 0)
        return true;
    s->dump_file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return s->dump_file >= 0 || fail(err, "%s: %s", path, strerror(errno));
}

// ---------------------------------------------------------------- the whole

// Where nobody watches the file grow, it is what it is called from the start, as outputs are.
static bool open_trace(Session *s, Error *err)
{
    const char *path = s->options.trace;
    s->trace = *path ? fopen(path, "we") : fdopen(dup(STDERR_FILENO), "w");
    return s->trace ? true : fail(err, "--trace: %s: %s", *path ? path : "standard error", strerror(errno));
}

static bool observe(Session *s, Error *err)
{
    WatchOptions options = { .finds_uninit = s->options.finds_uninit, .is_strict = s->options.is_strict };
    if (s->options.trace && !open_trace(s, err))
        return false;
    if (!options.finds_uninit && !options.is_strict && !s->trace)
        return true;
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->trace) {
            options.trace = arena_new(&s->arena, Trace);
            *options.trace = (Trace){ .out = s->trace, .is_numbered = s->count > 1 };
        }
        watch_start(arena_new(&s->arena, Watch), s->machines[i], &options);
    }
    return true;
}

static bool close_trace(Session *s, Error *err)
{
    if (!s->trace)
        return true;
    for (uint32_t i = 0; i < s->count; i++)
        trace_end(s->machines[i]->watch->options.trace, s->machines[i]);
    const bool has_failed = ferror(s->trace);
    const bool is_closed = fclose(s->trace) == 0;
    s->trace = NULL;
    return has_failed || !is_closed ? fail(err, "--trace: not all of it could be written: %s", strerror(errno)) : true;
}

static bool open_monitor(Session *s, Error *err)
{
    if (!s->options.metrics)
        return true;
    const MonitorView view = {
        .machines = s->machines, .count = s->count, .links = &s->network.links, .cards = &s->cards, .remotes = &s->remotes, .jit = s->jit,
        .metric_names = s->options.metric_names.at, .metric_name_count = s->options.metric_names.count,
    };
    s->has_monitor = monitor_open(&s->monitor, &view, s->options.metrics, err);
    return s->has_monitor;
}

// Before anything runs, not after all has.
static bool check_profile(const Session *s, Error *err)
{
    return !s->options.profile || flame_check_path(s->options.profile, err);
}

static bool open_profile(Session *s, Error *err)
{
    return !s->options.profile || profile_open(&s->profile, s->machines, s->count, s->options.profile, err);
}

static bool read_os(Session *s, Error *err)
{
    s->has_os = true;
    if (s->dialect->isa == &lc3_isa)
        return os_read(&s->os, &s->arena, s->dialect->name, err);
    return os_assemble(&s->os, &s->arena, s->dialect->name, s->dialect->isa, err);
}

static bool choose_dialect(Session *s, Error *err)
{
    if (engine_is_file(s->options.engine))
        s->dialect = engine_file_open(&s->arena, s->options.engine, s->options.dialect, err);
    else
        s->dialect = dialect_find(s->options.dialect);
    return s->dialect != NULL;
}

static void set_names(Session *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        s->machines[i]->name = s->names[i];
}

bool session_open(Session *s, Error *err)
{
    if (!check_profile(s, err) || !choose_dialect(s, err) || !read_os(s, err) || !load_programs(s, err) ||
        !name_machines(s, err) || !plan_network(s, err) ||
        !make_machines(s, err) ||
        !network_open(&s->network, s->machines, s->options.sample, &s->rings, err) || !open_checkpoint(s, err) ||
        !open_remotes(s, err) ||
        !cards_open(&s->cards, &s->arena, s->options.cards.at, s->options.cards.count, s->machines, s->count, err) ||
        !open_input(s, err) ||
        !open_outputs(s, err) || !open_dump(s, err))
        return false;
    set_names(s);
    machines_prefault(s->machines, s->count);
    return start_jit(s, err) && observe(s, err) && open_monitor(s, err) && open_profile(s, err);
}

static bool save(Session *s, Error *err)
{
    pause_wanted = 0;
    return !s->options.checkpoint || checkpoint_save(&s->checkpoint, &s->remotes, err);
}

// With pauses for checkpoints; the last one when the run is cut short.
static bool run_machines(Session *s, ScheduleOptions *options, Error *err)
{
    do {
        if (!schedule(s->machines, s->count, options, &s->result, err))
            return false;
        if (s->result.end != SCHEDULE_PAUSED)
            return true;
        options->stop_pauses = !session_stop;
    } while (save(s, err));
    return false;
}

bool session_run(Session *s, Error *err)
{
    ScheduleOptions options = {
        .threads = s->options.threads, .wait = s->options.wait, .has_histograms = s->options.stats != STATS_NONE || s->has_monitor,
        .stop = &session_stop, .pause = &pause_wanted, .pause_after = s->checkpoint.every,
        .stop_pauses = s->options.checkpoint,
    };
    if (s->options.has_view && isatty(STDERR_FILENO) == 1 &&
        !top_start(&s->top, s->machines, s->count, STDERR_FILENO, err))
        return false;
    if (!cards_start(&s->cards, s->count, err))
        return false;
    if (s->options.has_sandbox && !sandbox_enter(err))
        return false;
    const bool good = s->has_run = save(s, err) && remotes_start(&s->remotes, err) && run_machines(s, &options, err);
    const bool goes_on = s->options.checkpoint && (!good || session_stop);
    if (!goes_on)
        checkpoint_remove(&s->checkpoint);
    remotes_stop(&s->remotes, !goes_on);
    cards_stop(&s->cards);
    top_stop(&s->top);
    const bool is_traced = close_trace(s, err);
    s->timed_out = session_stop == STOP_BY_TIME;
    s->has_lost_bus = session_stop == STOP_BY_BUS;
    s->has_broken_link = session_stop == STOP_BY_LOSS;
    s->was_interrupted = session_stop > 0;
    if (good && output_error())
        return fail(err, "cannot write output: %s", strerror(output_error()));
    return good && is_traced;
}

static bool save_keys(const Session *s, Error *err)
{
    Writer w = { 0 };
    const bool good = input_write_script(&w, &s->input, err) && writer_save(&w, s->options.record, err);
    writer_free(&w);
    return good;
}

static bool save_dump(const Session *s, const Report *r, Error *err)
{
    Writer w = { 0 };
    report_dump(&w, r);
    const bool good = s->dump_file ? writer_write(&w, s->dump_file, s->options.dump, err)
                                   : writer_save(&w, s->options.dump, err);
    writer_free(&w);
    return good;
}

// The way to a fault, for its report.
static void explain_fault(Session *s)
{
    Machine *m = s->machines[0];
    if (s->count == 1 && m->end == END_FAULT && !m->watch)
        replay_fault(m, arena_new(&s->arena, Watch), &s->machine_options);
}

bool session_report(Session *s, Writer *w, Error *err)
{
    const Report r = { s->machines, s->count, &s->result, &s->cards, &s->remotes };
    bool good = !s->has_run || cards_save(&s->cards, err);
    report_uninit(w, &r);
    if (!s->options.is_quiet) {
        cards_write_notes(w, &s->cards);
        remotes_write_notes(w, &s->remotes);
        if (s->was_interrupted)
            write_text(w, "lc3run: interrupted\n");
        if (s->timed_out)
            write_format(w, "lc3run: the time limit of %g s is reached\n", s->options.timeout_s);
        explain_fault(s);
        report_stops(w, &r);
    }
    if (s->options.dump && s->has_run)
        good = save_dump(s, &r, err) && good;
    if (s->options.record && s->has_run)
        good = save_keys(s, err) && good;
    if (s->profile && s->has_run)
        good = profile_save(s->profile, err) && good;
    if (s->options.stats == STATS_TABLE)
        stats_write_table(w, &r);
    if (s->options.stats == STATS_JSON)
        stats_write_json(w, &r);
    if (s->options.stats == STATS_HDR)
        stats_write_hdr(w, &r);
    return good;
}

int session_exit_code(const Session *s)
{
    bool has_fault = s->result.end == SCHEDULE_DEADLOCK || s->has_broken_link, has_limit = s->has_lost_bus;
    for (uint32_t i = 0; i < s->count; i++) {
        has_fault |= s->machines[i]->end == END_FAULT;
        has_limit |= s->machines[i]->end == END_LIMIT;
    }
    return s->was_interrupted ? 130 : has_fault ? 1 : has_limit ? 3 : 0;
}

void session_linger(Session *s)
{
    if (s->has_monitor && !s->was_interrupted)
        monitor_linger(&s->monitor, s->options.linger_s, &session_stop);
}

void session_close(Session *s)
{
    if (s->has_monitor)
        monitor_close(&s->monitor);
    profile_close(s->profile);
    if (s->machines) {
        for (uint32_t i = 0; s->options.output && i < s->count; i++)
            if (s->machines[i]->output.file > STDERR_FILENO)
                close(s->machines[i]->output.file);
        s->leaves_compiler = s->jit && jit_is_compiling(s->jit);
        if (!s->leaves_compiler)
            jit_machines_stop(s->jit, s->machines, s->count);
        machines_close(s->machines, s->count);
    }
    input_close(&s->input);
    remotes_close(&s->remotes);
    checkpoint_close(&s->checkpoint);
    network_close(&s->rings);
    cards_close(&s->cards);
    for (size_t i = 0; i < s->images.count; i++)
        image_close(s->images.at[i]);
    arena_free(&s->arena);
}
