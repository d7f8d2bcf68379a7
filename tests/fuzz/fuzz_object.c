// Bytes as an object file of any format: what is read can be written and read again,
// taken apart into source with the same words, and loaded and run for a while.
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "dis.h"
#include "fuzz.h"
#include "machine.h"
#include "os.h"

static void check_formats(const Object *obj, Arena *a)
{
    static const ObjectFormat readable[] = { OBJECT_OBJ, OBJECT_LC3TOOLS };
    for (int format = OBJECT_OBJ; format <= OBJECT_C; format++) {
        Writer w = { 0 };
        object_write(&w, obj, (ObjectFormat)format);
        writer_free(&w);
    }
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
        Writer w = { 0 };
        Object again;
        Error err;
        object_write(&w, obj, readable[i]);
        fuzz_check(object_parse(&again, a, "again", (const uint8_t *)w.at, w.len, &err),
                   "what is written is read");
        fuzz_same_words(&again, obj);
        writer_free(&w);
    }
}

static void lay_out(uint16_t *memory, const Object *obj, bool is_there)
{
    for (size_t i = 0; i < obj->segment_count; i++)
        for (uint32_t k = 0; k < obj->segments[i].count; k++)
            memory[obj->segments[i].origin + k] = is_there ? obj->segments[i].words[k] : 0;
}

// Later blocks win where blocks overlap, so addresses are compared, not blocks.
static void check_source(const Object *obj, Arena *a)
{
    const AssembleOptions options = { .is_unchecked = true, .library = "/nowhere" };
    Dis dis;
    Writer source = { 0 }, json = { 0 };
    Diag diag = { .arena = a };
    Object again;
    dis_object(&dis, a, &lc3_isa, obj);
    dis_write_source(&source, &dis);
    dis_write_json(&json, &dis);
    fuzz_check(assemble_text(&again, a, "again.asm", source.at ? source.at : "", source.len, &options, &diag),
               "the source of an object assembles");
    static uint16_t x[MEMORY_WORDS], y[MEMORY_WORDS]; // zero between calls
    lay_out(x, obj, true);
    lay_out(y, &again, true);
    for (size_t i = 0; i < obj->segment_count; i++)
        fuzz_check(
            !memcmp(x + obj->segments[i].origin, y + obj->segments[i].origin, 2 * obj->segments[i].count),
            "to the same words");
    lay_out(x, obj, false);
    lay_out(y, &again, false);
    writer_free(&source);
    writer_free(&json);
}

static void check_run(const Object *obj)
{
    static Object os;
    static Arena os_arena;
    Error err = { "" };
    Image image;
    Machine **machines;
    if (!os.segment_count)
        fuzz_check(os_read(&os, &os_arena, dialects[0].name, &err), "the system is read");
    if (image_open(&image, obj, &os, 0, &err)) {
        Image *one = &image;
        const MachineOptions options = { .dialect = &dialects[0],
                                         .engine = &dialects[0].engines[0],
                                         .has_native = true,
                                         .max_instructions = 2000 };
        fuzz_check(machines_open(&machines, 1, &one, &options, &err), "memory for a machine");
        machines[0]->output.file = -1;
        for (int turns = 0; turns < 10 && machine_run(machines[0], 500) == RUN_BUDGET; turns++) {}
        machines_close(machines, 1);
    } else {
        fuzz_check(*err.text, "what is refused has a reason");
    }
    image_close(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Arena arena = { 0 };
    Object obj = { 0 };
    Error err = { "" };
    if (object_parse(&obj, &arena, "fuzz.obj", bytes, size, &err)) {
        check_formats(&obj, &arena);
        check_source(&obj, &arena);
        check_run(&obj);
    } else {
        fuzz_check(*err.text, "what is refused has a reason");
    }
    arena_free(&arena);
    return 0;
}
