#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "assemble.h"
#include "device.h"
#include "os.h"

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

void rig_assemble(Object *obj, Arena *a, const char *name, const char *text)
{
    Diag diag = { .arena = a };
    AssembleOptions options = { .is_unchecked = true, .library = RIG_LIBRARY };
    if (assemble_text(obj, a, name, text, strlen(text), &options, &diag))
        return;
    diag_print(&diag, stderr, false);
    give_up(name, "does not assemble");
}

void rig_open(Rig *r, const Object *obj, const RigOptions *o)
{
    Error err;
    *r = (Rig){ 0 };
    const Dialect *dialect = dialect_find(o->dialect);
    if (!o->has_no_os && !os_read(&r->os, &r->arena, dialect->name, &err))
        give_up("the system", err.text);
    if (!image_open(&r->image, obj, o->has_no_os ? NULL : &r->os, 0, &err))
        give_up("image", err.text);
    MachineOptions options = { .dialect = dialect,
                               .engine = &dialect->engines[o->engine],
                               .has_native = !o->is_asm_os };
    Image *image = &r->image;
    if (!machines_open(&r->machines, 1, &image, &options, &err))
        give_up("machine", err.text);
    r->m = r->machines[0];
    r->file = memfd_create("output", MFD_CLOEXEC);
    r->m->output.file = r->file;
    r->input = (Input){ .file = -1, .is_script = true };
    r->m->input = &r->input;
}

void rig_close(Rig *r)
{
    machines_close(r->machines, 1);
    image_close(&r->image);
    close(r->file);
    arena_free(&r->arena);
}

void rig_keys(Rig *r, const ScriptKey *keys, size_t count)
{
    r->input = (Input){ .file = -1, .is_script = true, .key_count = count };
    r->input.keys = arena_array(&r->arena, ScriptKey, count + 1);
    memcpy(r->input.keys, keys, count * sizeof *keys);
}

void rig_restart(Rig *r, uint16_t pc)
{
    Machine *m = r->m;
    m->s.PC = pc;
    m->s.PSR = PSR_USER | 2;
    m->s.SSP = USER_FIRST;
    m->s.fault = (Fault){ 0 };
    m->end = m->ending = END_NONE;
    m->is_halting = false;
    m->control = CONTROL_RUN;
    m->event = 0;
}

size_t rig_output(Rig *r, char *out, size_t size)
{
    output_flush(&r->m->output, true);
    ssize_t len = pread(r->file, out, size - 1, 0);
    out[len < 0 ? 0 : len] = 0;
    return len < 0 ? 0 : (size_t)len;
}

uint16_t rig_label(const Object *obj, const char *name)
{
    const ObjectSymbol *symbol = object_symbol_find(obj, name);
    if (!symbol)
        give_up(name, "no such label");
    return symbol ? symbol->address : 0;
}

uint64_t rig_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

uint16_t rig_word(uint64_t *state)
{
    static const uint16_t edges[] = { 0,   1,   2,      3,      7,      15,     16,     17,
                                      255, 256, 0x7FFE, 0x7FFF, 0x8000, 0x8001, 0xFFFE, 0xFFFF };
    uint64_t r = rig_random(state);
    return r & 1 ? (uint16_t)(r >> 32) : edges[r >> 16 & 15];
}
