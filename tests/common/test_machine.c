#include "test_machine.h"

#include <stdio.h>
#include <string.h>

uint64_t test_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

// ------------------------------------------------------------------- world

// What a device or host can see of the machine, and do to it.
typedef struct {
    uint16_t *R[8], *PC, *PSR, *SSP, *USP; // in the state that asks
    uint64_t instructions;
    bool attention, stores;
    int raised;
    uint16_t address, value; // of a store
} View;

enum { PSR_ADDRESS = 0xFFFC };

static void stir(World *w, uint64_t value)
{
    w->stirred = (w->stirred ^ value) * 0x9E3779B97F4A7C15u;
    w->stirred ^= w->stirred >> 29;
}

static void look(World *w, const View *v, uint64_t about)
{
    w->calls++;
    stir(w, about);
    for (int i = 0; i < 8; i++)
        stir(w, *v->R[i]);
    stir(w, *v->PC);
    stir(w, *v->PSR);
    stir(w, *v->SSP);
    stir(w, *v->USP);
    stir(w, v->instructions);
    w->seen = v->instructions;
    w->seen_pc = *v->PC;
}

static uint16_t world_read(World *w, View *v, uint16_t address)
{
    look(w, v, address);
    if (w->quiet) {
        v->attention = w->attends;
        return w->out;
    }
    v->attention = (w->stirred & 0x700) == 0;
    if (address == PSR_ADDRESS)
        return *v->PSR;
    // Half of what is read as an instruction or an address should lead somewhere.
    return w->stirred & 1 ? (uint16_t)(w->stirred >> 16) : (uint16_t)(0x3000 | (w->stirred >> 16 & 0xFF));
}

static void world_write(World *w, View *v, uint16_t address, uint16_t value)
{
    look(w, v, (uint64_t)address << 16 | value);
    v->attention = w->quiet ? w->attends : (w->stirred & 0x700) == 0;
    if (address == PSR_ADDRESS)
        *v->PSR = value;
}

static HostStatus world_host(World *w, View *v, uint16_t vector, const uint16_t *in, int ins, uint16_t *out, int outs,
                             bool writes)
{
    look(w, v, 0x10000 + vector);
    for (int i = 0; i < ins; i++)
        stir(w, in[i]);
    if (w->quiet) {
        v->attention = w->attends;
        v->raised = LC3_EXC_ILL;
        for (int i = 0; i < outs; i++)
            out[i] = w->out;
        return (HostStatus)w->status;
    }
    const uint64_t r = w->stirred;
    v->attention = (r & 0x1F00) == 0;
    const unsigned dice = r >> 20 & 63;
    const HostStatus rare[] = { HOST_WAIT, HOST_CLOSED, HOST_HALT, HOST_ATTENTION, HOST_FAULT, HOST_RAISE, HOST_WAIT };
    const HostStatus status = dice < 7 ? rare[dice] : HOST_DONE;
    v->raised = (int)(r >> 30 & 3) % 3;
    if (status != HOST_DONE && status != HOST_HALT && status != HOST_ATTENTION)
        return status;
    for (int i = 0; i < outs; i++)
        out[i] = (uint16_t)(r >> (16 + 16 * i));
    if (writes && r & 0x8000) {
        v->stores = true;
        v->address = (uint16_t)(0x3000 + (r >> 40 & 0xFF));
        v->value = (uint16_t)(r >> 48);
    }
    return status;
}

// ------------------------------------------------------- around generated code

static View machine_view(Lc3State *s)
{
    View v = { .PC = &s->PC, .PSR = &s->PSR, .SSP = &s->SSP, .USP = &s->USP, .instructions = s->instructions };
    for (int i = 0; i < 8; i++)
        v.R[i] = &s->R[i];
    return v;
}

static void machine_apply(Lc3State *s, const View *v)
{
    if (v->attention)
        s->attention = 1;
    s->raised = (uint8_t)v->raised;
    if (v->stores) {
        s->M[v->address] = v->value;
        if (s->code[v->address])
            lc3_code_changed(s, v->address);
    }
}

