#include "jit.h"

#include "made_code.h"
#include "watched.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    MODES = 4,            // of a description's guards; a machine in another mode is interpreted
    INSTALLED_MAX = 1024, // regions of one machine
    PENDING_MAX = 32,
    CHUNK_LAST = 1 << 14, // instructions that the interpreter takes at once beside native code
    STEPS = 24,           // single instructions after native code, before the interpreter takes longer
    SAMPLE_STEPS = 64,    // to find the head of the loop that the program is in
    SAMPLE_FIRST = 1 << 17, SAMPLE_LAST = 1 << 20, // instructions between two looks
    EARLY_MS = 8,         // a program shorter than this is not compiled: opening LLVM and its end cost that much
    HOT = 3,              // looks that find the same head
    MISSES = 8,           // ways out of native code to the same place
    REFUSED = 255, ASKED = 254, // instead of a heat: not to be compiled; not in the cache, to be compiled later
    CHANGES_MAX = 8,      // of one word, while it was compiled
    DROPS_MAX = 64,       // of one machine, before it takes only one change
};

struct Jit {
    JitOptions options;
    CodeStore *store;
    char module[4200];
};

struct JitVm {
    Jit *jit;
    JitVmOptions options;
    JitFrame frame;
    JitFunction **tables[MODES]; // by pc; pages appear when touched
    uint8_t *heat;               // by pc
    uint8_t *changes;            // by address
    uint64_t *unstable;          // a bit per address, or NULL
    JitCode *installed[INSTALLED_MAX], *pending[PENDING_MAX], *retired[INSTALLED_MAX];
    int installed_count, pending_count, retired_count;
    void *hosts[64];
    uint64_t chunk;       // instructions the interpreter takes at once
    uint64_t sample_at;   // `instructions` at the next look
    uint64_t sample_step;
    uint64_t native, regions, drops;
    uint16_t first;       // the program's first instruction
    bool has_asked_first; // for the code that begins there
};

// ------------------------------------------------------------------- opening

static bool is_file(const char *path)
{
    return !access(path, R_OK);
}

// Beside the program while building, in the library folder once installed.
static void find_module(char *out, size_t size)
{
    char self[4096];
    const ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    self[len > 0 ? len : 0] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    static const char *const places[] = { "%s/lc3jit.so", "%s/../runtime/lc3jit.so", "%s/../../runtime/lc3jit.so",
                                          "%s/../lib/lc3/lc3jit.so" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(out, size, places[i], self);
        if (is_file(out))
            return;
    }
    snprintf(out, size, "%s", LC3_MODULE_DIR "/lc3jit.so");
}

Jit *jit_open(const JitOptions *options, Error *err)
{
    Jit *jit = need_memory(calloc(1, sizeof *jit));
    jit->options = *options;
    if (options->module)
        snprintf(jit->module, sizeof jit->module, "%s", options->module);
    else
        find_module(jit->module, sizeof jit->module);
    const bool exists = is_file(jit->module), is_patient = options->way == JIT_AUTO && !options->sample;
    if (options->way == JIT_NOW && !exists) {
        free(jit);
        fail(err, "engine jit: not built in (it needs LLVM)");
        return NULL;
    }
    if (exists)
        jit->store = code_open(&(CodeOptions){ jit->module, options->has_cache, options->way == JIT_AUTO, options->has_orc,
                                               options->is_eager, is_patient ? EARLY_MS : 0 });
    return jit;
}

void jit_close(Jit *jit)
{
    if (jit->store)
        code_close(jit->store);
    free(jit);
}

const char *jit_error(const Jit *jit)
{
    return jit->store ? code_error(jit->store) : NULL;
}

bool jit_is_compiling(const Jit *jit)
{
    return jit->store && code_is_compiling(jit->store);
}

