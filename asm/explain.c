// What is wrong, what is allowed, and what would help.  Everything said about
// instructions comes from the table of the machine.
#include "unit.h"

#include <string.h>

static bool is_prefix_of_register(const Unit *u, Text text)
{
    if (text.len < 2 || text.at[1] < '0' || text.at[1] > '9')
        return false;
    const char *name = u->isa->register_count ? u->isa->register_names[0] : "";
    return (text.at[0] | 32) == (name[0] | 32);
}

const char *explain_token(Unit *u, const File *file, const Token *t)
{
    const Text text = token_text(file, t);
    const char *what = "";
    switch (t->kind) {
    case TOK_REG:
        what = "the register ";
        break;
    case TOK_NUM:
        what = t->flags & TOKEN_CHAR ? "the character " : "the number ";
        break;
    case TOK_STRING:
        what = "the string ";
        break;
    case TOK_LABEL:
    case TOK_WORD:
        what = "the label ";
        break;
    case TOK_OP:
        what = *text.at == '.' ? "the directive " : "the instruction ";
        break;
    default:
        break;
    }
    return arena_format(u->diag->arena, "%s%.*s%s", what, SHOWN(text), text.len > SHOWN_MAX ? "..." : "");
}

// "ADD dr, sr1, sr2 or ADD dr, sr1, imm5"
static const char *syntaxes(Unit *u, const Op *op)
{
    const char *all = "";
    for (int i = 0; i < op->choice_count; i++) {
        const Choice *c = &op->choices[i];
        const char *one = c->form->syntax;
        if (c->operand_count != c->form->operand_count ||
            c->form->suffix >= 0) { // an alias or a condition: operands only
            one = op->name;
            for (int k = 0; k < c->operand_count; k++)
                one = arena_format(u->diag->arena, "%s%s%s", one, k ? ", " : " ",
                                   u->isa->fields[c->operand[k]].name);
        }
        all = i ? arena_format(u->diag->arena, "%s or %s", all, one) : one;
    }
    return all;
}

static const char *count_word(uint32_t n)
{
    static const char *const words[] = { "no operand", "one operand", "two operands", "three operands",
                                         "four operands" };
    return words[n < 5 ? n : 4];
}

// ----------------------------------------------------------------- operands

// True when a field can take the token, whatever its value.
static bool accepts(const IsaField *field, const Token *t)
{
    if (field->kind == ISA_REG)
        return t->kind == TOK_REG;
    return t->kind == TOK_NUM || (t->kind == TOK_WORD && field->is_pcrel);
}

// ADD R0, #1: the destination stands twice in LC-3.
static void hint_destination(Unit *u, const Statement *s, const Token *t)
{
    for (int c = 0; c < s->op->choice_count; c++) {
        const Choice *choice = &s->op->choices[c];
        const IsaField *fields = u->isa->fields;
        if (choice->operand_count != s->operand_count + 1u || s->operand_count < 2 || t[0].kind != TOK_REG ||
            fields[choice->operand[0]].kind != ISA_REG || fields[choice->operand[1]].kind != ISA_REG ||
            !accepts(&fields[choice->operand[2]], &t[1]))
            continue;
        const Text to = token_text(s->file, &t[0]), from = token_text(s->file, &t[1]);
        unit_hint(u, "to change a register in place, name it twice: %s %.*s, %.*s, %.*s", s->op->name,
                  SHOWN(to), SHOWN(to), SHOWN(from));
        return;
    }
    unit_hint(u, "%s", syntaxes(u, s->op));
}

static void explain_count(Unit *u, const Statement *s, const Token *t)
{
    const Op *op = s->op;
    uint32_t least = ISA_OPERANDS, most = 0;
    for (int c = 0; c < op->choice_count; c++) {
        least = op->choices[c].operand_count < least ? op->choices[c].operand_count : least;
        most = op->choices[c].operand_count > most ? op->choices[c].operand_count : most;
    }
    const char *range =
        least == most ? count_word(least) : arena_format(u->diag->arena, "%u to %s", least, count_word(most));
    if (s->operand_count > most) {
        unit_error(u, unit_span(s->file, t[most].begin, t[s->operand_count - 1].end), "%s takes %s, %u found",
                   op->name, range, s->operand_count);
        unit_hint(u, "%s", syntaxes(u, op));
        return;
    }
    const uint32_t end = s->operand_count ? t[s->operand_count - 1].end : s->end;
    if (s->operand_count == 0)
        unit_error(u, unit_span(s->file, s->begin, end), "%s needs %s, none found", op->name, range);
    else
        unit_error(u, unit_span(s->file, s->begin, end), "%s needs %s, %u found", op->name, range,
                   s->operand_count);
    hint_destination(u, s, t);
}

