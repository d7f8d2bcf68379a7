// Bytes as damage to a checkpoint of two machines that talk.  Any other file than the one that
// was saved is refused, unless its checksum was made right: then it is refused, or the run goes
// on from it, reports, and is saved again.  The first byte says what the rest is:
//     't'  a length to which the file is cut (two bytes), then bytes that follow
//     'p'  pieces: an offset of two bytes and the byte that stands there then
//     'T', 'P'  the same, with the checksum made right
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assemble.h"
#include "checkpoint.h"
#include "fuzz.h"
#include "nats_wire.h"
#include "os.h"
#include "report.h"

enum { MACHINES = 2, ROOM = 1 << 17, SLICE = 200, TURNS_SAVED = 6, TURNS_AFTER = 10 };

static Arena arena; // of what lives as long as the process
static Image images[MACHINES];
static char folder[] = "/dev/shm/lc3-fuzz-XXXXXX", path[sizeof folder + 16];
static uint8_t good[ROOM], bad[ROOM];
static size_t good_size;

// A run from its start, as lc3run has it before it looks for a checkpoint.
typedef struct {
    Machine **machines;
    Arena arena;
    Network network;
    RingMemory rings;
    Checkpoint checkpoint;
} Session;

static bool open_session(Session *s, Error *err)
{
    static const char *const names[MACHINES];
    Image *const programs[MACHINES] = { &images[0], &images[1] };
    const MachineOptions options = { .dialect = &dialects[0],
                                     .engine = &dialects[0].engines[0],
                                     .has_native = true };
    *s = (Session){ .network = { .machine_count = MACHINES, .names = names } };
    s->network.arena = &s->arena;
    fuzz_check(machines_open(&s->machines, MACHINES, programs, &options, err), err->text);
    fuzz_check(network_add(&s->network, "0:1,cap=16", err), err->text);
    network_complete(&s->network);
    fuzz_check(network_open(&s->network, s->machines, 0, &s->rings, err), err->text);
    for (int i = 0; i < MACHINES; i++)
        s->machines[i]->output.file = -1;
    fuzz_check(checkpoint_parse(&s->checkpoint, &s->arena, folder, err), err->text);
    return checkpoint_open(&s->checkpoint, &s->network, s->machines, MACHINES, "", err);
}

static void close_session(Session *s)
{
    checkpoint_close(&s->checkpoint);
    machines_close(s->machines, MACHINES);
    network_close(&s->rings);
    arena_free(&s->arena);
}

static void close_ports(Machine *m)
{
    for (uint32_t i = 0; i < m->out_count; i++)
        ring_close_writer(m->out[i].ring);
    for (uint32_t i = 0; i < m->in_count; i++)
        ring_close_reader(m->in[i].ring);
}

// In turns, as one worker would; a turn more for one than for the other leaves words in the ring.
static void run(Session *s, int turns)
{
    for (int turn = 0; turn < turns; turn++) {
        Machine *m = s->machines[turn % MACHINES];
        if (m->end != END_NONE)
            continue;
        if (machine_run(m, SLICE) == RUN_ENDED)
            close_ports(m);
        else
            for (uint32_t i = 0; i < m->in_count; i++)
                ring_flush_reader(m->in[i].ring);
    }
}

static void report(const Session *s)
{
    const ScheduleResult result = { 0 };
    const Report r = { s->machines, MACHINES, &result, &(Cards){ 0 }, &(Remotes){ 0 } };
    Writer w = { 0 };
    report_stops(&w, &r);
    report_dump(&w, &r);
    stats_write_json(&w, &r);
    writer_free(&w);
}

static void load(int number, const Object *os, const char *file)
{
    const AssembleOptions options = { .is_unchecked = true, .library = FUZZ_ROOT "/stdlib" };
    Object *obj = arena_new(&arena, Object);
    Diag diag = { .arena = &arena };
    Error err = { "" };
    fuzz_check(assemble_file(obj, &arena, file, &options, &diag, &err), file);
    obj->name = file;
    fuzz_check(image_open(&images[number], obj, os, 0, &err), err.text);
}

static void remove_folder(void)
{
    unlink(path);
    rmdir(folder);
}

static void start(void)
{
    static Object os;
    Error err = { "" };
    fuzz_check(mkdtemp(folder), "a folder");
    snprintf(path, sizeof path, "%s/checkpoint", folder);
    atexit(remove_folder);
    fuzz_check(os_read(&os, &arena, dialects[0].name, &err), err.text);
    load(0, &os, FUZZ_ROOT "/tests/fuzz/checkpoint_out.asm");
    load(1, &os, FUZZ_ROOT "/tests/fuzz/checkpoint_in.asm");
    Session s;
    fuzz_check(open_session(&s, &err), err.text);
    run(&s, TURNS_SAVED);
    fuzz_check(checkpoint_save(&s.checkpoint, &(Remotes){ 0 }, &err), err.text);
    close_session(&s);
    FILE *in = fopen(path, "rb");
    fuzz_check(in, "a file is saved");
    good_size = fread(good, 1, ROOM, in);
    fclose(in);
    fuzz_check(good_size > sizeof(uint64_t) && good_size < ROOM / 2, "of some size");
}

static size_t damage(FuzzInput *in)
{
    const uint8_t kind = fuzz_byte(in);
    size_t size = good_size;
    memcpy(bad, good, good_size);
    if (kind == 't' || kind == 'T') {
        const size_t kept = fuzz_word(in) % (good_size + 1);
        size = kept + (in->left < ROOM - kept ? in->left : ROOM - kept);
        memcpy(bad + kept, in->at, size - kept);
    } else {
        while (in->left) {
            const size_t at = fuzz_word(in) % good_size;
            bad[at] = fuzz_byte(in);
        }
    }
    if ((kind == 'T' || kind == 'P') && size >= sizeof(uint64_t)) {
        const uint64_t sum = wire_hash(WIRE_HASH_START, bad, size - sizeof sum);
        memcpy(bad + size - sizeof sum, &sum, sizeof sum);
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!good_size)
        start();
    FuzzInput in = { bytes, size };
    const bool is_forged = size && (bytes[0] == 'T' || bytes[0] == 'P');
    const size_t length = damage(&in);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_check(file >= 0 && write(file, bad, length) == (ssize_t)length, "the file is replaced");
    close(file);
    Session s;
    Error err = { "" };
    const bool is_taken = open_session(&s, &err), is_same = length == good_size && !memcmp(bad, good, length);
    fuzz_check(is_taken == is_same || is_forged, "what is gone on from is what was saved");
    fuzz_check(is_taken || *err.text, "what is refused has a reason");
    if (is_taken) {
        run(&s, TURNS_AFTER);
        report(&s);
        fuzz_check(checkpoint_save(&s.checkpoint, &(Remotes){ 0 }, &err), err.text);
        close_session(&s);
        fuzz_check(open_session(&s, &err), "what is saved again is taken again");
    }
    close_session(&s);
    return 0;
}
