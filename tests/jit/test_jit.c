// test_jit.c -- what the JIT must do in places that random programs seldom reach.
//
//     test_jit MODULE lc3-programs.txt
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stand.h"

static const char *module;
static int failures;

static void expect(bool fine, const char *claim)
{
    printf("%s  %s\n", fine ? "ok    " : "FAILED", claim);
    failures += !fine;
}

static Jit *open_jit(JitWay way, bool has_cache)
{
    Error err;
    Jit *jit = jit_open(&(JitOptions){ .way = way, .has_cache = has_cache, .module = module, .sample = 1 << 14 }, &err);
    if (!jit) {
        fprintf(stderr, "test_jit: %s\n", err.text);
        exit(2);
    }
    return jit;
}

static void attach(Stand *m, Jit *jit)
{
    const StandDialect *d = m->dialect;
    m->vm = jit_attach(jit, &(JitVmOptions){ .state = &m->s, .machine = d->jit, .interpret = d->engines[0].run });
}

static Stand *machine_with(const uint16_t *words, size_t count)
{
    Stand *m = stand_new(&stand_dialects[0]);
    memcpy(m->memory + 0x3000, words, count * sizeof *words);
    return m;
}

static Stop run_steps(Stand *m, uint64_t budget)
{
    while (budget--) {
        const int stop = m->dialect->step(&m->s);
        if (stop != LC3_GO_ON)
            return (Stop)stop;
    }
    return STOP_BUDGET;
}

static void sleep_ms(int ms)
{
    nanosleep(&(struct timespec){ 0, ms * 1000000L }, NULL);
}

// Runs the program in both ways, in slices, beside the step function.
static bool agrees(const uint16_t *words, size_t count, uint64_t instructions, uint64_t slice, JitCounts *counts)
{
    bool fine = true;
    for (int way = 0; way < 2; way++) {
        Jit *jit = open_jit((JitWay)way, false);
        Stand *m = machine_with(words, count), *plain = machine_with(words, count);
        char what[100];
        attach(m, jit);
        for (uint64_t done = 0; fine && done < instructions; done += slice) {
            const Stop stop = jit_run(m->vm, slice), want = run_steps(plain, slice);
            fine = stop == want && !stand_differs(m, plain, what, sizeof what);
            if (!fine)
                printf("        %s: stop %d and %d, %s\n", way == JIT_NOW ? "jit" : "auto", stop, want, what);
            if (want != STOP_BUDGET)
                break;
            if (way == JIT_AUTO && done < 20 * slice)
                sleep_ms(2);
        }
        if (counts)
            *counts = jit_counts(m->vm);
        jit_detach(m->vm);
        stand_free(m);
        stand_free(plain);
        jit_close(jit);
    }
    return fine;
}

#define AGREES(words, instructions, slice, counts) \
    agrees(words, sizeof(words) / sizeof *(words), instructions, slice, counts)

// --------------------------------------------------------- code that changes

static void stores_to_the_next_instruction(void)
{
    const uint16_t words[] = {
        0x2008, // x3000 LD  R0, x3009
        0x2208, //       LD  R1, x300A
        0x3004, //       ST  R0, x3007        the two take turns being the word
        0x1260, //       ADD R1, R1, #0       (R1 goes there in the next round)
        0x0000, //       NOP
        0x3201, //       ST  R1, x3007
        0x1DA1, //       ADD R6, R6, #1
        0x1FE1, // x3007 ADD R7, R7, #1       replaced right before it is reached
        0x0FF9, //       BR  x3002
        0x14A1, // x3009 ADD R2, R2, #1
        0x16E1, // x300A ADD R3, R3, #1
    };
    expect(AGREES(words, 200000, 5000, NULL), "a store to an instruction just ahead is seen");
    const uint16_t next[] = {
        0x2006, // x3000 LD  R0, x3007
        0x2206, //       LD  R1, x3008
        0x3001, // x3002 ST  R0, x3004
        0x1000, //       ADD R0, R0, R0
        0x0000, // x3004 replaced by what R0 says
        0x927F, //       NOT R1, R1
        0x0FFB, //       BR  x3002
        0x14A1, 0x16E1,
    };
    expect(AGREES(next, 200000, 5000, NULL), "a store to the next instruction but one is seen");
    const uint16_t very_next[] = {
        0x2005, // x3000 LD  R0, x3006
        0x3000, // x3001 ST  R0, x3002
        0x1DA1, // x3002 ADD R6, R6, #1, then ADD R2, R2, #1
        0x1021, //       ADD R0, R0, #1
        0x0FFC, //       BR  x3001
        0x0000,
        0x14A1, // ADD R2, R2, #1
    };
    expect(AGREES(very_next, 200000, 5000, NULL), "a store to the very next instruction is seen");
}

