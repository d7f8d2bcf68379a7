#include "machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "device.h"
#include "jit.h"
#include "prefault.h"
#include "watch.h"

const char *const end_names[] = { "running", "halt", "fault", "limit", "closed", "blocked" };

// ---------------------------------------------------------------- opening

enum { PAGE = 4096 };

static size_t pages(size_t bytes)
{
    return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

// What a machine has beside itself: its view of the image (words and code flags),
// the engine's table, and what is seldom touched.
typedef struct {
    uint16_t words[MEMORY_WORDS];
    uint8_t code[MEMORY_WORDS];
    uint64_t decoded[MEMORY_WORDS + 1];
    Histogram slice, latency;
    Histogram observed[USER_HISTOGRAMS];
    uint64_t counters[USER_COUNTERS];
    char output[OUTPUT_BYTES];
    uint16_t scratch[MEMORY_WORDS];
} Body;

static size_t heads_bytes(uint32_t count)
{
    return pages(sizeof(Machine) * count);
}

static size_t all_bytes(uint32_t count)
{
    return heads_bytes(count) + pages(sizeof(Body)) * count;
}

// Which native bodies may run and which exceptions nobody handles, by what the
// vectors and the system's routines hold in `memory`.  Without a system every
// vector is zero, and a program that sets one has brought its own routine.  The
// stock handlers of exceptions are LC-3 code too, which --os=asm lets run.
static void find_natives(Machine *m, const uint16_t *memory)
{
    const Image *image = m->image;
    const bool has_bodies = !image->os || (m->has_native && image->has_intact_os && !m->has_changed_os);
    for (unsigned i = 0; i < image->isa->trap_count; i++) {
        const unsigned vector = image->isa->traps[i].vector & 0xFF;
        m->s.native[vector] = memory[vector] == image->stock[vector] && (has_bodies || image->is_relay[vector]);
    }
    for (unsigned e = 0; e < LC3_EXC_COUNT; e++) {
        const uint16_t vector = image->isa->exceptions[e].vector;
        m->s.unhandled[e] = memory[vector] == image->stock[vector] && (m->has_native || !image->os);
    }
}

void machine_find_natives(Machine *m)
{
    find_natives(m, m->s.M);
}

static void reset(Machine *m)
{
    Lc3State *s = &m->s;
    s->PC = m->image->start;
    s->PSR = (uint16_t)(PSR_USER | 2); // Z
    s->SSP = USER_FIRST;
    if (!m->image->is_user) {
        s->PSR = 2;
        s->R[6] = USER_FIRST; // the supervisor's stack
    }
    m->control = CONTROL_RUN;
    m->event = 0;
    find_natives(m, m->image->words);
}

static void connect(Machine *m, Body *b)
{
    m->s.M = b->words;
    m->s.code = b->code;
    m->s.decoded = b->decoded;
    m->slice = &b->slice;
    m->latency = &b->latency;
    m->observed = b->observed;
    m->counters = b->counters;
    m->scratch = b->scratch;
    m->output.buffer = b->output;
}

static bool place(Machine *m, Body *body, Image *image, const MachineOptions *options, uint32_t number, Error *err)
{
    if (mmap(body, MEMORY_WORDS * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, image->file, 0) == MAP_FAILED)
        return fail(err, "no memory for machine %u: %s (vm.max_map_count limits their number)", number,
                    strerror(errno));
    connect(m, body);
    m->image = image;
    m->number = number;
    m->dialect = options->dialect;
    m->run = options->engine->run;
    m->engine = "interp";
    m->instruction_limit = options->max_instructions ? options->max_instructions : UINT64_MAX;
    m->has_native = options->has_native;
    m->output.limit = options->max_output;
    reset(m);
    return true;
}

bool machines_open(Machine ***machines, uint32_t count, Image *const *images, const MachineOptions *options,
                   Error *err)
{
    const size_t bytes = all_bytes(count);
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    Machine **list = calloc(count, sizeof *list);
    if (at == MAP_FAILED || !list) {
        free(list);
        return fail(err, "no memory for %u machines: %s", count, strerror(errno));
    }
    madvise(at, heads_bytes(count), MADV_HUGEPAGE); // of thousands: each turn touches another one
    char *bodies = at + heads_bytes(count);
    for (uint32_t i = 0; i < count; i++) {
        list[i] = (Machine *)at + i;
        if (!place(list[i], (Body *)(bodies + pages(sizeof(Body)) * i), images[i], options, i, err)) {
            munmap(at, bytes);
            free(list);
            return false;
        }
    }
    *machines = list;
    return true;
}

void machines_prefault(Machine **machines, uint32_t count)
{
    const uint64_t soon = 1 << 12, late = 1 << 24; // ticks that messages may be under way: 4 pages
    for (uint32_t i = 0; i < count; i++) {
        const Machine *m = machines[i];
        (void)*(volatile const uint16_t *)(m->s.M + m->s.PC);
        prefault(m->s.decoded + m->s.PC, m->s.decoded + m->s.PC + 1);
        if (!m->in_count)
            continue;
        prefault(m->latency, m->latency->bucket);
        prefault(m->latency->bucket + histogram_index(soon), m->latency->bucket + histogram_index(late));
    }
}

void machines_close(Machine **machines, uint32_t count)
{
    munmap(machines[0], all_bytes(count));
    free(machines);
}

// ---------------------------------------------------------------- running

void machine_end(Machine *m, MachineEnd end)
{
    m->end = end;
}

static bool is_in_os(const Machine *m)
{
    return m->s.PC >= m->image->os_first && m->s.PC <= m->image->os_last;
}

// A handler of the system that stopped the machine left word of what happened.
static MachineEnd end_of_halt(Machine *m)
{
    const Image *image = m->image;
    if (!image->fault_at || !m->s.M[image->fault_at])
        return END_HALT;
    m->s.fault = (Fault){ FAULT_EXCEPTION, m->s.M[image->fault_vector], m->s.M[image->fault_at] };
    m->s.PC = m->s.fault.at;
    return END_FAULT;
}

// What has to be done between two instructions.  True: the run is over.
static bool between(Machine *m)
{
    if (m->ending) {
        m->end = m->ending;
        return true;
    }
    if (m->is_halting && !is_in_os(m)) {
        m->end = end_of_halt(m);
        return true;
    }
    if (m->event <= m->s.instructions)
        devices_poll(m);
    return false;
}

static uint64_t next_budget(const Machine *m, uint64_t until)
{
    if (m->is_halting) // step by step out of the routine
        return 1;
    const uint64_t next = m->event < until ? m->event : until;
    return next - m->s.instructions;
}

static Run end_by(Machine *m, MachineEnd end)
{
    m->end = end;
    return RUN_ENDED;
}

Run machine_run(Machine *m, uint64_t budget)
{
    Lc3State *s = &m->s;
    const uint64_t limit = m->instruction_limit;
    uint64_t until = s->instructions + budget;
    if (until > limit || until < budget)
        until = limit;
    m->wait.kind = WAIT_NONE;
    for (;;) {
        if (between(m))
            return RUN_ENDED;
        if (s->instructions >= until)
            return until == limit ? end_by(m, END_LIMIT) : RUN_BUDGET;
        switch (m->run(s, next_budget(m, until))) {
        case STOP_BUDGET: break;
        case STOP_HALT: return end_by(m, END_HALT);
        case STOP_FAULT:
            if (s->fault.kind == FAULT_HOST)
                s->fault.at = s->PC;
            return end_by(m, END_FAULT);
        case STOP_CLOSED: return end_by(m, END_CLOSED);
        case STOP_BLOCKED: return RUN_WAIT;
        case STOP_ATTENTION:
            m->event = 0; // devices are asked again
            if (m->is_yielding && !m->ending) {
                m->is_yielding = false;
                return RUN_YIELD;
            }
            break;
        }
    }
}

uint64_t machine_sent(const Machine *m)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m->out_count; i++)
        sum += m->out[i].before + __atomic_load_n(&m->out[i].ring->w.tail, __ATOMIC_RELAXED);
    return sum;
}

