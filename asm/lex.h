// lex.h -- source text to tokens.
//
// The lexer knows shapes only: words, numbers, strings.  What a word is, the
// table of words says (words.h).  Blanks, commas and comments separate tokens;
// flags tell what stood before one.
#ifndef ASM_LEX_H
#define ASM_LEX_H

#include "parse.h" // TOK_*, from parse.y
#include "words.h"

enum { // beside the kinds that the grammar knows
    TOK_EOF = 100,
    TOK_NEWLINE,
    TOK_MACRO,   // a word that names a macro
    TOK_COMMENT, // only when the lexer keeps comments
    TOK_BAD,     // `value` is a LexMistake
};

typedef enum {
    BAD_CHARACTER,
    BAD_NUMBER,
    BAD_STRING,     // no closing quote
    BAD_QUOTES,     // 'text' in single quotes
    BAD_TYPOGRAPHY, // quotes and dashes of a word processor
} LexMistake;

enum {                       // Token.flags
    TOKEN_COMMA = 1 << 0,    // a comma stood before it
    TOKEN_COMMAS = 1 << 1,   // and another one
    TOKEN_BLANK = 1 << 2,    // blanks or a comma stood before it
    TOKEN_HASH = 1 << 3,     // number: begins with '#'
    TOKEN_BITS = 1 << 4,     // number: hexadecimal, binary or octal
    TOKEN_SIGN = 1 << 5,     // number: begins with a sign
    TOKEN_CHAR = 1 << 6,     // number: a character
    TOKEN_FORM = 1 << 7,     // number: in a form that the book does not have
    TOKEN_WORD = 1 << 8,     // number that could be a word, such as b1; `word` may be set by need
    TOKEN_LINES = 1 << 9,    // string: goes over several lines
    TOKEN_SLASHES = 1 << 10, // comment, or newline after one: begins with //
    TOKEN_GLUED = 1 << 11,   // word: a label and an offset, LABEL+1
    TOKEN_DIGIT = 1 << 12,   // word: begins with a digit
};

typedef struct Token {
    uint8_t kind;
    uint16_t flags;
    uint32_t begin, end;
    int32_t value; // of a number, cut at plus and minus NUMBER_LIMIT; of a register; of a word
                   // that is an operand, what is added to it
    Word *word;    // of a word
} Token;

enum { NUMBER_LIMIT = 1000000000 };

typedef struct {
    const Source *source;
    const char *at;
    Words *words;
    const char *last_eight; // before it eight bytes can be read
    uint32_t line;          // of `at`, from 1
    uint16_t flags;         // of the token to come
    bool keeps_comments;
} Lexer;

void lex_init(Lexer *lex, const Source *source, Words *words);
void lex_next(Lexer *lex, Token *token);

// Goes to the end of the line: the next token is its newline.
void lex_skip_line(Lexer *lex);

// The value of a number without sign and '#': 10, x1F, 0b101.
bool lex_number(Text text, int32_t *value);

// Decodes the inside of a string or a character.  Returns the number of
// characters, at most the number of bytes; writes them when `out` is not NULL.
// *bad_escape is the first backslash that means nothing, or NULL.
size_t lex_decode(Text inside, uint8_t *out, const char **bad_escape);

#endif