static void stores_to_its_own_loop_head(void)
{
    const uint16_t words[] = {
        0x2007, // x3000 LD  R0, x3008
        0x1261, // x3001 ADD R1, R1, #1       the head; becomes ADD R1, R1, #2 and so on
        0x14A1, //       ADD R2, R2, #1
        0x54AF, //       AND R2, R2, #15
        0x0BFC, //       BRnp x3001
        0x1021, //       ADD R0, R0, #1       a word further
        0x31FA, //       ST  R0, x3001
        0x0FF9, //       BR  x3001
        0x1261,
    };
    expect(AGREES(words, 300000, 3000, NULL), "a store to the own loop head is seen");
}

static void stores_to_a_word_of_two_regions(void)
{
    // A subroutine called from two loops that lie too far apart for one of them to see the
    // other; the second changes what both call.
    static uint16_t words[0x400];
    words[0x000] = 0x5020; // x3000 AND R0, R0, #0
    words[0x001] = 0x4A7E; //       JSR x3280 by offset, set below
    words[0x001] = 0x4800 | 0x3E; // JSR x3040
    words[0x002] = 0x1021; //       ADD R0, R0, #1
    words[0x003] = 0x502F & 0xF03F; // AND R0, R0, #15
    words[0x004] = 0x0BFC; //       BRnp x3001
    words[0x005] = 0x1B61; //       ADD R5, R5, #1
    words[0x006] = 0x4839; //       JSR x3040
    words[0x007] = 0x2407; //       LD  R2, x300F
    words[0x008] = 0x14A1; //       ADD R2, R2, #1
    words[0x009] = 0x3405; //       ST  R2, x300F
    words[0x00A] = 0x54A7; //       AND R2, R2, #7
    words[0x00B] = 0x0BF4; //       BRnp x3000
    words[0x00C] = 0x2403; //       LD  R2, x3010
    words[0x00D] = 0x3432; //       ST  R2, x3040
    words[0x00E] = 0x0FF1; //       BR  x3000
    words[0x00F] = 0x0000;
    words[0x010] = 0x12A1; //       ADD R1, R2, #1
    words[0x040] = 0x1261; // x3040 ADD R1, R1, #1
    words[0x041] = 0xC1C0; //       RET
    expect(AGREES(words, 300000, 3000, NULL), "a store to a word of two regions is seen by both");
}

static void rewrites_itself_for_ever(void)
{
    const uint16_t words[] = {
        0x2006, // x3000 LD  R0, x3007
        0x1021, // x3001 ADD R0, R0, #1       in every round another word ...
        0x503F, //       AND R0, R0, #-1
        0x3000, //       ST  R0, x3004        ... goes here
        0x1261, // x3004
        0x1B61, //       ADD R5, R5, #1
        0x0FFA, //       BR  x3001
        0x1260,
    };
    JitCounts counts;
    const bool fine = AGREES(words, 2000000, 100000, &counts);
    expect(fine, "a program that rewrites itself in a loop runs right");
    expect(counts.regions <= 40, "and is not compiled again and again");
}

