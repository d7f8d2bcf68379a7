#include "warnings.h"

#include <assert.h>

static_assert(WARN_COUNT <= 64, "warning sets are 64 bits");

const WarningInfo warning_info[WARN_COUNT] = {
    [WARN_MISSING_ORIG] = { "missing-orig", "no .ORIG: x3000 is assumed", true, true },
    [WARN_MISSING_END] = { "missing-end", "no .END at the end of the file", true, true },
    [WARN_REOPENED] = { "reopened-block", ".ORIG without .END before it", true, true },
    [WARN_TEXT_AFTER_END] = { "text-after-end", "text behind .END, which is ignored", true, true },
    [WARN_TWO_STATEMENTS] = { "two-statements", "more than one statement on a line", true, true },
    [WARN_MULTI_LINE_STRING] = { "multi-line-string", "a string that goes over several lines", true, true },
    [WARN_ESCAPE] = { "unknown-escape", "a backslash before a letter that means nothing", true, true },
    [WARN_NON_ASCII] = { "non-ascii", "text that is not ASCII, one word per byte", true, true },
    [WARN_WRAPPED_NUMBER] = { "wrapped-number", "a field written as its bits, read as negative", true, true },
    [WARN_COMMA] = { "stray-comma", "a comma with nothing to separate", true, true },
    [WARN_FOREIGN] = { "foreign", "a mnemonic or directive of one other tool", true, true },
    [WARN_EMPTY_BLOCK] = { "empty-block", ".BLKW 0", true, true },
    [WARN_PLAIN_DECIMAL] = { "plain-decimal", "a decimal without '#'", false, true },
    [WARN_NUMBER_FORM] = { "number-form", "numbers as 0x1F, 0b1, o17, 1_000, x-5", false, true },
    [WARN_CHARACTER] = { "character", "a character as a number", false, true },
    [WARN_LITERAL_OFFSET] = { "literal-offset", "a number where the book has a label", false, true },
    [WARN_LABEL_COLON] = { "label-colon", "a label with a colon", false, true },
    [WARN_LABEL_FORM] = { "label-form", "a label longer than 20 or with other than letters and digits", false,
                          true },
    [WARN_MISSING_COMMA] = { "missing-comma", "operands without a comma between them", false, true },
    [WARN_EXPRESSION] = { "expression", "label+offset", false, true },
    [WARN_DIRECTIVE] = { "directive", "a directive that the book does not have", false, true },
    [WARN_SEVERAL_BLOCKS] = { "several-blocks", "more than one .ORIG in a file", false, true },
    [WARN_COMMENT] = { "comment", "a comment that begins with //", false, true },
    [WARN_LONE_WORD] = { "lone-word", "an unknown word alone on its line, taken as a label", true, false },
    [WARN_LABEL_NAME] = { "label-name", "a label that looks like a number, register or mnemonic", true,
                          true },
    [WARN_LABEL_CASE] = { "label-case", "labels that differ only in case", true, true },
    [WARN_UNUSED_LABEL] = { "unused-label", "a label that nothing refers to", false, false },
    [WARN_FALLS_INTO_DATA] = { "falls-into-data", "execution runs from code into data", true, false },
    [WARN_FALLS_INTO_SUBROUTINE] = { "falls-into-subroutine", "execution runs into a subroutine from above",
                                     true, false },
    [WARN_UNREACHABLE] = { "unreachable", "code that nothing leads to", true, false },
    [WARN_MISSING_HALT] = { "missing-halt", "execution runs off the end of a block", true, false },
    [WARN_HALT_IN_SUBROUTINE] = { "halt-in-subroutine", "a subroutine stops the machine", true, false },
    [WARN_RET_IN_MAIN] = { "ret-in-main", "the main program returns", true, false },
    [WARN_UNSAVED_LINK] = { "unsaved-link", "a nested call loses the return address", true, false },
    [WARN_SAVED_REGISTERS] = { "saved-registers", "saved and restored registers do not match", true, false },
    [WARN_REDUNDANT_CONDITION] = { "redundant-condition", "a branch that is always or never taken", true,
                                   false },
    [WARN_SYSTEM_ORIGIN] = { "system-origin", "a block in the memory of the system", true, false },
    [WARN_OVERLAP] = { "overlap", "blocks of one file that overlap", true, false },
};

int warning_find(Text name)
{
    for (int i = 0; i < WARN_COUNT; i++)
        if (text_is(name, warning_info[i].name))
            return i;
    return -1;
}

uint64_t warnings_default(void)
{
    uint64_t set = 0;
    for (int i = 0; i < WARN_COUNT; i++)
        if (warning_info[i].is_shown)
            set |= WARNING_BIT(i);
    return set;
}
