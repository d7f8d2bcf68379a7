// unit.h -- one source being assembled: its words, statements and blocks.
//
// The way of a source through the unit:
//
//   unit_read     reads lines; each statement gets its place at once, because
//                 its size never depends on a label  (unit.c, line.c, layout.c)
//   unit_settle   decides what lone words are              (lone.c)
//   -- linking gives floating blocks and external names their addresses --
//   unit_encode   makes the words, and explains what cannot be one (encode.c,
//                 explain.c)
//   flow_check    looks at where execution goes            (flow.c)
//
// Names are the unit's own; .GLOBAL and .EXTERNAL join units.
#ifndef ASM_UNIT_H
#define ASM_UNIT_H

#include "assemble.h"
#include "lex.h"
#include "warnings.h"

// A source text, or the text that a macro call stands for.
typedef struct File {
    Source source;             // first, so that a Span's source is a File
    const struct File *parent; // with the .INCLUDE or the macro call; NULL for the first
    Span call;
    uint32_t call_line;
    bool is_macro;
    uint32_t depth;
    uint32_t number; // of the nearest file that is no macro, in Unit.files
} File;

typedef struct Macro {
    Text name;
    Span span;
    LIST(Text) parameters;
    Text body; // whole lines
} Macro;

typedef struct {
    const Op *op; // NULL: reported already, only holds its place
    const File *file;
    uint32_t begin, end; // of the mnemonic
    uint32_t line;
    uint32_t operand, operand_count; // in Unit.operands
    uint32_t words;
    uint16_t offset; // from the block's begin
    uint16_t roles;  // of an instruction, once it is encoded
    uint16_t target; // and the address that it names
    bool has_target;
} Statement;

typedef struct {
    uint32_t origin; // of a floating block, after linking
    uint32_t size;
    bool is_floating, is_implicit, is_full;
    Span span; // its .ORIG, or its first statement
    size_t statement, statement_end;
    uint16_t *words;
} Block;

// A word at the begin of a line, before it is known to be a label.
typedef struct {
    Token token;
    size_t statement; // that it stands before
    const File *file;
} Name;

// A line that is nothing but words, kept until every label is known.
typedef struct {
    const File *file;
    Token *tokens;
    size_t count;
    uint32_t block;
    uint16_t offset;
} LoneLine;

typedef struct {
    bool is_histogram;
    uint16_t number;
    const char *name;
} Metric;

typedef struct {
    uint32_t block;
    uint16_t offset;
} Spot;

typedef struct Unit {
    Arena *arena;
    const AssembleOptions *options;
    const IsaTable *isa;
    Diag *diag;
    uint64_t warnings; // the set that is shown
    bool is_part;      // of several: a source without .ORIG floats
    bool is_library;
    bool has_failed;
    Words words;
    LIST(const File *) files; // no macros
    LIST(Statement) statements;
    LIST(Token) operands;
    LIST(Block) blocks;
    LIST(Word *) labels; // as defined
    LIST(Word *) externals, globals;
    LIST(LoneLine) lone_lines;
    LIST(Metric) metrics;
    LIST(Spot) breaks;

    // Reading.
    const File *file;
    uint32_t line; // of the first token of the line
    size_t first;  // statement of the line
    size_t first_operand;
    LIST(Name) names;    // of the line
    bool is_bad;         // the line has been reported
    bool has_op;         // the line has a mnemonic or directive
    uint16_t seen_flags; // of all tokens of the line
    Token first_token;   // of the line
    bool is_open;        // a block is: the last one
    bool is_ended;       // .END was seen, and no .ORIG since
    bool was_ignored;    // text behind .END has been reported
    bool has_origin;
    LIST(Name) waiting; // labels before the first block
    Macro *macro;       // being defined
    size_t macro_begin;
    Lexer *lexer;
    void *parser;
    File *next; // to be read when the line has ended
    uint32_t expansions;
    size_t expanded_bytes;
    bool is_flooded;

    // How many findings a line may have.
    const Source *crowded;
    uint32_t crowded_begin, crowded_end;
    int crowd;
    bool is_muted;   // the latest finding was dropped
    int suggestions; // names compared so far
    // Says where else a missing label is, when anybody knows.
    uint64_t used_forms[4]; // a bit per form of the machine
    void (*undefined_hint)(struct Unit *u, Text name);
    void *hint_data;
} Unit;

