// Bytes as a feed for the parsers of examples/nic: frames, each behind its length in
// two bytes.  The first byte says whose.  No program leaves its own memory, faults, or
// goes on for ever.
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "cards.h"
#include "fuzz.h"
#include "network.h"
#include "nic_link.h"
#include "os.h"

enum { MACHINES_MAX = 3, LIMIT = 4000000, SLICE = 20000 };

// Who reads the feed, and who takes what the readers send.
static const struct {
    const char *programs[MACHINES_MAX];
    unsigned count, readers;
} feeds[] = {
    { { "count.asm" }, 1, 1 },
    { { "iex.asm" }, 1, 1 },
    { { "itch.asm" }, 1, 1 },
    { { "quotes.asm", "book.asm" }, 2, 1 },
    { { "line.asm", "line.asm", "arbiter.asm" }, 3, 2 },
};
enum { FEEDS = sizeof feeds / sizeof *feeds };

static Arena program_arena;
static Image images[FEEDS][MACHINES_MAX];

static void load(Image *image, const Object *os, const char *name)
{
    const AssembleOptions options = { .is_unchecked = true, .library = FUZZ_ROOT "/stdlib" };
    Object *obj = arena_new(&program_arena, Object);
    Diag diag = { .arena = &program_arena };
    Error err = { "" };
    const char *path = arena_format(&program_arena, FUZZ_ROOT "/examples/nic/%s", name);
    fuzz_check(assemble_file(obj, &program_arena, path, &options, &diag, &err), path);
    obj->name = path;
    fuzz_check(image_open(image, obj, os, 0, &err), err.text);
}

static void start(void)
{
    static Object os;
    Error err = { "" };
    fuzz_check(os_read(&os, &program_arena, dialects[0].name, &err), err.text);
    for (int f = 0; f < FEEDS; f++)
        for (unsigned i = 0; i < feeds[f].count; i++)
            load(&images[f][i], &os, feeds[f].programs[i]);
}

static void read_frames(FrameTable *t, FuzzInput *in)
{
    Error err;
    while (in->left > 2) {
        const uint16_t length = fuzz_word(in);
        const uint32_t held = length < in->left ? length : (uint32_t)in->left;
        fuzz_check(frames_add(t, 1, 0, in->at, held, length, &err), "memory for a frame");
        in->at += held;
        in->left -= held;
    }
}

static void end_ports(Machine *m)
{
    for (uint32_t i = 0; i < m->out_count; i++)
        ring_close_writer(m->out[i].ring);
    for (uint32_t i = 0; i < m->in_count; i++)
        ring_close_reader(m->in[i].ring);
}

// In turns, as one worker would.
static void run(Machine **machines, unsigned count)
{
    for (unsigned left = count; left;) {
        for (unsigned i = 0; i < count; i++) {
            if (machines[i]->end != END_NONE)
                continue;
            const Run result = machine_run(machines[i], SLICE);
            for (uint32_t k = 0; k < machines[i]->in_count; k++)
                ring_flush_reader(machines[i]->in[k].ring);
            if (result != RUN_ENDED)
                continue;
            fuzz_check(machines[i]->end == END_HALT, "the parser halts");
            end_ports(machines[i]);
            left--;
        }
    }
}

static void give_cards(NicPort *ports, Nic *nic, Machine **machines, unsigned readers)
{
    for (unsigned i = 0; i < readers; i++) {
        ports[i] = (NicPort){ .nic = nic };
        nic_queue_init(&ports[i].queue, nic->table.frames, (uint32_t)nic->table.count, nic->table.bytes, 1,
                       false, 64, NULL);
        nic_queue_start(&ports[i].queue, 0, (TicksQ32)1 << 32);
        machines[i]->nic = &ports[i];
        cards_open_region(&ports[i], machines[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size)
        return 0;
    if (!images[0][0].words)
        start();
    FuzzInput in = { bytes, size };
    const unsigned feed = fuzz_byte(&in) % FEEDS, count = feeds[feed].count;
    Arena arena = { 0 };
    Error err = { "" };
    Nic nic = { 0 };
    NicPort ports[MACHINES_MAX];
    Image *image_of[MACHINES_MAX];
    Machine **machines;
    const char *names[MACHINES_MAX] = { NULL };
    Network network = { .arena = &arena, .machine_count = count, .names = names };
    RingMemory rings = { 0 };
    const MachineOptions options = { .dialect = &dialects[0],
                                     .engine = &dialects[0].engines[0],
                                     .has_native = true,
                                     .max_instructions = LIMIT };
    for (unsigned i = 0; i < count; i++)
        image_of[i] = &images[feed][i];
    read_frames(&nic.table, &in);
    fuzz_check(machines_open(&machines, count, image_of, &options, &err), err.text);
    for (unsigned i = 0; i + 1 < count; i++)
        fuzz_check(network_add(&network, i ? "1:2" : count == 2 ? "0:1" : "0:2", &err), err.text);
    network_complete(&network);
    fuzz_check(network_open(&network, machines, 0, &rings, &err), err.text);
    for (unsigned i = 0; i < count; i++)
        machines[i]->output.file = -1;
    give_cards(ports, &nic, machines, feeds[feed].readers);
    run(machines, count);
    machines_close(machines, count);
    network_close(&rings);
    frames_free(&nic.table);
    arena_free(&arena);
    return 0;
}
