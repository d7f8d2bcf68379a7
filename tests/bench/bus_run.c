#include "bus_run.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Reads until the other side closes; the text lives in the arena.
static const char *read_all(int file, Arena *a)
{
    size_t len = 0, room = 1 << 16;
    char *text = malloc(room);
    ssize_t got;
    while (text && ((got = read(file, text + len, room - len - 1)) > 0 || (got < 0 && errno == EINTR))) {
        len += got > 0 ? (size_t)got : 0;
        if (len + 1 < room)
            continue;
        char *larger = realloc(text, room *= 2);
        if (!larger)
            break;
        text = larger;
    }
    const char *kept = arena_copy(a, text ? text : "", len);
    free(text);
    return kept;
}

static int start(pid_t *child, int output, const char *const *arguments)
{
    extern char **environ;
    const char *all[BUS_ARGUMENTS_MAX + 3] = { BENCH_LC3RUN, "--stats=json" };
    for (int i = 0; arguments[i] && i < BUS_ARGUMENTS_MAX; i++)
        all[i + 2] = arguments[i];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    const int failure = posix_spawn(child, BENCH_LC3RUN, &actions, NULL, (char *const *)all, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

bool bus_run(BusRun *run, Arena *a, const char *const *arguments, int code, Error *err)
{
    int ends[2], status = 0;
    pid_t child;
    struct rusage usage;
    if (pipe(ends))
        return fail(err, "no pipe: %s", strerror(errno));
    const int failure = start(&child, ends[1], arguments);
    close(ends[1]);
    if (!failure)
        run->text = read_all(ends[0], a);
    close(ends[0]);
    if (failure)
        return fail(err, "%s: %s", BENCH_LC3RUN, strerror(failure));
    if (wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != code)
        return fail(err, "lc3run ended with %d: %.300s", status, run->text);
    run->resident_kib = (double)usage.ru_maxrss;
    return bus_numbers(run, "elapsed_s", &run->elapsed_s, 1) == 1 ||
           fail(err, "no statistics: %.300s", run->text);
}

int bus_numbers(const BusRun *run, const char *key, double *numbers, int most)
{
    char quoted[64];
    int count = 0;
    const int len = snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(run->text, "{\"elapsed_s\"");
    while (at && count < most && (at = strstr(at, quoted))) {
        at += len;
        numbers[count++] = strtod(at, NULL);
    }
    return count;
}