static const char *wanted(Unit *u, const IsaField *field)
{
    if (field->kind == ISA_REG)
        return "a register";
    if (field->is_pcrel)
        return "a label or an offset";
    return arena_format(u->diag->arena, "a number (%d to %d)", isa_field_min(field), isa_field_max(field));
}

void explain_operands(Unit *u, const Statement *s)
{
    const Token *t = unit_operands(u, s);
    int best = -1;
    uint32_t best_at = 0;
    for (int c = 0; c < s->op->choice_count; c++) {
        const Choice *choice = &s->op->choices[c];
        if (choice->operand_count != s->operand_count)
            continue;
        uint32_t at = 0;
        while (at < s->operand_count && accepts(&u->isa->fields[choice->operand[at]], &t[at]))
            at++;
        if (best < 0 || at > best_at) {
            best = c;
            best_at = at;
        }
    }
    if (best < 0 || best_at >= s->operand_count) {
        explain_count(u, s, t);
        return;
    }
    const Token *bad = &t[best_at];
    const IsaField *field = &u->isa->fields[s->op->choices[best].operand[best_at]];
    // Where one form wants a register and another a number, say both.
    const char *want = wanted(u, field);
    for (int c = 0; c < s->op->choice_count; c++) {
        const Choice *choice = &s->op->choices[c];
        const IsaField *other =
            best_at < choice->operand_count ? &u->isa->fields[choice->operand[best_at]] : field;
        if (c != best && other->kind != field->kind && choice->operand_count == s->operand_count)
            want = arena_format(u->diag->arena, "%s or %s", want, wanted(u, other));
    }
    unit_error(u, token_span(s->file, bad), "%s wants %s here, not %s", s->op->name, want,
               explain_token(u, s->file, bad));
    if (field->kind == ISA_REG && bad->kind == TOK_WORD && is_prefix_of_register(u, token_text(s->file, bad)))
        unit_hint(u, "the registers are %s to %s", u->isa->register_names[0],
                  u->isa->register_names[u->isa->register_count - 1]);
    else if (bad->kind == TOK_STRING)
        unit_hint(u, "strings belong behind .STRINGZ; name the string's label here");
    else
        unit_hint(u, "%s", syntaxes(u, s->op));
}

// ------------------------------------------------------------------- ranges

// A form that loads straight from a label, to fetch a constant or an address.
static const IsaForm *load_form(const Unit *u)
{
    for (int i = 0; i < u->isa->form_count; i++)
        if (u->isa->forms[i].roles & ISA_LOAD && u->isa->forms[i].far >= 0)
            return &u->isa->forms[i];
    return NULL;
}

// The form that jumps or calls through a register.
static const IsaForm *register_jump(const Unit *u, unsigned roles)
{
    for (int i = 0; i < u->isa->form_count; i++) {
        const IsaForm *f = &u->isa->forms[i];
        if (f->mnemonic &&
            (f->roles & (ISA_INDIRECT | ISA_CALL | ISA_TRAP | ISA_RETURN | ISA_LOAD | ISA_STORE)) ==
                (ISA_INDIRECT | (roles & ISA_CALL)) &&
            f->operand_count == 1 && u->isa->fields[f->operand[0]].kind == ISA_REG)
            return f;
    }
    return NULL;
}

