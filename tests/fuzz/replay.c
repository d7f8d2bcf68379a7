// replay.c -- a fuzz target without a fuzzer: every file, and every file in a folder,
// is one input.
//
//     fuzz_NAME FILE|FOLDER...
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"

static int inputs;

static void replay_file(const char *path)
{
    Arena arena = { 0 };
    Source source;
    Error err;
    if (!source_read(&source, &arena, path, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(2);
    }
    fprintf(stderr, "%s\n", path);                       // the last one named is the one that failed
    uint8_t *exact = malloc(source.size + !source.size); // so that reading beyond the end is seen
    fuzz_check(exact, "memory");
    memcpy(exact, source.at, source.size);
    LLVMFuzzerTestOneInput(exact, source.size);
    free(exact);
    arena_free(&arena);
    inputs++;
}

static void replay(const char *path)
{
    struct dirent **list;
    const int count = scandir(path, &list, NULL, alphasort);
    if (count < 0) {
        replay_file(path);
        return;
    }
    for (int i = 0; i < count; i++) {
        char inner[4096];
        snprintf(inner, sizeof inner, "%s/%s", path, list[i]->d_name);
        if (list[i]->d_name[0] != '.')
            replay(inner);
        free(list[i]);
    }
    free(list);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%d inputs\n", inputs);
    return inputs == 0;
}
