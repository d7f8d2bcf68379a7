#include "standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *name;

static void finish(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    fprintf(stderr, "%s: standard output cannot be written: %s\n", name, strerror(errno));
    fflush(stderr); // it may have a buffer by now
    _exit(2);
}

void standard_open(const char *program)
{
    name = program;
    for (int file = 0; file <= STDERR_FILENO; file++) // open gives the lowest that is free
        if (fcntl(file, F_GETFD) < 0 && open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            break;
    atexit(finish);
}