uint16_t lc3_device_read(Lc3State *s, uint16_t address)
{
    View v = machine_view(s);
    const uint16_t value = world_read(&((TestMachine *)s)->world, &v, address);
    machine_apply(s, &v);
    return value;
}

void lc3_device_write(Lc3State *s, uint16_t address, uint16_t value)
{
    View v = machine_view(s);
    world_write(&((TestMachine *)s)->world, &v, address, value);
    machine_apply(s, &v);
}

void lc3_code_changed(Lc3State *s, uint16_t address)
{
    if (s->code[address] & CODE_DECODED)
        ((TestMachine *)s)->forget(s, address);
}

static void hook(Lc3State *s, uint64_t what)
{
    TestMachine *m = (TestMachine *)s;
    m->hooks = (m->hooks ^ what) * 0x9E3779B97F4A7C15u;
}

bool lc3_hook_step(Lc3State *s, uint16_t at, uint16_t word)
{
    hook(s, (uint64_t)at << 16 | word);
    return true;
}

void lc3_hook_load(Lc3State *s, uint16_t address)
{
    hook(s, 1ull << 32 | address);
}

void lc3_hook_store(Lc3State *s, uint16_t address, uint16_t value)
{
    hook(s, 2ull << 32 | (uint64_t)address << 16 | value);
}

static HostStatus host(Lc3State *s, uint16_t vector, const uint16_t *in, int ins, uint16_t *out, int outs, bool writes)
{
    View v = machine_view(s);
    const HostStatus status = world_host(&((TestMachine *)s)->world, &v, vector, in, ins, out, outs, writes);
    machine_apply(s, &v);
    if (status == HOST_FAULT)
        s->fault.kind = FAULT_HOST;
    return status;
}

#define IN(...) ((const uint16_t[]){ __VA_ARGS__ })
#define HOST_0_1(name, vector)                                                                                      \
    HostStatus lc3_host_##name(Lc3State *s, uint16_t *out0)                                                         \
    {                                                                                                               \
        return host(s, vector, NULL, 0, out0, 1, false);                                                            \
    }
#define HOST_1_0(name, vector, writes)                                                                              \
    HostStatus lc3_host_##name(Lc3State *s, uint16_t in0)                                                           \
    {                                                                                                               \
        return host(s, vector, IN(in0), 1, NULL, 0, writes);                                                        \
    }
#define HOST_2_0(name, vector)                                                                                      \
    HostStatus lc3_host_##name(Lc3State *s, uint16_t in0, uint16_t in1)                                             \
    {                                                                                                               \
        return host(s, vector, IN(in0, in1), 2, NULL, 0, false);                                                    \
    }
#define HOST_1_1(name, vector)                                                                                      \
    HostStatus lc3_host_##name(Lc3State *s, uint16_t in0, uint16_t *out0)                                           \
    {                                                                                                               \
        return host(s, vector, IN(in0), 1, out0, 1, false);                                                         \
    }
#define HOST_2_1(name, vector, writes)                                                                              \
    HostStatus lc3_host_##name(Lc3State *s, uint16_t in0, uint16_t in1, uint16_t *out0)                             \
    {                                                                                                               \
        return host(s, vector, IN(in0, in1), 2, out0, 1, writes);                                                   \
    }

HOST_0_1(GETC, 0x20)
HOST_1_0(OUT, 0x21, false)
HOST_1_0(PUTS, 0x22, false)
HOST_0_1(IN, 0x23)
HOST_1_0(PUTSP, 0x24, false)
HOST_1_0(SEND, 0x30, false)
HOST_0_1(RECV, 0x31)
HOST_2_0(SENDTO, 0x32)
HOST_1_1(RECVFROM, 0x33)
HOST_1_1(TRYSEND, 0x34)
HOST_2_1(SENDN, 0x36, false)
HOST_2_1(RECVN, 0x37, true)
HOST_2_1(NICRX, 0x38, true)
HOST_2_0(NICTX, 0x39)
HOST_1_0(NICTIME, 0x3A, true)
HOST_1_0(CLOCK, 0x3B, true)
HOST_2_0(COUNT, 0x3C)
HOST_2_0(OBSERVE, 0x3D)

