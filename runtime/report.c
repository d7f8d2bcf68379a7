#include "report.h"

#include <string.h>

#include "device.h"
#include "watch.h"

enum { DETAILS_MAX = 16 }; // machines that get lines of their own

// ------------------------------------------------------------------ places

static const ObjectSymbol *symbol_at(const Machine *m, uint16_t address)
{
    const ObjectSymbol *symbol = object_symbol_at(m->image->program, address);
    return symbol || !m->image->os ? symbol : object_symbol_at(m->image->os, address);
}

void report_place(Writer *w, const Machine *m, uint16_t address)
{
    write_format(w, "x%04X", address);
    const ObjectSymbol *symbol = symbol_at(m, address);
    if (symbol && symbol->address == address)
        write_format(w, " (%s)", symbol->name);
    else if (symbol)
        write_format(w, " (%s+%u)", symbol->name, address - symbol->address);
    const ObjectLine *line = object_line_at(m->image->program, address);
    if (line && line->line && line->file < m->image->program->file_count)
        write_format(w, " %s:%u", m->image->program->files[line->file], line->line);
}

static void write_name(Writer *w, const Report *r, const Machine *m)
{
    write_text(w, "lc3run: ");
    if (r->count > 1)
        write_format(w, "%u ", m->number);
    if (m->name)
        write_format(w, "%s ", m->name);
    write_format(w, "%s: ", m->image->name);
}

// ------------------------------------------------------------------ faults

static const char *cc_name(uint16_t psr)
{
    static const char *const names[] = { "none", "p", "z", "zp", "n", "np", "nz", "nzp" };
    return names[psr & 7];
}

static const IsaException *find_exception(uint16_t vector)
{
    for (unsigned i = 0; i < lc3_isa.exception_count; i++)
        if (lc3_isa.exceptions[i].vector == vector)
            return &lc3_isa.exceptions[i];
    return NULL;
}

static void write_exception(Writer *w, const Machine *m)
{
    const Fault *f = &m->s.fault;
    const IsaException *e = find_exception(f->vector);
    if (e)
        write_format(w, "%s (exception x%02X) at ", e->title, f->vector & 0xFF);
    else if (f->vector < 0x100)
        write_format(w, "no service routine for trap vector x%02X at ", f->vector);
    else
        write_format(w, "interrupt x%02X without a handler at ", f->vector & 0xFF);
    report_place(w, m, f->at);
    if (f->at >= DEVICE_FIRST) {
        write_text(w, "\n    an instruction was fetched from a device register: the program ran past its end");
        return;
    }
    char text[64], meaning[160] = "";
    const uint16_t word = m->s.M[f->at];
    isa_print(m->dialect->isa, word, text, sizeof text, meaning, sizeof meaning);
    write_format(w, ": word x%04X, %s", word, text);
    if (meaning[0])
        write_format(w, " (%s)", meaning);
}

static void write_registers(Writer *w, const Machine *m)
{
    const Lc3State *s = &m->s;
    write_text(w, "\n   ");
    for (int i = 0; i < lc3_isa.register_count; i++)
        write_format(w, " %s x%04X", lc3_isa.register_names[i], s->R[i]);
    write_format(w, "\n    PC x%04X PSR x%04X (%s, priority %d) CC %s\n", s->PC, s->PSR,
                 s->PSR & PSR_USER ? "user" : "supervisor", s->PSR >> 8 & 7, cc_name(s->PSR));
}

static void write_branches(Writer *w, const Machine *m)
{
    const Watch *watch = m->watch;
    if (!watch || !watch->branch_count)
        return;
    const uint64_t shown = watch->branch_count < WATCH_BRANCHES ? watch->branch_count : WATCH_BRANCHES;
    write_format(w, "    the last %llu jumps, latest last:\n", (unsigned long long)shown);
    for (uint64_t i = watch->branch_count - shown; i < watch->branch_count; i++) {
        const Branch *b = &watch->branch[i % WATCH_BRANCHES];
        write_text(w, "        ");
        report_place(w, m, b->from);
        write_text(w, " -> ");
        report_place(w, m, b->to);
        write_text(w, "\n");
    }
}

static void write_fault(Writer *w, const Machine *m)
{
    if (m->s.fault.kind == FAULT_HOST) {
        write_format(w, "%s, at ", m->fault_text);
        report_place(w, m, m->s.fault.at);
    } else {
        write_exception(w, m);
    }
    write_registers(w, m);
    write_branches(w, m);
}

// ------------------------------------------------------------------- stops

static void write_wait(Writer *w, const Machine *m)
{
    const Wait *wait = &m->wait;
    if (wait->kind == WAIT_WORD)
        write_format(w, "waits for a word from %s on its in port %u", m->in[wait->port].other, wait->port);
    else if (wait->kind == WAIT_SPACE)
        write_format(w, "waits for %s to take words from its out port %u", m->out[wait->port].other, wait->port);
    else if (wait->kind == WAIT_FRAME)
        write_text(w, "waits for a frame");
    else
        write_text(w, "waits");
    write_text(w, ", at ");
    report_place(w, m, m->s.PC);
}