// The word changes while the region waits for the compiler.
static void changes_while_being_compiled(void)
{
    const uint16_t words[] = {
        0x1261, // x3000 ADD R1, R1, #1
        0x14A1, //       ADD R2, R2, #1
        0x0FFD, //       BR  x3000
    };
    bool fine = true;
    for (int delay = 0; delay < 6 && fine; delay++) {
        Jit *jit = open_jit(JIT_AUTO, false);
        Stand *m = machine_with(words, 3), *plain = machine_with(words, 3);
        char what[100];
        attach(m, jit);
        for (int i = 0; i < 40 && fine; i++) {
            if (i == 8 + delay) { // hot by now, and asked for
                m->memory[0x3001] = plain->memory[0x3001] = 0x16E1;
                if (m->code[0x3001])
                    lc3_code_changed(&m->s, 0x3001);
            }
            fine = jit_run(m->vm, 20000) == run_steps(plain, 20000) && !stand_differs(m, plain, what, sizeof what);
            sleep_ms(i < 8 ? 0 : 3);
        }
        for (int i = 0; fine && i < 12000 && !delay && !jit_counts(m->vm).native; i++, sleep_ms(5)) // a busy machine
            fine = jit_run(m->vm, 20000) == run_steps(plain, 20000) && !stand_differs(m, plain, what, sizeof what);
        fine &= delay > 0 || jit_counts(m->vm).native > 0;
        jit_detach(m->vm);
        stand_free(m);
        stand_free(plain);
        jit_close(jit);
    }
    expect(fine, "a word that changes while it is being compiled is never run as it was");
}

// -------------------------------------------------------- stopping in time

static void stops_after_every_budget(void)
{
    const uint16_t words[] = {
        0x1261, // x3000 ADD R1, R1, #1
        0x5467, //       AND R2, R1, #7
        0x0401, //       BRz x3004
        0x16E1, //       ADD R3, R3, #1
        0x7040, // x3004 STR R0, R1, #0
        0x0FFA, //       BR  x3000
    };
    bool fine = true;
    for (uint64_t slice = 1; slice < 80 && fine; slice++)
        fine = AGREES(words, 40 * slice, slice, NULL);
    expect(fine, "every budget ends where it should");
}

// The rounds of the inner loop are sixteen, whatever the registers hold.
static void counts_known_rounds(void)
{
    const uint16_t words[] = {
        0x56E0, // x3000 AND R3, R3, #0
        0x16E1, //       ADD R3, R3, #1
        0x12E0, //       ADD R1, R3, #0
        0x14BF, //       ADD R2, R2, #-1: all bits set, the longest way
        0x5083, // x3004 AND R0, R2, R3
        0x0401, //       BRz x3007
        0x1D81, //       ADD R6, R6, R1
        0x1241, // x3007 ADD R1, R1, R1
        0x16C3, //       ADD R3, R3, R3
        0x0BFA, //       BRnp x3004
        0x7D00, //       STR R6, R4, #0
        0x1921, //       ADD R4, R4, #1
        0x0FF3, //       BR  x3000
    };
    bool fine = true;
    for (uint64_t slice = 1; slice < 260 && fine; slice += slice < 130 ? 1 : 13)
        fine = AGREES(words, 40 * slice, slice, NULL);
    expect(fine, "a loop that always goes the same rounds ends with every budget where it should");
}

static void interrupts_a_tight_loop(void)
{
    const uint16_t words[] = { 0x0FFF }; // x3000 BR x3000
    Jit *jit = open_jit(JIT_NOW, false);
    Stand *m = machine_with(words, 1);
    m->memory[0x180] = 0x0400;
    m->memory[0x400] = 0x1021; // ADD R0, R0, #1
    m->memory[0x401] = 0x8000; // RTI
    attach(m, jit);
    bool fine = true;
    for (int i = 0; i < 50; i++) {
        fine &= jit_run(m->vm, 10000) == STOP_BUDGET;
        m->dialect->interrupt(&m->s, LC3_EXC_KBD);
    }
    fine &= jit_run(m->vm, 10) == STOP_BUDGET;
    expect(fine && m->s.R[0] == 50 && m->s.PC == 0x3000, "interrupts reach a tight loop");
    expect(jit_counts(m->vm).native > 450000, "which is native code");
    jit_detach(m->vm);
    stand_free(m);
    jit_close(jit);
}

