// test_traps -- the native bodies of TRAP x20 to x25 and the system's routines in
// LC-3 code do the same: 10,000 random calls in each edition.
#include "rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

enum { CASES = 10000, TEXT = 0x5000, TEXT_WORDS = 60, KEYS = 2, STEPS = 1000000, OUTPUT = 4096 };

static const char program[] = ".ORIG x3000\n"
                              "T_GETC GETC\nHALT\n"
                              "T_OUT OUT\nHALT\n"
                              "T_PUTS PUTS\nHALT\n"
                              "T_IN IN\nHALT\n"
                              "T_PUTSP PUTSP\nHALT\n"
                              "T_HALT HALT\n"
                              ".END\n";

static const char *const labels[] = { "T_GETC", "T_OUT", "T_PUTS", "T_IN", "T_PUTSP", "T_HALT" };

// A call: where it begins, with which state.
typedef struct {
    int label;
    uint16_t R[8];
    uint16_t psr, ssp;
    uint16_t text[TEXT_WORDS];
    uint8_t keys[KEYS];
} Call;

// What anybody can see of it.
typedef struct {
    MachineEnd end;
    uint16_t R[8], pc, psr;
    uint16_t memory[0xFE00 - 0x3000];
    char output[OUTPUT];
    size_t output_len;
} Seen;

static void make_text(Call *c, uint64_t *random)
{
    int len = (int)(rig_random(random) % (TEXT_WORDS - 1));
    for (int i = 0; i < TEXT_WORDS; i++) {
        uint64_t r = rig_random(random);
        c->text[i] = r % 8 == 0 ? (uint16_t)(r >> 32)
                                : (uint16_t)(' ' + r % 90 + (r >> 8 & 1 ? (' ' + (r >> 16) % 90) << 8 : 0));
        if (r % 16 == 1)
            c->text[i] &= 0xFF00; // a zero byte below
    }
    c->text[len] = 0;
    c->text[TEXT_WORDS - 1] = 0;
}

static void make_call(Call *c, uint64_t *random)
{
    c->label = (int)(rig_random(random) % 6);
    for (int i = 0; i < 8; i++)
        c->R[i] = rig_word(random);
    if (c->label == 2 || c->label == 4) {
        make_text(c, random);
        c->R[0] = (uint16_t)(TEXT + rig_random(random) % 8);
        if (rig_random(random) % 32 == 0)
            c->R[0] = 0x0420; // the routines run in supervisor mode: they may read there
    }
    for (int i = 0; i < KEYS; i++)
        c->keys[i] = (uint8_t)rig_random(random);
    c->psr = (uint16_t)(0x8000 | (rig_random(random) & 7) << 8 | 1u << rig_random(random) % 3);
    c->ssp = (uint16_t)(0x2F00 + (rig_random(random) & 0xFF));
}

static void run_call(Rig *r, const Object *obj, const Call *c, Seen *seen)
{
    Machine *m = r->m;
    ScriptKey keys[KEYS];
    for (int i = 0; i < KEYS; i++)
        keys[i] = (ScriptKey){ m->s.instructions, c->keys[i] };
    r->input = (Input){ .file = -1, .is_script = true, .keys = keys, .key_count = KEYS };
    m->keyboard = (Keyboard){ 0 };
    off_t start = lseek(r->file, 0, SEEK_END);
    rig_restart(r, rig_label(obj, labels[c->label]));
    memcpy(m->s.R, c->R, sizeof c->R);
    memcpy(m->s.M + TEXT, c->text, sizeof c->text);
    m->s.PSR = c->psr;
    m->s.SSP = c->ssp;
    machine_run(m, STEPS);
    seen->end = m->end;
    memcpy(seen->R, m->s.R, sizeof seen->R);
    seen->pc = m->s.PC;
    seen->psr = m->s.PSR;
    memcpy(seen->memory, m->s.M + 0x3000, sizeof seen->memory);
    output_flush(&m->output, true);
    seen->output_len = (size_t)pread(r->file, seen->output, OUTPUT, start);
}

static bool is_same(const Seen *a, const Seen *b, bool has_codes)
{
    uint16_t mask = has_codes ? 0xFFFF : 0xFFF8;
    return a->end == b->end && !memcmp(a->R, b->R, sizeof a->R) && a->pc == b->pc &&
           (a->psr & mask) == (b->psr & mask) && !memcmp(a->memory, b->memory, sizeof a->memory) &&
           a->output_len == b->output_len && !memcmp(a->output, b->output, a->output_len);
}

static void show(const char *who, const Seen *s)
{
    printf("  %s: %s, pc x%04X, psr x%04X,", who, end_names[s->end], s->pc, s->psr);
    for (int i = 0; i < 8; i++)
        printf(" x%04X", s->R[i]);
    printf(", %zu bytes\n", s->output_len);
}

// In the 2nd edition a routine ends with loads and RET: condition codes are what
// they leave, and nobody may rely on them.
static int check_edition(const char *dialect, bool has_codes)
{
    static Seen native, code;
    Arena a = { 0 };
    Object obj;
    Rig with_native, with_code;
    int failures = 0;
    uint64_t random = 4711;
    rig_assemble(&obj, &a, "traps", program);
    rig_open(&with_native, &obj, &(RigOptions){ .dialect = dialect });
    rig_open(&with_code, &obj, &(RigOptions){ .dialect = dialect, .is_asm_os = true });
    uint64_t before = with_code.m->s.instructions;
    for (int n = 0; n < CASES && failures < 5; n++) {
        static Call call;
        make_call(&call, &random);
        run_call(&with_native, &obj, &call, &native);
        run_call(&with_code, &obj, &call, &code);
        if (is_same(&native, &code, has_codes) && native.end == END_HALT)
            continue;
        failures++;
        printf("%s, call %d, %s with R0 x%04X:\n", dialect, n, labels[call.label], call.R[0]);
        show("native", &native);
        show("code  ", &code);
    }
    // The one must have run routines, the other none.
    uint64_t long_way = with_code.m->s.instructions - before, short_way = with_native.m->s.instructions;
    if (short_way > 2 * CASES || long_way < 10 * CASES) {
        printf("%s: %llu and %llu instructions\n", dialect, (unsigned long long)short_way,
               (unsigned long long)long_way);
        failures++;
    }
    rig_close(&with_native);
    rig_close(&with_code);
    arena_free(&a);
    return failures;
}

int main(void)
{
    int failures = check_edition("ed3", true) + check_edition("ed2", false);
    printf("%d failures\n", failures);
    return failures != 0;
}
