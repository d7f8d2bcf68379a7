#include "stand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const StandDialect stand_dialects[2] = {
    { "ed3", &lc3_ed3_jit, lc3_ed3_engines, &lc3_ed3_engine_count, lc3_ed3_step, lc3_ed3_forget, lc3_ed3_interrupt },
    { "ed2", &lc3_ed2_jit, lc3_ed2_engines, &lc3_ed2_engine_count, lc3_ed2_step, lc3_ed2_forget, lc3_ed2_interrupt },
};

static Stand *of(Lc3State *s)
{
    return (Stand *)s;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9E3779B97F4A7C15ull;
    return h ^ h >> 32;
}

static void note(Stand *m, uint64_t what)
{
    const Lc3State *s = &m->s;
    m->log = mix(mix(mix(m->log, what), s->instructions), (uint64_t)s->PSR << 16 | s->SSP);
    for (int i = 0; i < 8; i++)
        m->log = mix(m->log, s->R[i]);
}

// ------------------------------------------------------------------ devices

uint16_t lc3_device_read(Lc3State *s, uint16_t address)
{
    Stand *m = of(s);
    note(m, address);
    if (address == 0xFFFC)
        return s->PSR;
    if (address == 0xFE10 && s->instructions % 3 == 0)
        s->attention = 1;
    return (uint16_t)(m->device[address & 511] + (s->instructions & 0xFF));
}

void lc3_device_write(Lc3State *s, uint16_t address, uint16_t value)
{
    Stand *m = of(s);
    note(m, (uint64_t)address << 32 | value);
    m->device[address & 511] = value;
    if (address == 0xFFFC)
        s->PSR = value & 0x8707;
    if (address == 0xFE12)
        s->attention = 1;
}

void lc3_code_changed(Lc3State *s, uint16_t address)
{
    Stand *m = of(s);
    if (s->code[address] & CODE_DECODED)
        m->dialect->forget(s, address);
    if (s->code[address] & CODE_COMPILED)
        jit_code_changed(m->vm, address);
}

bool lc3_hook_step(Lc3State *s, uint16_t at, uint16_t word) { return (void)s, (void)at, (void)word, true; }
void lc3_hook_load(Lc3State *s, uint16_t address) { (void)s, (void)address; }
void lc3_hook_store(Lc3State *s, uint16_t address, uint16_t value) { (void)s, (void)address, (void)value; }

// -------------------------------------------------------------------- hosts

static void store(Stand *m, uint16_t address, uint16_t value)
{
    if (address >= 0xFE00)
        return;
    m->s.M[address] = value;
    if (m->s.code[address])
        lc3_code_changed(&m->s, address);
}

// Mostly done, seldom anything else.
static HostStatus serve(Lc3State *s, unsigned what, uint16_t in0, uint16_t in1, uint16_t *out0, uint16_t *out1)
{
    Stand *m = of(s);
    const uint64_t h = mix(mix(mix(what, s->instructions), m->attempt), (uint64_t)in0 << 16 | in1);
    note(m, h);
    const unsigned roll = h >> 40 & 127;
    if (roll < 6) {
        m->attempt++;
        return HOST_WAIT;
    }
    if (roll == 6) {
        s->raised = (uint8_t)(h >> 50 & 1);
        m->attempt++;
        return HOST_RAISE;
    }
    if (roll == 7) // a buffer in memory, perhaps over code
        for (int i = 0; i < 4; i++)
            store(m, (uint16_t)(in0 + i), (uint16_t)(h >> i));
    if (out0)
        *out0 = (uint16_t)(h >> 8);
    if (out1)
        *out1 = (uint16_t)(h >> 24 & 3);
    if (roll == 8)
        s->attention = 1;
    return roll == 9 ? HOST_ATTENTION : roll == 10 && (h >> 50 & 7) == 0 ? HOST_HALT : HOST_DONE;
}