HostStatus lc3_host_TRYRECV(Lc3State *s, uint16_t in0, uint16_t *out0, uint16_t *out1)
{
    uint16_t out[2] = { 0 };
    const HostStatus status = host(s, 0x35, IN(in0), 1, out, 2, false);
    *out0 = out[0];
    *out1 = out[1];
    return status;
}

#define DIALECT(prefix)                                                                                             \
    (TestDialect)                                                                                                   \
    {                                                                                                               \
        #prefix, prefix##_forget, prefix##_guard, prefix##_step, prefix##_run_hooked, prefix##_interrupt,           \
            prefix##_engines, prefix##_engine_count                                                                 \
    }

TestDialect test_dialect(int index)
{
    return index == 0 ? DIALECT(lc3_ed3) : DIALECT(lc3_ed2);
}

void machine_start(TestMachine *m, const TestDialect *dialect, const TestStart *start)
{
    memset(m, 0, sizeof *m);
    memcpy(m->memory, start->memory, sizeof m->memory);
    m->s = (Lc3State){ .PC = start->PC, .PSR = start->PSR, .SSP = start->SSP, .USP = start->USP, .M = m->memory,
                       .code = m->code, .decoded = m->decoded };
    memcpy(m->s.R, start->R, sizeof m->s.R);
    for (int i = 0; i < LC3_EXC_COUNT; i++)
        m->s.unhandled[i] = start->unhandled >> i & 1;
    memset(m->s.native, start->native & 1, sizeof m->s.native);
    m->world = (World){ .stirred = start->seed, .quiet = start->quiet };
    m->forget = dialect->forget;
    m->guard = dialect->guard;
}

// --------------------------------------------------- around the reference evaluator

// isa.def's order: R; PC PSR SSP USP; M.
enum { REG_PC, REG_PSR, REG_SSP, REG_USP };

typedef struct { uint16_t R[8], PC, PSR, SSP, USP; } Copy;

static View twin_view(Eval *e, Copy *c)
{
    *c = (Copy){ .PC = (uint16_t)e->reg[REG_PC], .PSR = (uint16_t)e->reg[REG_PSR], .SSP = (uint16_t)e->reg[REG_SSP],
                 .USP = (uint16_t)e->reg[REG_USP] };
    View v = { .PC = &c->PC, .PSR = &c->PSR, .SSP = &c->SSP, .USP = &c->USP, .instructions = e->instructions };
    for (int i = 0; i < 8; i++) {
        c->R[i] = (uint16_t)e->regs[0][i];
        v.R[i] = &c->R[i];
    }
    return v;
}

static void twin_apply(Eval *e, const View *v)
{
    e->reg[REG_PSR] = *v->PSR;
    e->attention |= v->attention;
    e->raised = v->raised;
    if (v->stores)
        e->mem[0][v->address] = v->value;
}

static uint64_t twin_read(Eval *e, uint64_t address)
{
    Copy c;
    View v = twin_view(e, &c);
    const uint16_t value = world_read(e->world.user, &v, (uint16_t)address);
    twin_apply(e, &v);
    return value;
}

static void twin_write(Eval *e, uint64_t address, uint64_t value)
{
    Copy c;
    View v = twin_view(e, &c);
    world_write(e->world.user, &v, (uint16_t)address, (uint16_t)value);
    twin_apply(e, &v);
}

static EvalHostStatus twin_host(Eval *e, const TrapEntry *trap, const uint64_t *in, uint64_t *out)
{
    Copy c;
    View v = twin_view(e, &c);
    uint16_t in16[8], out16[8] = { 0 };
    for (size_t i = 0; i < trap->in.count; i++)
        in16[i] = (uint16_t)in[i];
    const HostStatus status = world_host(e->world.user, &v, (uint16_t)trap->vector, in16, (int)trap->in.count, out16,
                                         (int)trap->out.count, trap->writes_memory);
    twin_apply(e, &v);
    for (size_t i = 0; i < trap->out.count; i++)
        out[i] = out16[i];
    static const EvalHostStatus same[] = {
        [HOST_DONE] = EVAL_HOST_DONE, [HOST_WAIT] = EVAL_HOST_WAIT, [HOST_CLOSED] = EVAL_HOST_CLOSED,
        [HOST_HALT] = EVAL_HOST_HALT, [HOST_ATTENTION] = EVAL_HOST_ATTENTION, [HOST_FAULT] = EVAL_HOST_FAULT,
        [HOST_RAISE] = EVAL_HOST_RAISE,
    };
    return same[status];
}

