// dialect.c -- which generated functions belong to which edition of the book.
#include "machine.h"

#include <string.h>

const Dialect dialects[] = {
    { "ed3", lc3_ed3_engines, &lc3_ed3_engine_count, lc3_ed3_guard, lc3_ed3_raise, lc3_ed3_interrupt, lc3_ed3_forget, lc3_ed3_run_hooked,
      &lc3_isa },
    { "ed2", lc3_ed2_engines, &lc3_ed2_engine_count, lc3_ed2_guard, lc3_ed2_raise, lc3_ed2_interrupt, lc3_ed2_forget, lc3_ed2_run_hooked,
      &lc3_isa },
    { NULL },
};

const Dialect *dialect_find(const char *name)
{
    if (!name)
        return &dialects[0];
    for (const Dialect *d = dialects; d->name; d++)
        if (strcmp(d->name, name) == 0)
            return d;
    return NULL;
}
