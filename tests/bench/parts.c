#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool run_part(Bench *b, char **argv, int argc, int part, const char *path, Error *err)
{
    char **arguments = arena_array(b->arena, char *, (size_t)argc + 3);
    memcpy(arguments, argv, (size_t)argc * sizeof *arguments);
    for (int i = 1; i < argc; i++) // the page is for the whole
        if (!strncmp(arguments[i], "--html", 6)) {
            const bool is_apart = !arguments[i][6] && i + 1 < argc;
            arguments[i] = "--part=1";
            if (is_apart)
                arguments[i + 1] = "--part=1";
        }
    arguments[argc] = arena_format(b->arena, "--part=%d", part);
    arguments[argc + 1] = arena_format(b->arena, "--json=%s", path);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child;
    int status = 0;
    const int failure = posix_spawn(&child, "/proc/self/exe", &files, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    if (failure)
        return fail(err, "part %d: %s", part + 1, strerror(failure));
    if (waitpid(child, &status, 0) < 0)
        return fail(err, "part %d: %s", part + 1, strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        return fail(err, "part %d of the run ended with status %d", part + 1, status);
    b->failures += WEXITSTATUS(status);
    Record more;
    if (!record_read(&more, b->arena, path, err))
        return false;
    record_merge(&b->record, b->arena, &more);
    return true;
}

bool parts_run(Bench *b, char **argv, int argc, Error *err)
{
    char path[] = "/tmp/lc3benchXXXXXX.json";
    const int file = mkstemps(path, 5);
    if (file < 0)
        return fail(err, "%s: %s", path, strerror(errno));
    close(file);
    bool fine = true;
    for (int part = 1; fine && part < PARTS; part++)
        fine = run_part(b, argv, argc, part, path, err);
    unlink(path);
    return fine;
}
