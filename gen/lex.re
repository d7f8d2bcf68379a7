// lex.re -- a description's text, cut into tokens.
#include "read.h"

#include "parse.h"

#include <string.h>

static Span span_from(const Source *source, const char *begin, const char *end)
{
    return (Span){ source, (uint32_t)(begin - source->at), (uint32_t)(end - source->at) };
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
}

// A number is decimal, 0x hexadecimal or 0b binary.  What is not is reported and counts as 0.
static uint64_t number(Diag *diag, Span span)
{
    const Text t = span_text(span);
    int base = 10;
    size_t i = 0;
    if (t.len > 1 && t.at[0] == '0' && (t.at[1] == 'x' || t.at[1] == 'b')) {
        base = t.at[1] == 'x' ? 16 : 2;
        i = 2;
    }
    uint64_t value = 0;
    if (i == t.len)
        diag_error(diag, span, "a number needs digits after '%.*s'", TEXT(t));
    for (; i < t.len; i++) {
        const int digit = digit_of(t.at[i]);
        if (digit >= base) {
            const Span at = { span.source, span.begin + (uint32_t)i, span.begin + (uint32_t)i + 1 };
            diag_error(diag, at, "'%c' is no digit of a %s number", t.at[i],
                       base == 10 ? "decimal" : base == 16 ? "hexadecimal" : "binary");
            return 0;
        }
        if (value > (UINT64_MAX - (uint64_t)digit) / (uint64_t)base) {
            diag_error(diag, span, "the number does not fit in 64 bits");
            return 0;
        }
        value = value * (uint64_t)base + (uint64_t)digit;
    }
    return value;
}

static void add(Arena *arena, TokenList *out, int kind, Span span, uint64_t num)
{
    const Token t = { .kind = kind, .span = span, .num = num, .text = span_text(span), .inner = span };
    LIST_ADD(arena, out, t);
}

static void add_number(Arena *arena, Diag *diag, TokenList *out, Span span)
{
    add(arena, out, TOK_NUM, span, number(diag, span));
}

static void add_string(Arena *arena, TokenList *out, Span span, bool is_closed)
{
    Token t = { .kind = TOK_STR, .span = span, .inner = { span.source, span.begin + 1, span.end - is_closed } };
    t.text = span_text(t.inner);
    LIST_ADD(arena, out, t);
}

static void add_open_string(Arena *arena, Diag *diag, TokenList *out, Span span)
{
    diag_error(diag, span, "this string has no closing quote on its line");
    add_string(arena, out, span, false);
}

static void report_stray(Diag *diag, Span span)
{
    const unsigned char c = (unsigned char)span.source->at[span.begin];
    if (c > ' ' && c < 127)
        diag_error(diag, span, "'%c' has no meaning here", c);
    else
        diag_error(diag, span, "the byte 0x%02X has no meaning here", c);
}

#define TOKEN(kind) add(arena, out, TOK_##kind, span_from(source, start, at), 0)

