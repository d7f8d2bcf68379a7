// flow.h -- where execution goes, as far as the words tell.
//
// Statements are the nodes.  Main is what the start reaches, a subroutine what a
// direct call reaches; what is reached by neither but named somewhere (a table of
// addresses) is loose, and little is said about it.  flow.c finds that out,
// flow_report.c says what is suspicious.
#ifndef ASM_FLOW_H
#define ASM_FLOW_H

#include "unit.h"

enum {
    NOBODY, // not reached
    LOOSE,
    MAIN,
    SUBROUTINES, // and its number
};

enum {
    BLOCKS_MAX = 64,     // beyond that the flow is not looked at
    ROUTINE_MAX = 4000,  // statements of a subroutine that are looked at
    VISITS_MAX = 400000, // over all subroutines
};

typedef struct {
    size_t entry;
    bool comes_back; // some path returns, or leaves for a place unknown
    bool has_halt, has_unsaved;
} Routine;

typedef struct {
    Unit *u;
    uint32_t **at;   // per block and offset: the statement that begins there, plus one
    uint32_t *owner; // per statement
    bool *has_label, *is_entry;
    uint32_t *routine; // per entry: its number
    LIST(Routine) routines;
    LIST(uint32_t) todo;
    uint32_t *seen; // per statement: the walk that saw it last
    uint32_t walk;
    size_t visits;
    bool has_indirect;
    bool *is_table; // per statement: taken for an entry of a table of jumps
} Flow;

static inline bool is_code(const Statement *s)
{
    return s->op && s->op->directive == DIR_NONE && s->words;
}

uint16_t flow_word(const Flow *f, size_t statement);
uint16_t flow_address(const Flow *f, size_t statement);
Span flow_span(const Flow *f, size_t statement); // with its operands
const char *flow_halt_name(const Unit *u);       // what the machine calls its way to stop

// Whether a call comes back to the statement behind it.
bool flow_comes_back(const Flow *f, size_t statement);

// Says what is suspicious, once every statement has its owner.
void flow_report(Flow *f);

#endif
