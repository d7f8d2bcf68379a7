#include "os.h"

#include <string.h>

#include "os_files.h" // made by embed.py: os_files[]

static const OsFile *find_file(const char *dialect, const char *extension)
{
    for (const OsFile *f = os_files; f->name; f++)
        if (strncmp(f->name, dialect, strlen(dialect)) == 0 && strcmp(f->name + strlen(dialect), extension) == 0)
            return f;
    return NULL;
}

bool os_read(Object *os, Arena *a, const char *dialect, Error *err)
{
    const OsFile *words = find_file(dialect, ".obj"), *symbols = find_file(dialect, ".sym");
    if (!words || !symbols)
        return fail(err, "no system for %s was built in", dialect);
    return object_parse(os, a, "os", words->bytes, words->size, err) &&
           object_parse_symbols(os, a, "os", (Text){ (const char *)symbols->bytes, symbols->size }, err);
}
