// warnings.h -- the named warnings: what -WNAME and -Wno-NAME speak of.
//
// Three groups.  Dialect: the text is no LC-3 of the book, but it is clear what
// was meant; under --strict each is an error.  Names: what a word was taken for.
// Flow: the program says something else than its author probably thinks.
#ifndef ASM_WARNINGS_H
#define ASM_WARNINGS_H

#include "base/text.h"

typedef enum {
    // Dialect, shown: other tools refuse these or read them otherwise.
    WARN_MISSING_ORIG,
    WARN_MISSING_END,
    WARN_REOPENED,
    WARN_TEXT_AFTER_END,
    WARN_TWO_STATEMENTS,
    WARN_MULTI_LINE_STRING,
    WARN_ESCAPE,
    WARN_NON_ASCII,
    WARN_WRAPPED_NUMBER,
    WARN_COMMA,
    WARN_FOREIGN,
    WARN_EMPTY_BLOCK,
    // Dialect, silent unless asked for: every reader understands these.
    WARN_PLAIN_DECIMAL,
    WARN_NUMBER_FORM,
    WARN_CHARACTER,
    WARN_LITERAL_OFFSET,
    WARN_LABEL_COLON,
    WARN_LABEL_FORM,
    WARN_MISSING_COMMA,
    WARN_EXPRESSION,
    WARN_DIRECTIVE,
    WARN_SEVERAL_BLOCKS,
    WARN_COMMENT,
    // Names.
    WARN_LONE_WORD,
    WARN_LABEL_NAME,
    WARN_LABEL_CASE,
    WARN_UNUSED_LABEL,
    // Flow and layout.
    WARN_FALLS_INTO_DATA,
    WARN_FALLS_INTO_SUBROUTINE,
    WARN_UNREACHABLE,
    WARN_MISSING_HALT,
    WARN_HALT_IN_SUBROUTINE,
    WARN_RET_IN_MAIN,
    WARN_UNSAVED_LINK,
    WARN_SAVED_REGISTERS,
    WARN_REDUNDANT_CONDITION,
    WARN_SYSTEM_ORIGIN,
    WARN_OVERLAP,
    WARN_COUNT
} Warning;

typedef struct {
    const char *name, *text; // text says what is warned about, for --help
    bool is_shown;           // by default
    bool is_departure;       // from the book: an error under --strict
} WarningInfo;

extern const WarningInfo warning_info[WARN_COUNT];

// Returns the warning of that name, or -1.
int warning_find(Text name);

#define WARNING_BIT(w) (UINT64_C(1) << (w))

// The warnings that are shown by default.
uint64_t warnings_default(void);

#endif
