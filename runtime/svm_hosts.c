#include "svm_hosts.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "svm_machine.h"

volatile sig_atomic_t svm_time_is_up;

static SvmWorld *world_of(StackMachine *m)
{
    return m->user;
}

// What hosts take is told apart in a profile.
static uint64_t begin(const SvmWorld *world)
{
    return world->profile ? clock_ticks() : 0;
}

static void end(const SvmWorld *world, const char *host, uint64_t since)
{
    if (world->profile)
        svm_profile_host(world->profile, host, clock_ticks() - since);
}

void svm_host_println(StackMachine *m, StackValue v)
{
    const uint64_t since = begin(world_of(m));
    Writer w = { 0 };
    stack_display(&w, m->table, v);
    write_text(&w, "\n");
    fwrite(w.at, 1, w.len, world_of(m)->out);
    writer_free(&w);
    end(world_of(m), "writing", since);
}

const StackString *svm_host_display(StackMachine *m, StackValue v)
{
    Writer w = { 0 };
    stack_display(&w, m->table, v);
    const StackString *s = stack_machine_string(m, w.at ? w.at : "", w.len);
    writer_free(&w);
    return s;
}

int64_t svm_host_parse_i64(StackMachine *m, const StackString *s)
{
    int64_t value = 0;
    return stack_number(s->bytes, s->size, &value) ? value : 0;
}

// ------------------------------------------------------------------- input

// The length of the blank character at s, 0 when it is none (Unicode's White_Space).
static size_t blank_at(const unsigned char *s, size_t left)
{
    if (left && (s[0] == ' ' || (s[0] >= '\t' && s[0] <= '\r')))
        return 1;
    if (left >= 2 && s[0] == 0xC2 && (s[1] == 0x85 || s[1] == 0xA0))
        return 2;
    if (left < 3)
        return 0;
    const unsigned c = (unsigned)s[0] << 16 | (unsigned)s[1] << 8 | s[2];
    const int is_blank = c == 0xE19A80 || (c >= 0xE28080 && c <= 0xE2808A) || c == 0xE280A8 ||
                         c == 0xE280A9 || c == 0xE280AF || c == 0xE2819F || c == 0xE38080;
    return is_blank ? 3 : 0;
}

static size_t blank_before(const unsigned char *s, size_t end)
{
    for (size_t len = 1; len <= 3 && len <= end; len++)
        if (blank_at(s + end - len, len) == len)
            return len;
    return 0;
}

bool svm_host_read_line(StackMachine *m, const StackString **result)
{
    SvmWorld *world = world_of(m);
    char *line = NULL;
    size_t capacity = 0, bad;
    const uint64_t since = begin(world);
    fflush(world->out);
    const ssize_t got = getline(&line, &capacity, world->in);
    end(world, "reading", since);
    const size_t size = got > 0 ? (size_t)got : 0;
    if (!stack_is_utf8(line, size, &bad)) {
        free(line);
        return stack_machine_refuse(m, "the line is not UTF-8");
    }
    const unsigned char *s = (const unsigned char *)line;
    size_t from = 0, to = size, len;
    while (from < to && (len = blank_at(s + from, to - from)))
        from += len;
    while (to > from && (len = blank_before(s, to)))
        to -= len;
    *result = stack_machine_string(m, size ? line + from : "", to - from);
    free(line);
    return true;
}

void svm_host_sleep_ms(StackMachine *m, int64_t ms)
{
    const uint64_t wait = (uint64_t)ms; // a negative number is a very long time
    struct timespec t = { (time_t)(wait / 1000), (long)(wait % 1000) * 1000000 };
    const uint64_t since = begin(world_of(m));
    fflush(world_of(m)->out);
    while (!svm_time_is_up && nanosleep(&t, &t) != 0 && errno == EINTR) {}
    end(world_of(m), "sleeping", since);
}
