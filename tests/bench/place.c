#include "place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const place_programs[PLACE_PROGRAMS] = { "fib",    "sort",    "sieve",  "lfsr",
                                                     "matmul", "strings", "queens", "life" };

static void empty_folder(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
}

bool place_open(Place *p, Error *err)
{
    *p = (Place){ .folder = "/tmp/lc3benchXXXXXX" };
    if (!mkdtemp(p->folder))
        return fail(err, "%s: %s", p->folder, strerror(errno));
    snprintf(p->cache, sizeof p->cache, "%s/lc3", p->folder);
    snprintf(p->note, sizeof p->note, "%s/note", p->folder);
    setenv("XDG_CACHE_HOME", p->folder, 1);
    return true;
}

void place_empty_cache(const Place *p)
{
    empty_folder(p->cache);
}

void place_close(Place *p)
{
    empty_folder(p->cache);
    rmdir(p->cache);
    empty_folder(p->folder);
    rmdir(p->folder);
}

bool place_assemble(Place *p, const char *program, Error *err)
{
    char source[512];
    snprintf(p->program, sizeof p->program, "%s/%s.obj", p->folder, program);
    snprintf(source, sizeof source, BENCH_PROGRAMS "/%s.asm", program);
    return place_run((char *[]){ BENCH_LC3AS, "-o", p->program, source, NULL }, NULL, err);
}

bool place_run(char *const *arguments, const char *to, Error *err)
{
    extern char **environ;
    pid_t child;
    int status;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (to)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int failure = posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure)
        return fail(err, "%s: %s", arguments[0], strerror(failure));
    if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
        return fail(err, "%s %s did not end well", arguments[0], arguments[2]);
    const int code = WEXITSTATUS(status);
    return code == 0 || code == 3 || fail(err, "%s %s ended with %d", arguments[0], arguments[2], code);
}
