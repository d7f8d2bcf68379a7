#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

bool fail(Error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}

// Other threads may be running, so nothing is torn down.
void *need_memory(void *p)
{
    if (p)
        return p;
    fflush(stdout);
    fputs("error: out of memory\n", stderr);
    _exit(2);
}