// -------------------------------------------------------- sharing and caching

static const uint16_t counting[] = {
    0x1261, // x3000 ADD R1, R1, #1
    0x14A2, //       ADD R2, R2, #2
    0x1681, //       ADD R3, R2, R1
    0x0FFC, //       BR  x3000
};

static CodeCounts run_counting(Jit *jit, int machines)
{
    Stand *m[4];
    for (int i = 0; i < machines; i++) {
        m[i] = machine_with(counting, 4);
        attach(m[i], jit);
        jit_run(m[i]->vm, 100000);
    }
    const CodeCounts counts = jit_counts(m[0]->vm).code;
    for (int i = 0; i < machines; i++) {
        jit_detach(m[i]->vm);
        stand_free(m[i]);
    }
    return counts;
}

static void shares_regions(void)
{
    Jit *jit = open_jit(JIT_NOW, false);
    expect(run_counting(jit, 4).compiled == 1, "machines that run the same words share their code");
    jit_close(jit);
}

static CodeCounts run_cached(void)
{
    Jit *jit = open_jit(JIT_NOW, true);
    const CodeCounts counts = run_counting(jit, 1);
    jit_close(jit);
    return counts;
}

// Calls `change` on every file of the cache; returns how many there are.
static int each_file(const char *folder, void (*change)(const char *path))
{
    char path[600];
    int count = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        count++;
        if (change)
            change(path);
    }
    if (d)
        closedir(d);
    return count;
}

static void damage(const char *path)
{
    FILE *f = fopen(path, "r+");
    fseek(f, -100, SEEK_END);
    const int c = fgetc(f);
    fseek(f, -1, SEEK_CUR);
    fputc(c ^ 0x40, f);
    fclose(f);
}

static void shorten(const char *path)
{
    if (truncate(path, 5000))
        perror(path);
}

static void discard(const char *path)
{
    unlink(path);
}

static void keeps_compiled_code(void)
{
    char folder[] = "/tmp/test_jit_XXXXXX", files[64];
    if (!mkdtemp(folder))
        return;
    setenv("XDG_CACHE_HOME", folder, 1);
    snprintf(files, sizeof files, "%s/lc3", folder);
    CodeCounts c = run_cached();
    expect(c.compiled == 1 && c.cached == 0 && each_file(files, NULL) == 1, "compiled code is kept");
    c = run_cached();
    expect(c.compiled == 0 && c.cached == 1 && c.open_ns == 0, "and found again, without LLVM");
    each_file(files, damage);
    c = run_cached();
    expect(c.compiled == 1 && c.failed == 0, "a damaged file is compiled anew");
    c = run_cached();
    expect(c.cached == 1, "and replaced");
    each_file(files, shorten);
    c = run_cached();
    expect(c.compiled == 1 && c.failed == 0, "so is one that is too short");
    JitCache cache;
    cache_open(&cache);
    cache_trim(&cache, 0);
    expect(each_file(files, NULL) == 0, "the cache can be cut to size");
    each_file(files, discard);
    rmdir(files);
    rmdir(folder);
    unsetenv("XDG_CACHE_HOME");
}

static const uint16_t counting_later[] = {
    0x5260, // x3000 AND R1, R1, #0
    0x1261, // x3001 ADD R1, R1, #1
    0x14A2, //       ADD R2, R2, #2
    0x0FFD, //       BR  x3001
};

static JitCounts run_later(JitWay way)
{
    Jit *jit = open_jit(way, true);
    Stand *m = machine_with(counting_later, 4);
    attach(m, jit);
    if (way == JIT_NOW)
        jit_prepare(m->vm);
    jit_run(m->vm, 1000000);
    const JitCounts counts = jit_counts(m->vm);
    jit_detach(m->vm);
    stand_free(m);
    jit_close(jit);
    return counts;
}