void unit_init(Unit *u, Arena *a, const AssembleOptions *options, Diag *diag);

// Reads a source, with what it includes.
void unit_read(Unit *u, const Source *source);
// Reads one more text; its findings point to `call`.
void unit_read_file(Unit *u, File *file);
void unit_settle(Unit *u);
void unit_encode(Unit *u);
void flow_check(Unit *u);

// ------------------------------------------------------------- for the parser

void unit_name(Unit *u, const Token *t);
void unit_colon(Unit *u); // a colon, blanks before it, behind the latest name
void unit_op(Unit *u, const Token *t);
void unit_operand(Unit *u, const Token *t);
void unit_sum(Unit *u, const Token *label, const Token *number, int sign);
void unit_unexpected(Unit *u, const Token *t);

// -------------------------------------------------------------- among modules

// A word in a message; some words have a megabyte.
enum { SHOWN_MAX = 40 };
#define SHOWN(t) (int)((t).len > SHOWN_MAX ? SHOWN_MAX : (t).len), (t).at

// line.c: a line begins; has been read whole, and is kept; a token that no grammar
// knows.
void unit_begin_line(Unit *u);
void unit_end_line(Unit *u, const Token *newline);
void unit_report_bad(Unit *u, const Token *t);

// layout.c: gives the statement its place, or does what the directive says.
void unit_place(Unit *u, size_t statement);
void unit_open_block(Unit *u, uint32_t origin, Span span, bool is_implicit);
void unit_define(Unit *u, const Token *t, const File *file);
void unit_define_at(Unit *u, const Token *t, const File *file, uint32_t block, uint16_t offset);
void unit_finish_blocks(Unit *u);

// expand.c: .INCLUDE, .MACRO, .ALIAS.
void unit_include(Unit *u, const Statement *s);
void unit_begin_macro(Unit *u, const Statement *s);
void unit_end_macro(Unit *u, const Statement *s);
void unit_expand(Unit *u, const Token *t);
void unit_alias(Unit *u, const Statement *s);

// explain.c: what is wrong with operands, and what would help.
void explain_operands(Unit *u, const Statement *s);
void explain_range(Unit *u, const Statement *s, const Choice *choice, const IsaField *field, const Token *t,
                   int32_t value);
void explain_reach(Unit *u, const Statement *s, const Choice *choice, const IsaField *field, const Token *t,
                   int32_t distance);
void explain_undefined(Unit *u, const File *file, const Token *t);
void explain_unknown_op(Unit *u, const File *file, const Token *t);
// The directive that a word would be with a '.' before it, or NULL.
const Op *explain_undotted(Unit *u, Text text);
const char *explain_token(Unit *u, const File *file, const Token *t);

// lone.c: the label that a token means, or NULL; `text` is how it is written here.
Word *unit_label(Unit *u, Word *word, Text text);

// report.c: findings.  Calls of macros and files that include follow as notes.
void unit_error(Unit *u, Span at, const char *format, ...) __attribute__((format(printf, 3, 4)));
// These belong to the latest finding, and are dropped with it.
void unit_note(Unit *u, Span at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void unit_hint(Unit *u, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Returns whether it was said, so that a note or hint may follow.
bool unit_warn(Unit *u, Warning warning, Span at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static inline Span unit_span(const File *file, uint32_t begin, uint32_t end)
{
    return (Span){ &file->source, begin, end };
}

static inline Span token_span(const File *file, const Token *t)
{
    return unit_span(file, t->begin, t->end);
}

static inline Text token_text(const File *file, const Token *t)
{
    return (Text){ file->source.at + t->begin, t->end - t->begin };
}

static inline Token *unit_operands(const Unit *u, const Statement *s)
{
    return u->operands.at + s->operand;
}

#endif