void explain_range(Unit *u, const Statement *s, const Choice *choice, const IsaField *field, const Token *t,
                   int32_t value)
{
    const int bits = field->hi - field->lo + 1;
    const Text text = token_text(s->file, t);
    const Span at = token_span(s->file, t);
    if (t->flags & TOKEN_BITS || value >= NUMBER_LIMIT || value <= -NUMBER_LIMIT)
        unit_error(u, at, "%.*s does not fit in %d bits (%d to %d)", SHOWN(text), bits, isa_field_min(field),
                   isa_field_max(field));
    else
        unit_error(u, at, "%d does not fit in %d bits (%d to %d)", value, bits, isa_field_min(field),
                   isa_field_max(field));
    const IsaForm *load = load_form(u);
    if (field->is_pcrel && value >= 0x200 && choice->form->far >= 0)
        unit_hint(u, "this is an offset, no address: put the address into a .FILL and use %s with its label",
                  u->isa->forms[choice->form->far].mnemonic);
    else if (field->is_pcrel)
        unit_hint(u, "this is an offset from the next word; write the label instead");
    else if (field->kind == ISA_SIGNED && load && choice->form->roles & ISA_SETS_CC &&
             !(choice->form->roles & ISA_LOAD))
        unit_hint(u, "put the number into a .FILL, load it with %s, and use the register", load->mnemonic);
    else if (field->kind == ISA_SIGNED)
        unit_hint(u, "add the distance to the register first, then use a small offset");
}

void explain_reach(Unit *u, const Statement *s, const Choice *choice, const IsaField *field, const Token *t,
                   int32_t distance)
{
    const int32_t min = isa_field_min(field), max = isa_field_max(field);
    const int32_t excess = distance > max ? distance - max : min - distance;
    const Text text = token_text(s->file, t);
    unit_error(u, token_span(s->file, t), "%.*s is out of reach: %d words %s, and %d bits reach %d to %d",
               SHOWN(text), distance < 0 ? -distance : distance, distance < 0 ? "back" : "ahead",
               field->hi - field->lo + 1, min, max);
    const char *words = excess == 1 ? "word" : "words";
    const IsaForm *load = load_form(u), *jump = register_jump(u, choice->roles);
    if (choice->form->far >= 0)
        unit_hint(u, "use %s with a .FILL %.*s nearby, or move the label %d %s closer",
                  u->isa->forms[choice->form->far].mnemonic, SHOWN(text), excess, words);
    else if (choice->roles & (ISA_JUMP | ISA_CALL) && jump && load)
        unit_hint(
            u, "load the address from a .FILL %.*s nearby with %s and use %s, or move the label %d %s closer",
            SHOWN(text), load->mnemonic, jump->mnemonic, excess, words);
    else if (load)
        unit_hint(u, "put .FILL %.*s nearby and use %s, or move the label %d %s closer", SHOWN(text),
                  load->mnemonic, excess, words);
    Word *word = t->word ? unit_label(u, t->word, text) : NULL;
    if (word && word->span.source)
        unit_note(u, word->span, "the label is here, at x%04X", word->address);
}

// ------------------------------------------------------------- unknown words

enum { SUGGESTIONS_MAX = 2000000 }; // names compared in all

static const Word *nearest_label(Unit *u, Text text)
{
    const Word *best = NULL;
    int limit = text.len < 4 ? 2 : text.len < 8 ? 3 : 4;
    if (text.len < 2)
        return NULL;
    for (size_t i = 0; i < u->labels.count && u->suggestions < SUGGESTIONS_MAX; i++) {
        const Word *word = u->labels.at[i];
        if (word->len + limit <= text.len || text.len + limit <= word->len)
            continue;
        u->suggestions += (int)(word->len * text.len / 16) + 1;
        const int distance = text_distance(text, word_text(word), limit);
        if (distance < limit) {
            limit = distance;
            best = word;
        }
    }
    return best;
}

void explain_undefined(Unit *u, const File *file, const Token *t)
{
    Text text = token_text(file, t);
    Span at = token_span(file, t);
    if (t->flags & TOKEN_GLUED || t->value) { // LABEL+1: the label
        size_t len = 1;
        while (len < text.len && !strchr("+- \t", text.at[len]))
            len++;
        text.len = len;
        at.end = at.begin + (uint32_t)len;
    }
    if (t->flags & TOKEN_DIGIT) {
        unit_error(u, at, "%.*s is neither a number nor a label", SHOWN(text));
        unit_hint(u, "decimals are written #10, hexadecimals x1F, binaries b1010");
        return;
    }
    const Word *word = words_find(&u->words, text);
    if (word && (word->kind == WORD_OP || word->kind == WORD_REG))
        unit_error(u, at, "%.*s is no label here", SHOWN(text));
    else
        unit_error(u, at, "the label %.*s is not defined", SHOWN(text));
    const Word *near = nearest_label(u, text);
    if (near)
        unit_hint(u, "did you mean %.*s?", SHOWN(word_text(near)));
    else if (u->undefined_hint)
        u->undefined_hint(u, text);
}