void lex_all(const Source *source, Arena *arena, Diag *diag, TokenList *out)
{
    const char *at = source->at, *const limit = source->at + source->size;
    const char *marker = at;
    bool in_stray = false; // neighbouring stray bytes are one finding
    for (;;) {
        const char *start = at;
        const bool was_stray = in_stray;
        in_stray = false;
        /*!re2c
            re2c:define:YYCTYPE = "unsigned char";
            re2c:define:YYCURSOR = at;
            re2c:define:YYMARKER = marker;
            re2c:yyfill:enable = 0;

            blank   = [ \t\r\n]+;
            comment = "//" [^\n\x00]*;
            word    = [A-Za-z_] [A-Za-z0-9_]*;
            number  = [0-9] [A-Za-z0-9_]*;
            string  = "\"" ([^"\\\n\x00] | "\\" [^\n\x00])*;

            blank         { continue; }
            comment       { continue; }
            "isa"         { TOKEN(ISA); continue; }
            "dialect"     { TOKEN(DIALECT); continue; }
            "default"     { TOKEN(DEFAULT); continue; }
            "regs"        { TOKEN(REGS); continue; }
            "reg"         { TOKEN(REG); continue; }
            "lazy"        { TOKEN(LAZY); continue; }
            "at"          { TOKEN(AT); continue; }
            "mem"         { TOKEN(MEM); continue; }
            "region"      { TOKEN(REGION); continue; }
            "guard"       { TOKEN(GUARD); continue; }
            "type"        { TOKEN(TYPE); continue; }
            "stack"       { TOKEN(STACK); continue; }
            "code"        { TOKEN(CODE); continue; }
            "policy"      { TOKEN(POLICY); continue; }
            "fn"          { TOKEN(FN); continue; }
            "proc"        { TOKEN(PROC); continue; }
            "exception"   { TOKEN(EXCEPTION); continue; }
            "exit"        { TOKEN(EXIT); continue; }
            "interrupt"   { TOKEN(INTERRUPT); continue; }
            "priority"    { TOKEN(PRIORITY); continue; }
            "host"        { TOKEN(HOST); continue; }
            "encoding"    { TOKEN(ENCODING); continue; }
            "field"       { TOKEN(FIELD); continue; }
            "tokens"      { TOKEN(TOKENS); continue; }
            "literal"     { TOKEN(LITERAL); continue; }
            "insn"        { TOKEN(INSN); continue; }
            "form"        { TOKEN(FORM); continue; }
            "enc"         { TOKEN(ENC); continue; }
            "asm"         { TOKEN(ASM); continue; }
            "hint"        { TOKEN(HINT); continue; }
            "far"         { TOKEN(FAR); continue; }
            "do"          { TOKEN(DO); continue; }
            "reserved"    { TOKEN(RESERVED); continue; }
            "traps"       { TOKEN(TRAPS); continue; }
            "in"          { TOKEN(IN); continue; }
            "out"         { TOKEN(OUT); continue; }
            "reads"       { TOKEN(READS); continue; }
            "writes"      { TOKEN(WRITES); continue; }
            "sets"        { TOKEN(SETS); continue; }
            "otherwise"   { TOKEN(OTHERWISE); continue; }
            "alias"       { TOKEN(ALIAS); continue; }
            "fuse"        { TOKEN(FUSE); continue; }
            "where"       { TOKEN(WHERE); continue; }
            "example"     { TOKEN(EXAMPLE); continue; }
            "given"       { TOKEN(GIVEN); continue; }
            "run"         { TOKEN(RUN); continue; }
            "expect"      { TOKEN(EXPECT); continue; }
            "let"         { TOKEN(LET); continue; }
            "if"          { TOKEN(IF); continue; }
            "else"        { TOKEN(ELSE); continue; }
            "when"        { TOKEN(WHEN); continue; }
            "raise"       { TOKEN(RAISE); continue; }
            "trap"        { TOKEN(TRAP); continue; }
            "halt"        { TOKEN(HALT); continue; }
            "push"        { TOKEN(PUSH); continue; }
            "pop"         { TOKEN(POP); continue; }
            word          { TOKEN(ID); continue; }
            number        { add_number(arena, diag, out, span_from(source, start, at)); continue; }
            string "\""   { add_string(arena, out, span_from(source, start, at), true); continue; }
            string        { add_open_string(arena, diag, out, span_from(source, start, at)); continue; }
            "->"          { TOKEN(ARROW); continue; }
            "<-"          { TOKEN(TAKES); continue; }
            "--"          { TOKEN(DASHES); continue; }
            ".."          { TOKEN(DOTS); continue; }
            "<<"          { TOKEN(SHL); continue; }
            ">>"          { TOKEN(SHR); continue; }
            "<="          { TOKEN(LE); continue; }
            ">="          { TOKEN(GE); continue; }
            "=="          { TOKEN(SAME); continue; }
            "!="          { TOKEN(DIFFERS); continue; }
            "&&"          { TOKEN(ANDAND); continue; }
            "||"          { TOKEN(OROR); continue; }
            "<"           { TOKEN(LT); continue; }
            ">"           { TOKEN(GT); continue; }
            "="           { TOKEN(EQUALS); continue; }
            "!"           { TOKEN(BANG); continue; }
            "~"           { TOKEN(TILDE); continue; }
            "+"           { TOKEN(PLUS); continue; }
            "-"           { TOKEN(MINUS); continue; }
            "*"           { TOKEN(STAR); continue; }
            "/"           { TOKEN(SLASH); continue; }
            "%"           { TOKEN(PERCENT); continue; }
            "&"           { TOKEN(AND); continue; }
            "|"           { TOKEN(OR); continue; }
            "^"           { TOKEN(XOR); continue; }
            "?"           { TOKEN(QUESTION); continue; }
            ":"           { TOKEN(COLON); continue; }
            ";"           { TOKEN(SEMI); continue; }
            ","           { TOKEN(COMMA); continue; }
            "."           { TOKEN(DOT); continue; }
            "("           { TOKEN(OPEN); continue; }
            ")"           { TOKEN(CLOSE); continue; }
            "["           { TOKEN(LEFT); continue; }
            "]"           { TOKEN(RIGHT); continue; }
            "{"           { TOKEN(BEGIN); continue; }
            "}"           { TOKEN(END); continue; }
            *             { goto stray; }
        */
    stray:
        if (start == limit)
            return;
        in_stray = true;
        if (!was_stray)
            report_stray(diag, span_from(source, start, at));
    }
}
