// emit.h -- what writes a machine's files: one function per file.
//
// An emitter walks a checked model and appends to a Writer; it has no errors to
// report and never looks at the disk.  Its output depends on its arguments
// alone: no dates, no host paths.  main.c holds the table of all emitters.
#ifndef GEN_EMIT_H
#define GEN_EMIT_H

#include "base/writer.h"
#include "model.h"

typedef enum { DISPATCH_SWITCH = 1, DISPATCH_GOTO = 2, DISPATCH_TAIL = 4, DISPATCH_ALL = 7 } Dispatch;
typedef enum { DECODE_RAW = 1, DECODE_WORD = 2, DECODE_ADDR = 4, DECODE_ALL = 7 } Decode;
typedef enum { FLAGS_EAGER = 1, FLAGS_LAZY = 2, FLAGS_ALL = 3 } Flags;

typedef struct {
    const char *source;  // the description's name as generated text shows it ("isa.def")
    const char *prefix;  // of this dialect's names: "lc3_ed3"
    const char *machine; // of names that all dialects share: "lc3"
    int dialect;         // what `when` and guards are resolved for
    unsigned dispatch;   // which strategies to write: sets of the enums above
    unsigned decode;
    unsigned flags;
    bool fuse;           // false: no superinstructions
    LIST(Text) fuses;    // with `fuse`: only these; none named is all
} EmitOptions;

typedef void Emit(const Isa *isa, const EmitOptions *options, Writer *w);

enum { // what an emitter can only do for some machines
    NEEDS_WORDS = 1, // instruction words: an `encoding`
    NEEDS_LAZY = 2,  // exactly one lazy value
    NEEDS_STACK = 4, // a stack machine: a `code`
};

typedef struct {
    const char *name;   // for --emit=
    const char *file;   // "%s_isa.c": %s is the machine's name or, per dialect, the prefix
    unsigned needs;
    bool per_dialect;   // written once for every dialect
    bool is_doc;        // also written by `lc3gen docs`
    Emit *emit;
    const char *help;
} Emitter;

// Ends with a zero element.
extern const Emitter emitters[];

// emit_state.c
void emit_state_h(const Isa *isa, const EmitOptions *options, Writer *w);
// emit_semantics.c, emit_interp.c
void emit_semantics_c(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_interp_c(const Isa *isa, const EmitOptions *options, Writer *w);
// emit_llvm.c
void emit_lower_c(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_jit_c(const Isa *isa, const EmitOptions *options, Writer *w);
// emit_module.c
void emit_module_c(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_isa_h(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_module_h(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_engine_h(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_ring_h(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_histogram_h(const Isa *isa, const EmitOptions *options, Writer *w);
// emit_tables.c
void emit_tables_c(const Isa *isa, const EmitOptions *options, Writer *w);
// emit_manual.c
void emit_manual_md(const Isa *isa, const EmitOptions *options, Writer *w);
// emit_html.c
void emit_manual_html(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_stack_manual_html(const Isa *isa, const EmitOptions *options, Writer *w);
// emit_stack.c, emit_stack_lower.c, emit_stack_interp.c
void emit_stack_table_c(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_stack_machine_h(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_stack_manual_md(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_stack_lower_c(const Isa *isa, const EmitOptions *options, Writer *w);
void emit_stack_machine_c(const Isa *isa, const EmitOptions *options, Writer *w);
// emit_tests.c
void emit_tests_c(const Isa *isa, const EmitOptions *options, Writer *w);

#endif
