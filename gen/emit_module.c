// emit_module.c -- an engine as a file of its own (module.h): one C file per
// dialect that includes the tables, the semantics and the interpreters, and the
// headers that all of them need.
#include "emit_c.h"

#include <inttypes.h>
#include <string.h>

#include "embedded_headers.h"
#include "headers.h"

#ifndef LC3_VERSION
#define LC3_VERSION "unknown"
#endif

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001B3);
    return hash;
}

uint64_t headers_version(void)
{
    uint64_t hash = HASH_START;
    for (const EmbeddedFile *f = embedded_headers; f->name; f++)
        hash = hash_bytes(hash, f->bytes, f->size);
    return hash;
}

static void write_header(Writer *w, const char *name)
{
    for (const EmbeddedFile *f = embedded_headers; f->name; f++)
        if (strcmp(f->name, name) == 0)
            write_bytes(w, f->bytes, f->size);
}

void emit_isa_h(const Isa *isa, const EmitOptions *options, Writer *w)
{
    write_header(w, "isa.h");
}

void emit_module_h(const Isa *isa, const EmitOptions *options, Writer *w)
{
    write_header(w, "module.h");
}

void emit_engine_h(const Isa *isa, const EmitOptions *options, Writer *w)
{
    write_header(w, "engine.h");
}

void emit_ring_h(const Isa *isa, const EmitOptions *options, Writer *w)
{
    write_header(w, "ring.h");
}

void emit_histogram_h(const Isa *isa, const EmitOptions *options, Writer *w)
{
    write_header(w, "histogram.h");
}

// A function of the runtime: a pointer that the host sets, and a body that goes there.
static void emit_stubs(const EmitOptions *o, Arena *a, Writer *w)
{
    const char *upper = upper_name(a, o->machine);
    write_format(w,
                 "// What the runtime is asked for.  The pointers are the host's to set.\n"
                 "#define STUB(result, keep, name, type, params, args) \\\n"
                 "    static result (*to_##name) params; \\\n"
                 "    result %s_##name params { keep to_##name args; }\n"
                 "%s_RUNTIME(STUB)\n"
                 "#undef STUB\n\n",
                 o->machine, upper);
    write_format(w,
                 "#define NEED(result, keep, name, type, params, args) { #name, type, (ModuleFunction "
                 "**)&to_##name },\n"
                 "static const ModuleNeed needs[] = {\n    %s_RUNTIME(NEED)\n    { 0 },\n};\n#undef NEED\n\n",
                 upper);
}

static void emit_record(const Isa *isa, const EmitOptions *o, Arena *a, Writer *w)
{
    const char *p = o->prefix, *upper = upper_name(a, o->machine);
    const Text dialect = isa->dialects.count ? isa->dialects.at[o->dialect].name : text_of("");
    write_format(w,
                 "const Module engine_module = {\n"
                 "    .magic = MODULE_MAGIC,\n"
                 "    .version = 0x%016" PRIX64 ",\n"
                 "    .maker = \"%s\",\n"
                 "    .source = \"%s\",\n"
                 "    .dialect = \"%.*s\",\n"
                 "    .layout = %s_LAYOUT,\n"
                 "    .shape = %s_SHAPE,\n"
                 "    .isa = &%s_isa,\n"
                 "    .needs = needs,\n"
                 "    .engines = %s_engines,\n"
                 "    .engine_count = &%s_engine_count,\n",
                 headers_version(), LC3_VERSION, o->source, TEXT(dialect), upper, upper, o->machine, p, p);
    static const char *const functions[] = { "guard", "raise", "interrupt", "forget", "run_hooked" };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        write_format(w, "    .%s = (ModuleFunction *)%s_%s,\n", functions[i], p, functions[i]);
    write_text(w, "};\n");
}

void emit_module_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena a = { 0 };
    const EmitOptions *o = options;
    emit_banner(w, o, "An engine in a file of its own.  To make it:");
    write_format(w,
                 "//\n//     cc -O2 -shared -fPIC -o %s.so %s_module.c\n\n"
                 "#pragma GCC visibility push(hidden)\n\n"
                 "#include \"module.h\"\n#include \"%s_state.h\"\n\n",
                 o->prefix, o->prefix, o->machine);
    emit_stubs(o, &a, w);
    write_format(w, "#include \"%s_isa.c\"\n#include \"%s_semantics.c\"\n#include \"%s_interp.c\"\n\n",
                 o->machine, o->prefix, o->prefix);
    write_text(w, "#pragma GCC visibility pop\n\n");
    emit_record(isa, o, &a, w);
    arena_free(&a);
}