uint64_t machine_received(const Machine *m)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m->in_count; i++)
        sum += m->in[i].before + __atomic_load_n(&m->in[i].ring->r.head, __ATOMIC_RELAXED);
    return sum;
}

// ---------------------------------------------------- for devices and hosts

HostStatus machine_fault(Machine *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(m->fault_text, sizeof m->fault_text, format, args);
    va_end(args);
    m->s.fault.kind = FAULT_HOST;
    return HOST_FAULT;
}

void machine_ask(Machine *m, MachineEnd ending)
{
    if (!m->ending)
        m->ending = ending;
    m->s.attention = 1;
}

// How many words from `at` on lie in its region.
static uint32_t words_alike(uint16_t at)
{
    for (const IsaRegion *r = lc3_isa.regions; r < lc3_isa.regions + lc3_isa.region_count; r++)
        if (at >= r->first && at <= r->last)
            return r->last - at + 1u;
    return 1;
}

// Guards depend on the region alone, so the first word of each region that the
// block touches speaks for the others.
HostStatus machine_check(Machine *m, uint16_t address, uint32_t count)
{
    for (uint32_t done = 0; done < count;) {
        const uint16_t at = (uint16_t)(address + done);
        const int exception = m->dialect->guard(&m->s, at);
        if (exception >= 0) {
            m->s.raised = (uint8_t)exception;
            return HOST_RAISE;
        }
        done += words_alike(at);
    }
    return HOST_DONE;
}