HostStatus lc3_host_GETC(Lc3State *m, uint16_t *out0) { return serve(m, 0x20, 0x3010, 0, out0, NULL); }
HostStatus lc3_host_OUT(Lc3State *m, uint16_t in0) { return serve(m, 0x21, in0, 0, NULL, NULL); }
HostStatus lc3_host_PUTS(Lc3State *m, uint16_t in0) { return serve(m, 0x22, in0, 0, NULL, NULL); }
HostStatus lc3_host_IN(Lc3State *m, uint16_t *out0) { return serve(m, 0x23, 0, 0, out0, NULL); }
HostStatus lc3_host_PUTSP(Lc3State *m, uint16_t in0) { return serve(m, 0x24, in0, 0, NULL, NULL); }
HostStatus lc3_host_SEND(Lc3State *m, uint16_t in0) { return serve(m, 0x30, in0, 0, NULL, NULL); }
HostStatus lc3_host_RECV(Lc3State *m, uint16_t *out0) { return serve(m, 0x31, 0, 0, out0, NULL); }
HostStatus lc3_host_SENDTO(Lc3State *m, uint16_t in0, uint16_t in1) { return serve(m, 0x32, in0, in1, NULL, NULL); }
HostStatus lc3_host_RECVFROM(Lc3State *m, uint16_t in0, uint16_t *out0) { return serve(m, 0x33, in0, 0, out0, NULL); }
HostStatus lc3_host_TRYSEND(Lc3State *m, uint16_t in0, uint16_t *out0) { return serve(m, 0x34, in0, 0, out0, NULL); }
HostStatus lc3_host_TRYRECV(Lc3State *m, uint16_t in0, uint16_t *out0, uint16_t *out1) { return serve(m, 0x35, in0, 0, out0, out1); }
HostStatus lc3_host_SENDN(Lc3State *m, uint16_t in0, uint16_t in1, uint16_t *out0) { return serve(m, 0x36, in0, in1, out0, NULL); }
HostStatus lc3_host_RECVN(Lc3State *m, uint16_t in0, uint16_t in1, uint16_t *out0) { return serve(m, 0x37, in0, in1, out0, NULL); }
HostStatus lc3_host_NICRX(Lc3State *m, uint16_t in0, uint16_t in1, uint16_t *out0) { return serve(m, 0x38, in0, in1, out0, NULL); }
HostStatus lc3_host_NICTX(Lc3State *m, uint16_t in0, uint16_t in1) { return serve(m, 0x39, in0, in1, NULL, NULL); }
HostStatus lc3_host_NICTIME(Lc3State *m, uint16_t in0) { return serve(m, 0x3A, in0, 0, NULL, NULL); }
HostStatus lc3_host_CLOCK(Lc3State *m, uint16_t in0) { return serve(m, 0x3B, in0, 0, NULL, NULL); }
HostStatus lc3_host_COUNT(Lc3State *m, uint16_t in0, uint16_t in1) { return serve(m, 0x3C, in0, in1, NULL, NULL); }
HostStatus lc3_host_OBSERVE(Lc3State *m, uint16_t in0, uint16_t in1) { return serve(m, 0x3D, in0, in1, NULL, NULL); }

// ------------------------------------------------------------------ machines

static void point(Stand *m)
{
    memset(m->code, 0, sizeof m->code);
    for (int i = 0; i < lc3_isa.region_count; i++)
        for (unsigned at = lc3_isa.regions[i].first; at <= lc3_isa.regions[i].last; at++)
            m->code[at] = (uint8_t)((lc3_isa.regions[i].is_guarded ? CODE_GUARDED : 0) |
                                    (lc3_isa.regions[i].is_device ? CODE_DEVICE : 0));
    m->s.M = m->memory;
    m->s.code = m->code;
    m->s.decoded = m->decoded;
}

Stand *stand_new(const StandDialect *dialect)
{
    Stand *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    m->dialect = dialect;
    m->s.PC = 0x3000;
    m->s.PSR = 0x8002;
    m->s.SSP = 0x3000;
    memset(m->s.native, 1, sizeof m->s.native);
    point(m);
    return m;
}

void stand_free(Stand *m)
{
    free(m);
}