void twin_start(TestTwin *t, const Isa *isa, int dialect, const TestStart *start)
{
    eval_init(&t->e, isa, dialect);
    t->e.world = (EvalWorld){ .user = &t->world, .device_read = twin_read, .device_write = twin_write, .host = twin_host };
    for (int i = 0; i < 8; i++)
        t->e.regs[0][i] = start->R[i];
    t->e.reg[REG_PC] = start->PC;
    t->e.reg[REG_PSR] = start->PSR;
    t->e.reg[REG_SSP] = start->SSP;
    t->e.reg[REG_USP] = start->USP;
    for (int i = 0; i < TEST_WORDS; i++)
        t->e.mem[0][i] = start->memory[i];
    for (int i = 0; i < LC3_EXC_COUNT; i++)
        t->e.unhandled[i] = start->unhandled >> i & 1;
    for (int i = 0; i < 256; i++)
        t->e.native[i] = start->native & 1;
    t->world = (World){ .stirred = start->seed, .quiet = start->quiet };
}

void twin_free(TestTwin *t)
{
    eval_free(&t->e);
}

// -------------------------------------------------------------- comparison

static bool differ(char *why, size_t size, const char *what, uint64_t machine, uint64_t twin)
{
    snprintf(why, size, "%s is x%llX, the evaluator has x%llX", what, (unsigned long long)machine,
             (unsigned long long)twin);
    return false;
}

void twin_memory(const TestTwin *t, uint16_t *memory)
{
    for (int i = 0; i < TEST_WORDS; i++)
        memory[i] = (uint16_t)t->e.mem[0][i];
}

bool machines_agree(const TestMachine *m, const TestTwin *t, const uint16_t *twin_memory, char *why, size_t size)
{
    const Lc3State *s = &m->s;
    const Eval *e = &t->e;
    const struct { const char *what; uint64_t machine, twin; } rows[] = {
        { "instructions", s->instructions, e->instructions },
        { "PC", s->PC, e->reg[REG_PC] },
        { "PSR", s->PSR, e->reg[REG_PSR] },
        { "SSP", s->SSP, e->reg[REG_SSP] },
        { "USP", s->USP, e->reg[REG_USP] },
        { "attention", s->attention, e->attention },
        { "fault kind", s->fault.kind, e->fault.kind },
        { "world", m->world.stirred, t->world.stirred },
        { "world calls", m->world.calls, t->world.calls },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].machine != rows[i].twin)
            return differ(why, size, rows[i].what, rows[i].machine, rows[i].twin);
    for (int i = 0; i < 8; i++)
        if (s->R[i] != e->regs[0][i])
            return differ(why, size, (const char *[]){ "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7" }[i], s->R[i],
                          e->regs[0][i]);
    if (s->fault.kind == FAULT_EXCEPTION && s->fault.vector != e->fault.exception->vector)
        return differ(why, size, "fault vector", s->fault.vector, e->fault.exception->vector);
    if (s->fault.kind == FAULT_EXCEPTION && s->fault.at != e->fault.at)
        return differ(why, size, "fault at", s->fault.at, e->fault.at);
    if (memcmp(m->memory, twin_memory, sizeof m->memory) == 0)
        return true;
    int i = 0;
    while (m->memory[i] == twin_memory[i])
        i++;
    char place[16];
    snprintf(place, sizeof place, "M[x%04X]", i);
    return differ(why, size, place, m->memory[i], twin_memory[i]);
}

Isa *test_isa(Arena *arena, Source *source, const char *path)
{
    Error err;
    if (!source_read(source, arena, path, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return NULL;
    }
    Diag diag = { .arena = arena };
    Isa *isa = isa_parse(source, arena, &diag);
    if (!diag.errors)
        isa_check(isa, &diag);
    diag_print(&diag, stderr, false);
    return diag.errors ? NULL : isa;
}
