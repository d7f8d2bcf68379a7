// machine.h -- one virtual machine: state, memory, devices, ports.
//
// A Machine begins with the state that generated code works on, so that the
// pointer a device or host function gets is the machine's.  It is one piece of
// address space, of which only the touched pages exist; its memory starts as a
// private view of an Image, so machines that run the same program share every
// page that none of them has written.
//
// machine_run lets an engine run and does what has to be done between
// instructions: device time, interrupts, limits.  It never waits and never
// prints; what it reports is in `end`, `wait` and the fault.
#ifndef RUNTIME_MACHINE_H
#define RUNTIME_MACHINE_H

#include <stdalign.h>

#include "console.h"
#include "histogram.h"
#include "isa.h"
#include "lc3_state.h"
#include "link.h"
#include "metrics.h"
#include "object.h"
#include "ring.h"

enum {
    MEMORY_WORDS = 65536,
    DEVICE_FIRST = 0xFE00,  // of the device registers
    USER_FIRST = 0x3000,
    VECTORS_END = 0x0200,   // of traps, exceptions and interrupts
    PSR_USER = 0x8000,
    CROWD = 256,            // more machines than this share caches, so they are kept small
    USER_COUNTERS = 256,
    USER_HISTOGRAMS = 16,
    PROMPT_LENGTH = 20,     // of IN
};

// ------------------------------------------------------------------- image

// What a program's memory looks like before its first instruction.
typedef struct {
    const char *name;      // of the program
    const IsaTable *isa;   // what its words mean
    const Object *program; // for labels in reports
    const Object *os;      // or NULL
    uint16_t *words;       // the initial memory
    uint8_t *code;         // the initial flags: CODE_WATCHED on the system's own words
    int file;              // both of them, for private views
    uint16_t start;
    bool is_user; // starts in user mode
    bool has_intact_os;      // no word of a system routine differs in `words`
    uint16_t os_first, os_last; // routines of the system; first > last without
    uint16_t fault_vector, fault_at; // where the system leaves word of a fault; 0: nowhere
    uint16_t stock[VECTORS_END]; // the system's vectors; zero without
    bool is_relay[256];       // the stock routine of this trap is that very trap: native for ever
} Image;

// Lays out memory: the system, then the program over it.  `seed` other than 0
// fills user memory with random words first.
bool image_open(Image *image, const Object *program, const Object *os, uint64_t seed, Error *err);
// The same for a machine whose words mean something else than lc3_isa says.
bool image_open_for(Image *image, const IsaTable *isa, const Object *program, const Object *os, uint64_t seed,
                    Error *err);
void image_close(Image *image);

// ----------------------------------------------------------------- dialect

// The functions that lc3gen writes once per dialect.
typedef struct {
    const char *name;
    const Lc3Engine *engines; // the default first
    const int *engine_count;
    int (*guard)(const Lc3State *s, uint16_t address);
    Stop (*raise)(Lc3State *s, int exception, uint16_t at);
    void (*interrupt)(Lc3State *s, int exception);
    void (*forget)(Lc3State *s, uint16_t address);
    Stop (*run_hooked)(Lc3State *s, uint64_t budget);
    const IsaTable *isa;
} Dialect;

extern const Dialect dialects[]; // the default first; ends with a NULL name
const Dialect *dialect_find(const char *name); // NULL name: the default

// ----------------------------------------------------------------- machine

typedef struct Machine Machine;

typedef struct {
    Ring *ring;
    LinkEnd *far;      // who has the other side of the ring
    const char *other; // what it is called in reports
    uint64_t settled;  // position up to which the other side was told (scheduler)
    uint64_t before;   // words that went through before this process, up to its checkpoint
} Port;

typedef enum { WAIT_NONE, WAIT_WORD, WAIT_SPACE, WAIT_KEY, WAIT_FRAME } WaitKind;

typedef struct {
    WaitKind kind;
    uint32_t port;
    uint32_t need; // words of space
} Wait;

typedef enum { END_NONE, END_HALT, END_FAULT, END_LIMIT, END_CLOSED, END_BLOCKED } MachineEnd;
extern const char *const end_names[]; // as the dump and the statistics call them

typedef struct {
    bool is_ready, is_enabled;
    uint8_t key;
    uint32_t idle_polls;  // polls of the status in close succession after the input's end
    uint64_t last_poll;
} Keyboard;

typedef struct {
    bool is_ready, is_enabled, is_pending;
    uint16_t period; // 0: off
    uint64_t next;   // count at which it is ready again
} Timer;

// What -Wuninit and reports of the last branches keep; see watch.h.
typedef struct Watch Watch;

struct Machine {
    alignas(RING_LINE) Lc3State s; // first: Machine and Lc3State are one pointer
    const Dialect *dialect;
    Stop (*run)(Lc3State *s, uint64_t budget);
    const char *engine; // name, for statistics
    uint64_t instruction_limit;
    uint64_t event; // count at which devices want to be asked again

    // Ports, in the order of the links' declaration.
    Port *out, *in;
    uint32_t out_count, in_count;
    uint32_t partial; // words of an unfinished SENDN that are already in the ring
    uint32_t prompted; // characters of the prompt of an unfinished IN
    bool waits_inside; // alone on its worker: hosts may wait for keys themselves
    uint32_t tries;   // TRYs in a row that moved nothing
    uint64_t keys_before; // keys that were read before a checkpoint this run goes on from