void stand_copy(Stand *to, const Stand *from)
{
    JitVm *vm = to->vm;
    to->s = from->s;
    to->dialect = from->dialect;
    to->log = from->log;
    to->attempt = from->attempt;
    memcpy(to->device, from->device, sizeof to->device);
    memcpy(to->memory, from->memory, sizeof to->memory);
    memset(to->decoded, 0, sizeof to->decoded);
    to->vm = vm;
    point(to);
}

static bool differs(char *out, size_t size, const char *what, uint64_t a, uint64_t b)
{
    if (a == b)
        return false;
    snprintf(out, size, "%s: x%llX and x%llX", what, (unsigned long long)a, (unsigned long long)b);
    return true;
}

bool stand_differs(const Stand *a, const Stand *b, char *out, size_t size)
{
    const Lc3State *x = &a->s, *y = &b->s;
    char name[16];
    if (differs(out, size, "instructions", x->instructions, y->instructions) ||
        differs(out, size, "PC", x->PC, y->PC) || differs(out, size, "PSR", x->PSR, y->PSR) ||
        differs(out, size, "SSP", x->SSP, y->SSP) || differs(out, size, "USP", x->USP, y->USP) ||
        differs(out, size, "attention", x->attention, y->attention) ||
        differs(out, size, "fault", (uint64_t)x->fault.kind << 32 | (uint64_t)x->fault.vector << 16 | x->fault.at,
                (uint64_t)y->fault.kind << 32 | (uint64_t)y->fault.vector << 16 | y->fault.at))
        return true;
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "R%d", i);
        if (differs(out, size, name, x->R[i], y->R[i]))
            return true;
    }
    for (int i = 0; i < 65536 && memcmp(a->memory, b->memory, sizeof a->memory); i++) {
        snprintf(name, sizeof name, "M[x%04X]", i);
        if (differs(out, size, name, a->memory[i], b->memory[i]))
            return true;
    }
    return differs(out, size, "what devices and hosts saw", a->log, b->log);
}

// ------------------------------------------------------------ random programs

uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

static unsigned pick(uint64_t *r, unsigned n)
{
    return (unsigned)(next_random(r) >> 33) % n;
}

// Encodings by hand: a test must not believe the tables it tests.
static uint16_t random_word(uint64_t *r, unsigned size)
{
    const uint16_t any = (uint16_t)next_random(r);
    const int near = (int)pick(r, size) - (int)(size / 2);
    const uint16_t dr = any & 0x0E00, low12 = any & 0x0FFF;
    switch (pick(r, 28)) {
    case 0: case 1: case 2: case 3: case 4: return (uint16_t)(0x1000 | low12);        // ADD
    case 5: case 6: return (uint16_t)(0x5000 | low12);                                // AND
    case 7: return (uint16_t)(0x903F | (any & 0x0FC0));                               // NOT
    case 8: case 9: case 10: case 11: case 12: return (uint16_t)(dr | (near & 0x1FF)); // BR
    case 13: return (uint16_t)(0x2000 | dr | (near & 0x1FF));                         // LD
    case 14: return (uint16_t)(0xA000 | dr | (near & 0x1FF));                         // LDI
    case 15: case 16: return (uint16_t)(0x6000 | low12);                              // LDR
    case 17: return (uint16_t)(0xE000 | dr | (near & 0x1FF));                         // LEA
    case 18: return (uint16_t)(0x3000 | dr | (near & 0x1FF));                         // ST
    case 19: case 20: return (uint16_t)(0x7000 | low12);                              // STR
    case 21: return (uint16_t)(0xB000 | dr | (near & 0x1FF));                         // STI
    case 22: case 23: return (uint16_t)(0x4800 | (near & 0x7FF));                     // JSR
    case 24: return pick(r, 2) ? 0xC1C0 : (uint16_t)(0xC000 | (any & 0x01C0));        // RET, JMP
    case 25: return (uint16_t)(0xF000 | (pick(r, 3) ? 0x20 + pick(r, 0x1E) : any & 0xFF)); // TRAP
    case 26: return pick(r, 3) ? (uint16_t)(0x5020 | dr) : 0x8000;                    // clear, RTI
    default: return pick(r, 4) ? (uint16_t)(0x1021 | (any & 0x0FC0) | (any & 0xE)) : any;
    }
}

