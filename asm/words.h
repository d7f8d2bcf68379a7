// words.h -- every word of a source text, looked up once.
//
// One table holds mnemonics, registers, directives and labels.  The lexer finds
// each word here and learns what it is; a label is the word itself, so nothing
// is searched a second time.  Letters of either case are equal.
//
// What instructions there are comes from the IsaTable; directives are the
// assembler's own.
#ifndef ASM_WORDS_H
#define ASM_WORDS_H

#include "base/text.h"
#include "isa.h"

typedef enum {
    DIR_NONE,
    DIR_ORIG,
    DIR_END,
    DIR_FILL,
    DIR_BLKW,
    DIR_STRINGZ,
    DIR_STRINGZP,
    DIR_EXTERNAL,
    DIR_GLOBAL,
    DIR_INCLUDE,
    DIR_ALIAS,
    DIR_MACRO,
    DIR_ENDM,
    DIR_COUNTER,
    DIR_HISTOGRAM,
    DIR_BREAK,
} Directive;

// One way to write and encode a mnemonic.
typedef struct {
    const IsaForm *form;
    uint16_t base; // the word with every operand zero
    uint16_t roles;
    uint8_t operand_count;
    const uint8_t *operand; // fields, in the order they are written
} Choice;

// A word of the instruction column.
typedef struct {
    const char *name;
    Directive directive; // DIR_NONE is an instruction
    const char *syntax;  // of a directive
    bool is_foreign;     // of one other tool: accepted with a warning
    bool is_book;        // of a directive: the book has it
    uint8_t choice_count;
    Choice *choices;
} Op;

typedef enum {
    WORD_NAME,  // a label, or nothing that is known
    WORD_REG,   // reg
    WORD_OP,    // op
    WORD_ALIAS, // stands for another token: alias
    WORD_MACRO, // macro
} WordKind;

typedef struct Word Word;

// What finding and using a word touches comes first, and fills a cache line.
struct Word {
    uint64_t head, tail; // the first eight bytes, and the last of a longer word, letters folded
    uint32_t len;
    uint8_t kind; // WordKind
    uint8_t reg;
    bool is_defined, is_used, is_global, is_external;
    union {
        const Op *op;
        const struct Token *alias;
        const struct Macro *macro;
    };
    // As a label: where it stands, and where it was defined.
    uint32_t block;   // an index into the unit's blocks
    uint16_t offset;  // from the block's begin
    uint16_t address; // after linking
    Word *variant;    // another label that differs only in case
    const char *at;   // as first written
    uint32_t hash;
    Span span;    // of its definition, or of .EXTERNAL
    Word *import; // the word of another unit that an external name stands for
};

typedef struct {
    Arena *arena;
    Word **slots; // a power of two, at most half full
    uint32_t mask, count;
    const IsaTable *isa;
    Op *ops; // instructions, then directives
    size_t op_count;
} Words;

void words_init(Words *w, Arena *a, const IsaTable *isa);

// Returns the word, adding it as a name when it is new.  `text` must live as
// long as the table.
Word *words_get(Words *w, const char *text, size_t len);
// The same, when eight bytes can be read from `text` on.
Word *words_get_inside(Words *w, const char *text, size_t len);
Word *words_find(const Words *w, Text text); // or NULL

// The known mnemonic (directive when the text begins with '.') that is fewest
// edits away, less than `limit`; or one whose title is that word; or NULL.
const Op *words_nearest_op(const Words *w, Text text, int limit);

// A new word spelled like `first` but for case; see Word.variant.
Word *words_add_variant(Words *w, Word *first, Text text);

static inline Text word_text(const Word *word)
{
    return (Text){ word->at, word->len };
}

#endif
