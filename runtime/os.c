#include "os.h"

#include <string.h>

#include "assemble.h"
#include "os_files.h" // made by embed.py: os_files[]

static const EmbeddedFile *find_file(const char *dialect, const char *extension)
{
    for (const EmbeddedFile *f = os_files; f->name; f++)
        if (strncmp(f->name, dialect, strlen(dialect)) == 0 && strcmp(f->name + strlen(dialect), extension) == 0)
            return f;
    return NULL;
}

bool os_read(Object *os, Arena *a, const char *dialect, Error *err)
{
    const EmbeddedFile *words = find_file(dialect, ".obj"), *symbols = find_file(dialect, ".sym");
    if (!words || !symbols)
        return fail(err, "no system for %s was built in", dialect);
    return object_parse(os, a, "os", words->bytes, words->size, err) &&
           object_parse_symbols(os, a, "os", (Text){ (const char *)symbols->bytes, symbols->size }, err);
}

bool os_assemble(Object *os, Arena *a, const char *dialect, const IsaTable *isa, Error *err)
{
    const EmbeddedFile *const files[] = { find_file(dialect, ".asm"), find_file("fault", ".asm") };
    const Source *sources[2];
    for (int i = 0; i < 2; i++) {
        if (!files[i])
            return fail(err, "no system for %s was built in", dialect);
        Source *source = arena_new(a, Source);
        const char *text = arena_copy(a, (const char *)files[i]->bytes, files[i]->size);
        source_init(source, a, files[i]->name, text, files[i]->size);
        sources[i] = source;
    }
    Diag diag = { .arena = a };
    const AssembleOptions options = { .isa = isa, .is_unchecked = true };
    if (assemble_sources(os, a, sources, 2, &options, &diag))
        return true;
    const Finding *first = &diag.list.at[0];
    return fail(err, "the system cannot be assembled for this engine's machine: %s:%u: %s", first->span.source->name,
                source_place(first->span.source, first->span.begin).line, first->text);
}