uint16_t machine_load(Machine *m, uint16_t address)
{
    if (m->watch)
        lc3_hook_load(&m->s, address);
    return address >= DEVICE_FIRST ? lc3_device_read(&m->s, address) : m->s.M[address];
}

void machine_store(Machine *m, uint16_t address, uint16_t value)
{
    if (address >= DEVICE_FIRST) {
        lc3_device_write(&m->s, address, value);
        return;
    }
    if (m->watch)
        lc3_hook_store(&m->s, address, value);
    m->s.M[address] = value;
    if (m->s.code[address])
        lc3_code_changed(&m->s, address);
}

static bool is_plain(const Machine *m, uint16_t address, uint32_t count)
{
    return address + count <= DEVICE_FIRST && !m->watch;
}

const uint16_t *machine_block(Machine *m, uint16_t address, uint32_t count)
{
    if (is_plain(m, address, count))
        return m->s.M + address;
    for (uint32_t i = 0; i < count; i++)
        m->scratch[i] = machine_load(m, (uint16_t)(address + i));
    return m->scratch;
}

uint16_t *machine_room(Machine *m, uint16_t address, uint32_t count)
{
    return is_plain(m, address, count) ? m->s.M + address : m->scratch;
}

void machine_fill(Machine *m, uint16_t address, uint32_t count)
{
    if (!is_plain(m, address, count)) {
        for (uint32_t i = 0; i < count; i++)
            machine_store(m, (uint16_t)(address + i), m->scratch[i]);
        return;
    }
    const uint8_t *code = m->s.code + address;
    if (!machine_has_code(m, address, count))
        return;
    for (uint32_t i = 0; i < count; i++)
        if (code[i])
            lc3_code_changed(&m->s, (uint16_t)(address + i));
}

void lc3_code_changed(Lc3State *s, uint16_t address)
{
    Machine *m = machine_of(s);
    const uint8_t flags = s->code[address];
    if (flags & CODE_DECODED)
        m->dialect->forget(s, address);
    if (flags & CODE_COMPILED)
        jit_code_changed(m->jit, address);
    if (flags & CODE_WATCHED) {
        m->has_changed_os |= address >= m->image->os_first && address <= m->image->os_last;
        machine_find_natives(m);
    }
}