static void write_limit(Writer *w, const Machine *m, const Report *r)
{
    const unsigned long long done = m->s.instructions;
    if (m->output.limit && m->output.total >= m->output.limit && m->ending == END_LIMIT)
        write_format(w, "stopped: it wrote %llu bytes, the limit", (unsigned long long)m->output.limit);
    else if (done >= m->instruction_limit)
        write_format(w, "stopped: the limit of %llu instructions is reached, at ", done);
    else
        write_format(w, "stopped after %llu instructions, at ", done);
    if (!(m->ending == END_LIMIT))
        report_place(w, m, m->s.PC);
    (void)r;
}

static void write_stop(Writer *w, const Report *r, const Machine *m)
{
    const unsigned long long done = m->s.instructions;
    write_name(w, r, m);
    switch (m->end) {
    case END_HALT: write_format(w, "halted after %llu instructions\n", done); break;
    case END_CLOSED: write_format(w, "ended after %llu instructions: its input or its reader has ended\n", done); break;
    case END_LIMIT: write_limit(w, m, r); write_text(w, "\n"); break;
    case END_BLOCKED: write_wait(w, m); write_text(w, "\n"); break;
    default: write_fault(w, m); break;
    }
}

static bool is_interesting(MachineEnd end)
{
    return end == END_FAULT || end == END_BLOCKED;
}

static void write_summary(Writer *w, const Report *r)
{
    uint32_t count[END_BLOCKED + 1] = { 0 };
    for (uint32_t i = 0; i < r->count; i++)
        count[r->machines[i]->end]++;
    write_format(w, "lc3run: %u machines:", r->count);
    const char *comma = "";
    for (int end = END_HALT; end <= END_BLOCKED; end++)
        if (count[end]) {
            write_format(w, "%s %u %s", comma, count[end], end_names[end]);
            comma = ",";
        }
    write_text(w, "\n");
}

void report_stops(Writer *w, const Report *r)
{
    if (r->result->end == SCHEDULE_DEADLOCK)
        write_text(w, "lc3run: deadlock: every machine that has not ended waits for another one\n");
    const bool is_short = r->count <= DETAILS_MAX;
    uint32_t shown = 0;
    for (uint32_t i = 0; i < r->count && shown < DETAILS_MAX; i++)
        if (is_short || is_interesting(r->machines[i]->end)) {
            write_stop(w, r, r->machines[i]);
            shown++;
        }
    if (!is_short)
        write_summary(w, r);
}

void report_uninit(Writer *w, const Report *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const Machine *m = r->machines[i];
        const Watch *watch = m->watch;
        if (!watch || !watch->options.finds_uninit)
            continue;
        for (uint64_t k = 0; k < watch->uninit_count && k < WATCH_FINDINGS; k++) {
            const UninitRead *u = &watch->uninit[k];
            write_name(w, r, m);
            write_text(w, "warning: ");
            report_place(w, m, u->at);
            if (u->at == u->address)
                write_text(w, " was executed and never written");
            else
                write_format(w, " reads x%04X, which was never written", u->address);
            write_text(w, " [-Wuninit]\n");
        }
        if (watch->uninit_count > WATCH_FINDINGS) {
            write_name(w, r, m);
            write_format(w, "warning: %llu more words were read and never written [-Wuninit]\n",
                         (unsigned long long)(watch->uninit_count - WATCH_FINDINGS));
        }
    }
}

// -------------------------------------------------------------------- dump

static void write_memory(Writer *w, const Machine *m)
{
    const uint16_t *now = m->s.M, *start = m->image->words;
    const char *comma = "";
    write_text(w, "\"memory\":{");
    for (uint32_t at = 0; at < DEVICE_FIRST;) {
        if (now[at] == start[at]) {
            at++;
            continue;
        }
        write_format(w, "%s\"%04x\":\"", comma, at);
        for (const char *blank = ""; at < DEVICE_FIRST && now[at] != start[at]; at++, blank = " ")
            write_format(w, "%s%04x", blank, now[at]);
        write_text(w, "\"");
        comma = ",";
    }
    write_text(w, "}");
}

static void write_state(Writer *w, const Machine *m)
{
    const Lc3State *s = &m->s;
    write_text(w, "{\"program\":");
    write_json_string(w, m->image->name);
    write_format(w, ",\"stop\":\"%s\",\"pc\":%u,\"psr\":%u,\"cc\":\"%s\",\"reg\":[", end_names[m->end], s->PC,
                 s->PSR, s->PSR & 7 ? cc_name(s->PSR) : "");
    for (int i = 0; i < lc3_isa.register_count; i++)
        write_format(w, "%s%u", i ? "," : "", s->R[i]);
    write_format(w, "],\"instructions\":%llu,\"fault\":", (unsigned long long)s->instructions);
    if (m->end != END_FAULT) {
        write_text(w, "null");
    } else if (s->fault.kind == FAULT_HOST) {
        write_format(w, "{\"vector\":null,\"at\":%u,\"reason\":", s->fault.at);
        write_json_string(w, m->fault_text);
        write_text(w, "}");
    } else {
        write_format(w, "{\"vector\":%u,\"at\":%u}", s->fault.vector & 0xFF, s->fault.at);
    }
    write_text(w, ",");
    write_memory(w, m);
    write_text(w, "}");
}

void report_dump(Writer *w, const Report *r)
{
    write_text(w, "{\"vms\":[");
    for (uint32_t i = 0; i < r->count; i++) {
        if (i)
            write_text(w, ",\n");
        write_state(w, r->machines[i]);
    }
    write_text(w, "]}\n");
}