// Instructions and directives of other machines, and how it is done here.
static const char *advice(Text text)
{
    static const struct {
        const char *names, *text;
    } table[] = {
        { " .word .data .dw .int .short .db .byte .dc ", "a word of data is .FILL value" },
        { " .space .block .blk .blkb .skip .res .ds .buffer ", "room for data is .BLKW count" },
        { " .string .ascii .asciiz .asciz .text .str ", "a string is .STRINGZ \"text\"" },
        { " .org .origin .start .code ", "a program begins with .ORIG address" },
        { " .equ .set .define .const ", "a name for a value is .ALIAS name value" },
        { " sub subtract neg ",
          "there is no subtraction: complement the second operand, add 1 to it, then add" },
        { " mov move copy cpy mv ",
          "to copy a register, add #0 to it and name the other as the destination" },
        { " clr clear zero ", "to clear a register, combine it with #0 by a bitwise and" },
        { " inc dec ", "to count, add #1 or #-1 to the register" },
        { " mul mult imul ", "there is no multiplication; the library has one: .EXTERNAL MULTIPLY" },
        { " div mod idiv ", "there is no division; the library has one: .EXTERNAL DIVIDE" },
        { " or xor eor nand nor ", "there is only a bitwise and, and a complement: combine these" },
        { " shl sll lsl sal ", "to shift left, add the register to itself" },
        { " shr srl lsr sra asr ", "there is no shift to the right; the library has one: see shift.asm" },
        { " cmp compare tst test ",
          "there is no comparison: subtract, and branch on the sign of the result" },
        { " push pop ",
          "keep a stack yourself: change the stack register by 1, and load or store through it" },
        { " goto jp b bra j ", "a branch without condition letters is always taken" },
        { " bz bnz bn bp beq bne blt bgt ble bge je jne jl jg jz jnz ",
          "branches name the signs they look at: n, z, p behind the mnemonic" },
    };
    char word[16] = " ";
    if (text.len > sizeof word - 3)
        return NULL;
    for (size_t i = 0; i < text.len; i++)
        word[i + 1] = text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] + 32) : text.at[i];
    word[text.len + 1] = ' ';
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strstr(table[i].names, word))
            return table[i].text;
    return NULL;
}

// The nearest mnemonic: short words must be nearer.
static const Op *nearest_op(const Unit *u, Text text)
{
    const Op *op = words_nearest_op(&u->words, text, 2);
    return op || text.len <= 3 ? op : words_nearest_op(&u->words, text, 3);
}

const Op *explain_undotted(Unit *u, Text text)
{
    enum { DIRECTIVE_MAX = 16 };
    if (text.len == 0 || text.len > DIRECTIVE_MAX || *text.at == '.')
        return NULL;
    const Word *word = words_find(&u->words, text_of(arena_format(u->arena, ".%.*s", TEXT(text))));
    return word && word->kind == WORD_OP ? word->op : NULL;
}

// A word in the place of a mnemonic.
void explain_unknown_op(Unit *u, const File *file, const Token *t)
{
    const Text text = token_text(file, t);
    const Span at = token_span(file, t);
    if (*text.at == '.') {
        unit_error(u, at, "there is no directive %.*s", SHOWN(text));
    } else if (t->kind == TOK_REG || t->kind == TOK_NUM) {
        unit_error(u, at, "%s where an instruction should stand", explain_token(u, file, t));
        unit_hint(u, "an instruction or directive comes first, then its operands");
        return;
    } else {
        unit_error(u, at, "there is no instruction %.*s", SHOWN(text));
    }
    const char *other = advice(text);
    const Op *op = explain_undotted(u, text);
    if (!op)
        op = nearest_op(u, text);
    if (other)
        unit_hint(u, "%s", other);
    else if (op && op->choice_count && op->choices[0].operand_count)
        unit_hint(u, "did you mean %s? (%s)", op->name, syntaxes(u, op));
    else if (op)
        unit_hint(u, "did you mean %s%s%s%s?", op->name, op->syntax ? " (" : "", op->syntax ? op->syntax : "",
                  op->syntax ? ")" : "");
    else if (*text.at != '.')
        unit_hint(u, "a label stands before an instruction or alone on its line");
}