static uint16_t random_address(uint64_t *r)
{
    switch (pick(r, 8)) {
    case 0: return (uint16_t)(0xFE00 + pick(r, 0x200));
    case 1: return (uint16_t)(0x2FF0 + pick(r, 32));
    case 2: return (uint16_t)(0xFDF0 + pick(r, 32));
    case 3: return (uint16_t)pick(r, 0x10000);
    default: return (uint16_t)(0x3000 + pick(r, 0x100));
    }
}

static void fill(Stand *m, uint64_t *r, uint16_t first, unsigned count, unsigned near)
{
    for (unsigned i = 0; i < count; i++)
        m->memory[(uint16_t)(first + i)] = random_word(r, near);
}

// A loop whose number of rounds follows from its words, mostly: a register is cleared, set, and
// counted down or doubled until it is zero.
static void plant_loop(Stand *m, uint64_t *r)
{
    const unsigned x = pick(r, 8), self = x << 9 | x << 6, body = pick(r, 6);
    uint16_t *w = &m->memory[0x3000 + pick(r, 0xF0)];
    *w++ = (uint16_t)(0x5020 | x << 9 | (next_random(r) & 0x1C0)); // AND x, any, #0
    *w++ = (uint16_t)(0x1020 | self | (1 + pick(r, 15)));          // ADD x, x, #n
    for (unsigned i = 0; i < body; i++, w++) {
        const unsigned other = (x + 1 + pick(r, 7)) & 7;
        switch (pick(r, 8)) {
        case 0: *w = random_word(r, 8); break;
        case 1: *w = (uint16_t)(0x0401 | (next_random(r) & 0x0E00)); break; // BR over the next
        case 2: *w = (uint16_t)(0x7000 | (next_random(r) & 0x0E3F) | other << 6); break; // STR
        case 3: *w = (uint16_t)(0x5000 | other << 9 | other << 6 | x); break;            // AND other, other, x
        default: *w = (uint16_t)(0x1000 | other << 9 | (next_random(r) & 0x1FF)); break; // ADD
        }
    }
    *w++ = (uint16_t)(pick(r, 2) ? 0x103F | self : 0x1000 | self | x); // ADD x, x, #-1 or x
    *w = (uint16_t)((pick(r, 3) ? 0x0A00 : 0x0200) | (-(int)(body + 2) & 0x1FF)); // BRnp or BRp
}

void stand_random(Stand *m, uint64_t *random)
{
    const unsigned near = 8 + pick(random, 56);
    fill(m, random, 0x3000, 0x100, near);
    fill(m, random, 0x0300, 0x60, near);
    for (unsigned i = 0; i < 0x200; i++)
        m->memory[i] = (uint16_t)(pick(random, 3) ? 0x0300 + pick(random, 0x50) : 0x3000 + pick(random, 0xF0));
    for (unsigned i = 0; i < 0x40; i++) // pointers among the code, for LDI and STI
        m->memory[0x3000 + pick(random, 0x100)] = random_address(random);
    for (unsigned i = pick(random, 2) ? 1 + pick(random, 6) : 0; i; i--)
        plant_loop(m, random);
    m->memory[0xFDFE] = random_word(random, near);
    m->memory[0xFDFF] = random_word(random, near);
    for (unsigned i = 0; i < 8; i++)
        m->s.R[i] = pick(random, 2) ? random_address(random) : (uint16_t)pick(random, 40);
    m->s.PSR = (uint16_t)(pick(random, 4) ? 0x8002 : 0x0001);
    if (pick(random, 8) == 0)
        m->s.PSR |= 7;
    m->s.SSP = 0x2F00;
    m->s.PC = 0x3000;
    for (unsigned i = 0; i < 256; i++)
        m->s.native[i] = pick(random, 5) != 0;
    for (unsigned i = 0; i < LC3_EXC_COUNT; i++)
        m->s.unhandled[i] = pick(random, 40) == 0;
}