    Wait wait;        // why machine_run returned RUN_WAIT
    MachineEnd end;   // why it returned RUN_ENDED
    MachineEnd ending; // a device or host asked for this end after the instruction
    bool is_halting;   // a system routine stopped the clock; it still returns to its caller
    bool has_native;   // --os=native
    bool has_changed_os; // a word of a system routine was stored to
    bool is_yielding; // a host asked to let others run

    // Scheduler.
    _Atomic uint32_t schedule; // VM_..., see scheduler.c
    LinkEnd link;              // as the far end of other machines' ports
    uint64_t pause_at;         // number of instructions after which everybody pauses
    uint32_t number;
    Machine *next;

    Keyboard keyboard;
    Timer timer;
    uint16_t control; // MCR
    Input *input;     // or NULL: no console input
    Output output;
    struct NicPort *nic; // its queue of a network card (nic.h), or NULL
    char fault_text[96]; // of a FAULT_HOST

    const Image *image;
    const char *name; // of --name, or NULL
    Watch *watch;     // or NULL
    struct MachineProfile *profile; // or NULL
    struct JitVm *jit; // its native code (jit.h), or NULL

    uint32_t looks; // at a ring without a word, before others are given the worker

    // Statistics; written by the worker that runs the machine.
    uint64_t spins, waits;
    uint64_t slices;
    uint64_t counters_used; // one above the highest
    uint64_t observed_used;

    MetricExemplar slowest; // of `slice`, and the number of instructions after it

    // What is large and seldom touched stands apart, so that thousands of machines
    // that take turns stand close together.
    Histogram *slice;   // ticks of stretches of SLICE_SAMPLE instructions
    Histogram *latency; // ticks from publish to receipt, over all in ports
    uint64_t *counters; // USER_COUNTERS
    Histogram *observed; // USER_HISTOGRAMS
    uint16_t *scratch;  // MEMORY_WORDS, for blocks that wrap or touch devices
};

typedef struct {
    const Dialect *dialect;
    const Lc3Engine *engine;
    bool has_native; // false: TRAP routines of the system run as LC-3 code
    uint64_t max_instructions; // 0: none
    uint64_t max_output;       // 0: none
} MachineOptions;

// Makes `count` machines in one mapping; each starts as its image says.
bool machines_open(Machine ***machines, uint32_t count, Image *const *images, const MachineOptions *options,
                   Error *err);

// Touches what the first turns of each are going to need: thousands of first turns would
// otherwise be page faults.
void machines_prefault(Machine **machines, uint32_t count);
void machines_close(Machine **machines, uint32_t count);

typedef enum {
    RUN_BUDGET, // all of the budget was executed
    RUN_WAIT,   // `wait` says for what; try again when that has come
    RUN_YIELD,  // nothing to do right now; others first
    RUN_ENDED,  // `end` says how
} Run;

// Runs at most `budget` instructions; exactly so many when it says RUN_BUDGET.
Run machine_run(Machine *m, uint64_t budget);

// Ends the machine from outside.
void machine_end(Machine *m, MachineEnd end);

// After memory was changed from outside: which native bodies may run, and which exceptions
// nobody handles, follows from what stands there.
void machine_find_natives(Machine *m);

// Messages that went through a machine's ports.
uint64_t machine_sent(const Machine *m);
uint64_t machine_received(const Machine *m);

static inline Machine *machine_of(Lc3State *s)
{
    return (Machine *)s;
}

// ---------------------------------------------------- for devices and hosts

// Records a fault of the runtime's own and returns HOST_FAULT.
HostStatus machine_fault(Machine *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Stops the engine after this instruction.
void machine_ask(Machine *m, MachineEnd ending);

// Checks `count` words at `address` as loads and stores would: HOST_DONE, or
// HOST_RAISE with the exception set.
HostStatus machine_check(Machine *m, uint16_t address, uint32_t count);

// Reads or writes a checked word or block; addresses wrap, devices answer.
uint16_t machine_load(Machine *m, uint16_t address);
void machine_store(Machine *m, uint16_t address, uint16_t value);
// The words of a checked block in one piece, in memory or in `scratch`.
const uint16_t *machine_block(Machine *m, uint16_t address, uint32_t count);
// A place for `count` words; machine_fill then makes them those of the block.
uint16_t *machine_room(Machine *m, uint16_t address, uint32_t count);
void machine_fill(Machine *m, uint16_t address, uint32_t count);

// Whether a flag is set on any word of a block that lies below the devices: whoever
// stores there has to tell (machine_fill does).  Code among data is rare, so this
// looks at 16 flags a time, at the last ones together with some before them.
static inline bool machine_has_code(const Machine *m, uint16_t address, uint32_t count)
{
    typedef uint64_t Flags __attribute__((vector_size(16), aligned(1), may_alias));
    enum { STEP = sizeof(Flags) };
    const uint8_t *code = m->s.code + address;
    if (count < STEP) {
        uint8_t any = 0;
        while (count)
            any |= code[--count];
        return any;
    }
    Flags any = *(const Flags *)(code + count - STEP);
    for (uint32_t i = 0; i + STEP <= count; i += STEP)
        any |= *(const Flags *)(code + i);
    return any[0] | any[1];
}

#endif
