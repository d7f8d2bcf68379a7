#include "unwind.h"

#include <assert.h>
#include <string.h>

enum { STEPS_MOST = 20000 };
enum { ASKED = 1 << 15 }; // in `roles`, so that a word without any is known too
static_assert((int)ISA_FOREIGN < ASKED, "a role more than fits");

static const Lc3Engine *plain_engine(const Dialect *d)
{
    for (int i = 0; i < *d->engine_count; i++)
        if (strcmp(d->engines[i].decode, "raw") == 0)
            return &d->engines[i];
    return NULL;
}

bool unwind_open(Unwinder *u, const Machine *like, Error *err)
{
    Image *image = (Image *)like->image;
    const MachineOptions options = { .dialect = like->dialect, .engine = plain_engine(like->dialect) };
    if (!options.engine)
        return fail(err, "--profile: the interpreter without decoded words is not built in");
    if (!machines_open(&u->machine, 1, &image, &options, err))
        return false;
    u->machine[0]->output.file = -1;
    return true;
}

void unwind_close(Unwinder *u)
{
    if (u->machine)
        machines_close(u->machine, 1);
    u->machine = NULL;
}

unsigned unwind_roles(Unwinder *u, uint16_t word)
{
    if (!u->roles[word])
        u->roles[word] = (uint16_t)(isa_roles(u->machine[0]->dialect->isa, word) | ASKED);
    return u->roles[word] & (ASKED - 1u);
}

static void copy_state(Lc3State *to, const Lc3State *from)
{
    memcpy(to->R, from->R, sizeof to->R);
    to->PC = from->PC;
    to->PSR = from->PSR;
    to->SSP = from->SSP;
    to->USP = from->USP;
    memcpy(to->M, from->M, DEVICE_FIRST * sizeof *to->M);
}

// -------------------------------------------------------------------- forks

static void push_fork(Unwinder *u, uint16_t pc)
{
    const Lc3State *s = &u->machine[0]->s;
    if (u->fork_count == UNWIND_FORKS || u->seen[pc] == u->epoch)
        return;
    UnwindFork *f = &u->fork[u->fork_count++];
    *f = (UnwindFork){ pc, s->PSR, s->SSP, s->USP, { 0 } };
    memcpy(f->registers, s->R, sizeof f->registers);
}

static bool pop_fork(Unwinder *u)
{
    Lc3State *s = &u->machine[0]->s;
    if (!u->fork_count)
        return false;
    const UnwindFork *f = &u->fork[--u->fork_count];
    s->PC = f->pc;
    s->PSR = f->psr;
    s->SSP = f->ssp;
    s->USP = f->usp;
    memcpy(s->R, f->registers, sizeof f->registers);
    return true;
}

// --------------------------------------------------------------- the way out

static bool step(Unwinder *u)
{
    Machine *m = u->machine[0];
    m->s.fault.kind = FAULT_NONE;
    const Stop stop = m->run(&m->s, 1);
    return stop == STOP_BUDGET || stop == STOP_ATTENTION; // it touched a device of its own
}

// A conditional branch: goes the way that it would, and remembers the other.
static bool branch(Unwinder *u, uint16_t word)
{
    Lc3State *s = &u->machine[0]->s;
    const uint16_t pc = s->PC, next = (uint16_t)(pc + 1);
    uint16_t target;
    const bool is_direct = isa_target(u->machine[0]->dialect->isa, word, pc, &target);
    if (!step(u))
        return false;
    if (is_direct)
        push_fork(u, s->PC == next ? target : next);
    return true;
}

static bool is_after_call(Unwinder *u, uint16_t at)
{
    const uint16_t *memory = u->machine[0]->s.M;
    return at && unwind_roles(u, memory[(uint16_t)(at - 1)]) & (ISA_CALL | ISA_TRAP);
}

typedef enum { OUT_NO, OUT_CALLER, OUT_INTERRUPTED } Out;

// Executes a return and says what it led to.
static Out leave(Unwinder *u)
{
    enum { CODES = 7 }; // N Z P; the rest of the PSR changes only with the mode
    Lc3State *s = &u->machine[0]->s;
    const uint16_t before = s->PSR;
    if (!step(u) || s->PC >= DEVICE_FIRST)
        return OUT_NO;
    if (is_after_call(u, s->PC))
        return OUT_CALLER;
    return (before ^ s->PSR) & ~CODES ? OUT_INTERRUPTED : OUT_NO;
}

// Goes from the pc to the end of the routine that it is in.
static Out find_out(Unwinder *u)
{
    Machine *m = u->machine[0];
    Lc3State *s = &m->s;
    u->fork_count = 0;
    u->epoch++;
    while (u->steps++ < STEPS_MOST) {
        const uint16_t pc = s->PC, word = s->M[pc];
        const unsigned roles = unwind_roles(u, word);
        bool goes_on = pc < DEVICE_FIRST && u->seen[pc] != u->epoch && !(roles & (ISA_HALT | ISA_RESERVED));
        u->seen[pc] = u->epoch;
        if (goes_on && roles & ISA_RETURN) {
            const Out out = leave(u);
            if (out != OUT_NO)
                return out;
            goes_on = false;
        } else if (goes_on && roles & (ISA_CALL | ISA_TRAP)) {
            s->PC++;
            const int link = u->machine[0]->dialect->isa->link_register;
            if (roles & ISA_LINK && link >= 0)
                s->R[link] = s->PC;
        } else if (goes_on) {
            goes_on = roles & ISA_COND ? branch(u, word) : step(u);
        }
        if (!goes_on && !pop_fork(u))
            return OUT_NO;
    }
    u->is_cut = true;
    return OUT_NO;
}

// Where the call before `at` goes.
static void name_entry(const Machine *m, UnwindFrame *frame, uint16_t at)
{
    const uint16_t call = (uint16_t)(at - 1), word = m->s.M[call];
    const IsaTable *isa = m->dialect->isa;
    const IsaForm *form = isa_form(isa, word);
    frame->has_entry = isa_target(isa, word, call, &frame->entry);
    if (form->roles & ISA_TRAP) {
        frame->entry = m->s.M[isa_field_get(&isa->fields[form->operand[0]], word)];
        frame->has_entry = true;
    }
}

void unwind(Unwinder *u, const Machine *m)
{
    Machine *own = u->machine[0];
    copy_state(&own->s, &m->s);
    u->count = u->steps = 0;
    u->is_cut = false;
    for (;;) {
        UnwindFrame *frame = &u->frames[u->count++];
        *frame = (UnwindFrame){ .at = own->s.PC };
        if (u->count > 1 && !u->frames[u->count - 2].is_interrupt)
            frame->at--;
        if (u->count == UNWIND_FRAMES) {
            u->is_cut = true;
            return;
        }
        const Out out = find_out(u);
        if (out == OUT_NO)
            return;
        frame->is_interrupt = out == OUT_INTERRUPTED;
        if (out == OUT_CALLER)
            name_entry(own, frame, own->s.PC);
    }
}