static void finds_what_was_compiled_at_once(void)
{
    char folder[] = "/tmp/test_jit_XXXXXX", files[64];
    if (!mkdtemp(folder))
        return;
    setenv("XDG_CACHE_HOME", folder, 1);
    snprintf(files, sizeof files, "%s/lc3", folder);
    JitCounts c = run_later(JIT_NOW);
    expect(c.code.compiled == 1, "code is made from where a program begins");
    c = run_later(JIT_AUTO);
    expect(c.code.compiled == 0 && c.code.cached == 1 && c.native > 500000, "and found when a loop inside gets hot");
    each_file(files, discard);
    rmdir(files);
    rmdir(folder);
    unsetenv("XDG_CACHE_HOME");
}

static void lives_without_the_module(void)
{
    Error err = { "" };
    Jit *jit = jit_open(&(JitOptions){ .way = JIT_NOW, .module = "/nowhere/lc3jit.so" }, &err);
    expect(!jit && strstr(err.text, "not built in"), "without its module the JIT says so");
    jit = jit_open(&(JitOptions){ .way = JIT_AUTO, .module = "/nowhere/lc3jit.so" }, &err);
    Stand *m = machine_with(counting, 4);
    attach(m, jit);
    const bool fine = jit_run(m->vm, 1000000) == STOP_BUDGET && m->s.R[1] == (uint16_t)250000;
    expect(fine && jit_counts(m->vm).native == 0, "and auto interprets");
    jit_detach(m->vm);
    stand_free(m);
    jit_close(jit);
}

// ------------------------------------------------------------------- vectors

static bool read_vector(FILE *in, uint16_t *memory)
{
    static char line[1 << 16];
    if (!fgets(line, sizeof line, in))
        return false;
    char *at = line;
    strtoul(at, &at, 10);
    strtoul(at, &at, 10);
    memset(memory, 0, 65536 * sizeof *memory);
    for (uint16_t address = 0x3000;; address++) {
        char *end;
        const unsigned long word = strtoul(at, &end, 16);
        if (end == at)
            return true;
        memory[address] = (uint16_t)word;
        at = end;
    }
}

// The programs with known ends, which the step function is proved on elsewhere.
static void runs_the_vectors(const char *path)
{
    FILE *in = fopen(path, "r");
    Jit *jit = open_jit(JIT_NOW, false);
    Stand *m = stand_new(&stand_dialects[0]), *plain = stand_new(&stand_dialects[0]);
    Stand *fresh = stand_new(&stand_dialects[0]);
    int programs = 0, good = 0;
    for (; in && read_vector(in, fresh->memory); programs++) {
        char what[100];
        stand_copy(m, fresh);
        stand_copy(plain, fresh);
        attach(m, jit);
        jit_prepare(m->vm);
        Stop stop, want;
        do {
            const uint64_t budget = programs % 2 ? 100000 : 333;
            stop = jit_run(m->vm, budget);
            want = run_steps(plain, budget);
        } while (want == STOP_BUDGET && stop == want && plain->s.instructions < 1000000);
        const bool fine = stop == want && !stand_differs(m, plain, what, sizeof what);
        if (!fine)
            printf("        program %d: stop %d and %d, %s\n", programs, stop, want, what);
        good += fine;
        jit_detach(m->vm);
    }
    printf("        %d of %d programs\n", good, programs);
    expect(programs > 0 && good == programs, "programs with known ends have them");
    stand_free(m);
    stand_free(plain);
    stand_free(fresh);
    jit_close(jit);
    if (in)
        fclose(in);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: test_jit MODULE PROGRAMS\n");
        return 2;
    }
    module = argv[1];
    stores_to_the_next_instruction();
    stores_to_its_own_loop_head();
    stores_to_a_word_of_two_regions();
    rewrites_itself_for_ever();
    changes_while_being_compiled();
    stops_after_every_budget();
    counts_known_rounds();
    interrupts_a_tight_loop();
    shares_regions();
    keeps_compiled_code();
    finds_what_was_compiled_at_once();
    lives_without_the_module();
    runs_the_vectors(argv[2]);
    return failures ? 1 : 0;
}