static void *lazy_pages(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

JitVm *jit_attach(Jit *jit, const JitVmOptions *options)
{
    assert(options->state->code == (uint8_t *)(options->state->M + 65536));
    JitVm *v = need_memory(lazy_pages(sizeof *v)); // most of it is never touched
    v->jit = jit;
    v->options = *options;
    const JitMachine *m = options->machine;
    for (int i = 0; i < m->host_count && i < 64; i++)
        v->hosts[i] = m->hosts[i].call;
    v->frame.hosts = v->hosts;
    v->first = options->state->PC;
    v->chunk = STEPS;
    v->sample_step = jit->options.sample ? jit->options.sample : SAMPLE_FIRST;
    v->sample_at = options->state->instructions + v->sample_step;
    return v;
}

static void release_retired(JitVm *v)
{
    for (int i = 0; i < v->retired_count; i++)
        code_release(v->jit->store, v->retired[i]);
    v->retired_count = 0;
}

void jit_detach(JitVm *v)
{
    release_retired(v);
    for (int i = 0; i < v->installed_count; i++)
        code_release(v->jit->store, v->installed[i]);
    for (int i = 0; i < v->pending_count; i++)
        code_release(v->jit->store, v->pending[i]);
    for (int i = 0; i < MODES; i++)
        if (v->tables[i])
            munmap(v->tables[i], 65536 * sizeof *v->tables[i]);
    if (v->heat)
        munmap(v->heat, 65536);
    if (v->changes)
        munmap(v->changes, 65536);
    free(v->unstable);
    munmap(v, sizeof *v);
}

// ThreadSanitizer does not see the atomics of compiled code, and would take what they
// order for races; there the ring's own functions do all.
void jit_set_rings(JitVm *v, Ring *out, Ring *in)
{
    v->frame.out_ring = IS_WATCHED ? NULL : out;
    v->frame.in_ring = IS_WATCHED ? NULL : in;
}

// ------------------------------------------------------ regions of a machine

static JitFunction **table_of(JitVm *v, unsigned mode)
{
    if (mode >= MODES)
        return NULL;
    if (!v->tables[mode])
        v->tables[mode] = lazy_pages(65536 * sizeof *v->tables[mode]);
    return v->tables[mode];
}

// Memory is compared now and armed at once; only this thread stores to it.
static bool install(JitVm *v, JitCode *c)
{
    Lc3State *s = v->options.state;
    JitFunction **table = table_of(v, c->region.mode);
    if (!table || v->installed_count == INSTALLED_MAX || !region_is_current(&c->region, s->M))
        return false;
    for (int i = 0; i < c->region.block_count; i++) {
        const JitBlock *b = &c->region.blocks[i];
        if (b->is_entry && (!table[b->address] || b->address == c->region.start))
            table[b->address] = c->function;
    }
    for (int i = 0; i < c->region.word_count; i++)
        s->code[c->region.words[i].address] |= CODE_COMPILED;
    v->installed[v->installed_count++] = c;
    v->regions++;
    return true;
}

static void retire(JitVm *v, JitCode *c)
{
    if (v->retired_count == INSTALLED_MAX) // never inside native code with so many
        abort();
    v->retired[v->retired_count++] = c;
}

static void drop(JitVm *v, int index)
{
    JitCode *c = v->installed[index];
    JitFunction **table = v->tables[c->region.mode];
    v->installed[index] = v->installed[--v->installed_count];
    for (int i = 0; i < c->region.block_count; i++)
        if (table[c->region.blocks[i].address] == c->function)
            table[c->region.blocks[i].address] = NULL;
    if (v->heat)
        v->heat[c->region.start] = 0;
    v->drops++;
    retire(v, c);
}

static void mark_unstable(JitVm *v, uint16_t address)
{
    if (!v->unstable)
        v->unstable = calloc(1024, sizeof *v->unstable);
    if (v->unstable)
        v->unstable[address >> 6] |= 1ull << (address & 63);
}

static void count_change(JitVm *v, uint16_t address)
{
    if (!v->changes)
        v->changes = lazy_pages(65536);
    if (!v->changes || ++v->changes[address] >= CHANGES_MAX || v->drops > DROPS_MAX)
        mark_unstable(v, address);
}

void jit_code_changed(JitVm *v, uint16_t address)
{
    const uint64_t drops = v->drops;
    for (int i = v->installed_count; i-- > 0;)
        if (region_covers(&v->installed[i]->region, address))
            drop(v, i);
    v->options.state->code[address] &= (uint8_t)~CODE_COMPILED;
    v->frame.changed = 1;
    if (v->drops != drops)
        count_change(v, address);
}

// ------------------------------------------------------------ wanting regions

static void settle(JitVm *v, JitCode *c)
{
    const int state = atomic_load_explicit(&c->state, memory_order_acquire);
    v->heat[c->region.start] = state == CODE_FAILED ? REFUSED : 0;
    if (state != CODE_READY || !install(v, c))
        code_release(v->jit->store, c);
}

static void look_at_pending(JitVm *v)
{
    for (int i = v->pending_count; i-- > 0;) {
        JitCode *c = v->pending[i];
        if (atomic_load_explicit(&c->state, memory_order_acquire) == CODE_QUEUED)
            continue;
        v->pending[i] = v->pending[--v->pending_count];
        settle(v, c);
    }
}

static JitFunction *code_at(const JitVm *v, unsigned mode, uint16_t pc)
{
    return mode < MODES && v->tables[mode] ? v->tables[mode][pc] : NULL;
}

static bool find_region(const JitVm *v, JitRegion *r, unsigned mode, uint16_t pc)
{
    return v->pending_count < PENDING_MAX && mode < MODES &&
           region_find(r, v->options.machine, v->options.state->M, v->unstable, mode, pc);
}

static const char *label_of(const JitVm *v, uint16_t pc)
{
    return v->options.label ? v->options.label(v->options.user, pc) : NULL;
}

// Where JIT_AUTO first finds the program to be hot differs from run to run; what JIT_NOW
// has made of it is in the cache by the place where it begins.
static void want_first(JitVm *v, unsigned mode)
{
    JitRegion r;
    if (v->has_asked_first || v->jit->options.way == JIT_NOW)
        return;
    v->has_asked_first = true;
    if (!find_region(v, &r, mode, v->first))
        return;
    JitCode *c = code_want_made(v->jit->store, v->options.machine, &r, label_of(v, v->first));
    if (c)
        v->pending[v->pending_count++] = c;
    look_at_pending(v);
}

static void want(JitVm *v, uint16_t pc)
{
    JitRegion r;
    const unsigned mode = v->options.machine->mode(v->options.state);
    v->heat[pc] = REFUSED; // one request at a time; settle clears it
    if (!find_region(v, &r, mode, pc))
        return;
    CodeStore *store = v->jit->store;
    JitCode *c = (code_is_early(store) ? code_want_made : code_want)(store, v->options.machine, &r, label_of(v, pc));
    if (c)
        v->pending[v->pending_count++] = c;
    else
        v->heat[pc] = ASKED;
    look_at_pending(v);
}

// The program came here `weight` times more than was known; when that is often, it is compiled.
static void warm(JitVm *v, uint16_t pc, int weight, int limit)
{
    if (!v->jit->store)
        return;
    if (!v->heat && !(v->heat = lazy_pages(65536)))
        return;
    const unsigned mode = v->options.machine->mode(v->options.state);
    want_first(v, mode);
    if (v->heat[pc] == REFUSED || code_at(v, mode, pc) || (v->heat[pc] == ASKED && code_is_early(v->jit->store)))
        return;
    const int heat = v->heat[pc] + weight;
    v->heat[pc] = (uint8_t)(heat < ASKED - 1 ? heat : ASKED - 1);
    if (v->jit->options.way == JIT_NOW || heat >= limit)
        want(v, pc);
}

// What a region may leave to without the target being in a register.
static void want_neighbours(JitVm *v, const JitRegion *r)
{
    const IsaTable *isa = v->options.machine->isa;
    for (int i = 0; i < r->word_count; i++) {
        uint16_t target;
        const unsigned roles = isa_roles(isa, r->words[i].word);
        if ((roles & ISA_JUMP) && !(roles & (ISA_INDIRECT | ISA_TRAP)) &&
            isa_target(isa, r->words[i].word, r->words[i].address, &target) && region_block(r, target) < 0)
            warm(v, target, 1, 1);
    }
}

void jit_prepare(JitVm *v)
{
    warm(v, v->options.state->PC, 1, 1);
    for (int i = 0; i < v->installed_count && i < 32; i++)
        want_neighbours(v, &v->installed[i]->region);
}

// -------------------------------------------------------------- native code

enum { GO_ON = -1 };

static void take_back(JitVm *v, uint16_t pc)
{
    Lc3State *s = v->options.state;
    s->PC = pc;
    v->options.machine->set_last(s, v->frame.last);
    const uint64_t now = v->frame.limit - v->frame.budget;
    v->native += now - s->instructions;
    s->instructions = now;
}

static int after_host(JitVm *v, HostStatus status)
{
    Lc3State *s = v->options.state;
    v->frame.changed = 0;
    if (status == HOST_HALT)
        return STOP_HALT;
    if (status != HOST_ATTENTION && !s->attention)
        return GO_ON;
    s->attention = 0;
    return STOP_ATTENTION;
}

// A host did nothing, or failed: as the interpreters end such a trap.
static int after_refusal(JitVm *v, HostStatus status)
{
    Lc3State *s = v->options.state;
    v->frame.changed = 0;
    switch (status) {
    case HOST_WAIT: return STOP_BLOCKED;
    case HOST_CLOSED: return STOP_CLOSED;
    case HOST_RAISE: {
        const Stop stop = v->options.machine->raise(s, s->raised, s->PC);
        s->instructions++;
        s->looks = 0;
        if (stop != STOP_BUDGET || !s->attention)
            return stop == STOP_BUDGET ? GO_ON : (int)stop;
        s->attention = 0;
        return STOP_ATTENTION;
    }
    default:
        s->instructions++;
        return STOP_FAULT;
    }
}

static int step(JitVm *v)
{
    return v->options.machine->step(v->options.state);
}

// Runs native code from an entry until there is none for the pc.
CALLS_MADE_CODE static int run_native(JitVm *v, JitFunction **table, JitFunction *f, int last)
{
    Lc3State *s = v->options.state;
    JitFrame *frame = &v->frame;
    uint32_t pc = s->PC, kind;
    frame->last = (uint16_t)last;
    frame->budget = frame->limit - s->instructions;
    frame->changed = 0;
    do {
        const uint32_t code = f(s, s->M, frame, pc);
        pc = code & 0xFFFF;
        kind = code >> 16;
    } while (kind == JIT_EXIT_NEXT && (f = table[pc]));
    take_back(v, (uint16_t)pc);
    switch (kind & 0xFF) {
    case JIT_EXIT_NEXT:
        warm(v, (uint16_t)pc, 1, MISSES);
        return GO_ON;
    case JIT_EXIT_STEP:
        return step(v);
    case JIT_EXIT_HOST:
        return after_host(v, (HostStatus)(kind >> 8));
    case JIT_EXIT_REFUSED:
        return after_refusal(v, (HostStatus)(kind >> 8));
    default: { // the budget ends inside the block
        const uint64_t left = frame->limit - s->instructions;
        return left ? (int)v->options.interpret(s, left) : STOP_BUDGET;
    }
    }
}

// -------------------------------------------------------------- interpreting

static uint64_t left(const JitVm *v)
{
    return v->frame.limit - v->options.state->instructions;
}

// Looks where the program is: follows it to the next jump back or call, which tells
// the loop or subroutine it spends its time in.
static int look(JitVm *v)
{
    Lc3State *s = v->options.state;
    for (int i = 0; i < SAMPLE_STEPS && left(v); i++) {
        const uint16_t at = s->PC;
        const unsigned roles = isa_roles(v->options.machine->isa, s->M[at]);
        const int stop = step(v);
        if (stop != GO_ON)
            return stop;
        if (s->PC <= at || (roles & ISA_CALL && s->PC != (uint16_t)(at + 1))) {
            warm(v, s->PC, 1, HOT);
            break;
        }
    }
    v->sample_step = v->sample_step < SAMPLE_LAST ? v->sample_step + v->sample_step / 4 : SAMPLE_LAST;
    v->sample_at = s->instructions + v->sample_step - (s->instructions * 0x9E3779B9u >> 16) % (v->sample_step / 8);
    return GO_ON;
}

// No native code for the pc: single instructions first, for that may change at any
// of them, then more and more at once.
static int run_interpreted(JitVm *v)
{
    Lc3State *s = v->options.state;
    if (v->installed_count)
        for (int i = 0; i < STEPS && left(v); i++) {
            const int stop = step(v);
            if (stop != GO_ON)
                return stop;
            if (code_at(v, v->options.machine->mode(s), s->PC)) {
                v->chunk = STEPS;
                return GO_ON;
            }
        }
    uint64_t most = v->installed_count ? v->chunk : UINT64_MAX;
    if (s->instructions < v->sample_at && most > v->sample_at - s->instructions)
        most = v->sample_at - s->instructions;
    if (most > left(v))
        most = left(v);
    if (v->chunk < CHUNK_LAST)
        v->chunk *= 2;
    if (most) {
        const Stop stop = v->options.interpret(s, most);
        if (stop != STOP_BUDGET)
            return (int)stop;
    }
    return s->instructions >= v->sample_at && v->jit->store ? look(v) : GO_ON;
}

Stop jit_run(JitVm *v, uint64_t budget)
{
    Lc3State *s = v->options.state;
    const JitMachine *m = v->options.machine;
    v->frame.limit = s->instructions + budget;
    if (v->jit->options.way == JIT_NOW && !v->installed_count)
        warm(v, s->PC, 1, 1);
    while (left(v)) {
        release_retired(v);
        if (v->pending_count)
            look_at_pending(v);
        const unsigned mode = m->mode(s);
        JitFunction *f = code_at(v, mode, s->PC);
        const int last = f ? m->last(s) : -1;
        const int stop = last >= 0 ? run_native(v, v->tables[mode], f, last) : run_interpreted(v);
        if (stop != GO_ON && stop != STOP_BUDGET)
            return (Stop)stop;
    }
    return STOP_BUDGET;
}

JitCounts jit_counts(const JitVm *v)
{
    JitCounts c = { .native = v->native, .regions = v->regions, .drops = v->drops };
    if (v->jit->store)
        c.code = code_counts(v->jit->store);
    return c;
}
