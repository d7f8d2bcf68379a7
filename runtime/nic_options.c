#include "nic_options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES_MAX = 1000000000, WARM_MAX = 1000000000 };

static bool parse_count(uint64_t *value, const char *name, const char *text, uint64_t max, Error *err)
{
    char *end;
    errno = 0;
    const unsigned long long n = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno || n < 1 || n > max)
        return fail(err, "%s=%s: must be a number from 1 to %llu", name, text, (unsigned long long)max);
    *value = n;
    return true;
}

static bool parse_speed(Rate *rate, const char *text, Error *err)
{
    char *end;
    rate->speed = strtod(text, &end);
    if (end == text || *end || !(rate->speed >= 1e-6 && rate->speed <= 1e6))
        return fail(err, "speed=%s: must be a number from 0.000001 to 1000000", text);
    return true;
}

static bool add_vms(NicOptions *o, unsigned long first, unsigned long last, const char *text, Error *err)
{
    if (last < first || last >= 1u << 24)
        return fail(err, "queue=%s: not a range of VMs", text);
    for (unsigned long vm = first; vm <= last; vm++) {
        if (o->vm_count == NIC_QUEUES_MAX)
            return fail(err, "queue=%s: a card has at most %d queues", text, NIC_QUEUES_MAX);
        for (unsigned i = 0; i < o->vm_count; i++)
            if (o->vm[i] == vm)
                return fail(err, "queue=%s: VM %lu stands there twice", text, vm);
        o->vm[o->vm_count++] = (unsigned)vm;
    }
    return true;
}

// VMs and ranges of VMs, joined by "+".
static bool parse_queue(NicOptions *o, const char *text, Error *err)
{
    const char *at = text;
    for (;;) {
        if (!isdigit((unsigned char)*at))
            return fail(err, "queue=%s: must name VMs: 2, 0+2 or 0-3", text);
        char *end;
        const unsigned long first = strtoul(at, &end, 10);
        unsigned long last = first;
        if (*end == '-' && isdigit((unsigned char)end[1]))
            last = strtoul(end + 1, &end, 10);
        if (!add_vms(o, first, last, text, err))
            return false;
        if (!*end)
            return true;
        if (*end != '+')
            return fail(err, "queue=%s: must name VMs: 2, 0+2 or 0-3", text);
        at = end + 1;
    }
}

typedef struct {
    bool rate, speed, loop, warm, queue;
} Seen;

static bool parse_option(NicOptions *o, Seen *seen, const char *name, const char *value, Error *err)
{
    uint64_t count;
    if (!strcmp(name, "rate"))
        return seen->rate = rate_parse(&o->rate, value, err);
    if (!strcmp(name, "speed"))
        return seen->speed = parse_speed(&o->rate, value, err);
    if (!strcmp(name, "loop"))
        return seen->loop = parse_count(&o->passes, name, value, PASSES_MAX, err);
    if (!strcmp(name, "warm"))
        return seen->warm = parse_count(&o->warm, name, value, WARM_MAX, err);
    if (!strcmp(name, "ring")) {
        if (!parse_count(&count, name, value, NIC_RING_MAX, err))
            return false;
        o->ring = (uint32_t)count;
        return true;
    }
    if (!strcmp(name, "queue")) {
        o->vm_count = 0;
        return seen->queue = parse_queue(o, value, err);
    }
    if (!strcmp(name, "tx")) {
        o->tx = value;
        return *value ? true : fail(err, "tx=: needs a file");
    }
    return fail(err, "--nic has no option \"%s\": they are rate, speed, loop, warm, ring, queue and tx", name);
}

static bool check(const NicOptions *o, const Seen *seen, Error *err)
{
    if (seen->speed && o->rate.kind != RATE_ORIG)
        return fail(err, "--nic: speed= goes with rate=orig");
    if (seen->warm && o->rate.kind == RATE_MAX)
        return fail(err, "--nic: warm= is for a clock to start after it, and rate=max has none");
    if (o->is_live && (seen->rate || seen->speed || seen->loop || seen->warm))
        return fail(err, "--nic=if:%s: an interface has its own rate: rate=, speed=, loop= and warm= go with pcap:",
                    o->source);
    if (o->is_live && o->vm_count > 1)
        return fail(err, "--nic=if:%s: an interface feeds one VM", o->source);
    return true;
}

static bool parse_source(NicOptions *o, const char *text, Error *err)
{
    if (!strncmp(text, "pcap:", 5))
        o->source = text + 5;
    else if (!strncmp(text, "if:", 3))
        o->source = text + 3, o->is_live = true;
    else
        return fail(err, "--nic=%s: must begin with pcap:FILE or if:NAME", text);
    return *o->source ? true : fail(err, "--nic=%s: the name is missing", text);
}

bool nic_options_parse(NicOptions *o, Arena *a, const char *text, unsigned default_vm, Error *err)
{
    *o = (NicOptions){
        .rate = { .kind = RATE_ORIG, .speed = 1 },
        .passes = 1,
        .ring = NIC_RING,
        .vm = { default_vm },
        .vm_count = 1,
    };
    char *rest = arena_copy(a, text, strlen(text));
    Seen seen = { 0 };
    if (!parse_source(o, strsep(&rest, ","), err))
        return false;
    while (rest) {
        char *option = strsep(&rest, ",");
        char *value = strchr(option, '=');
        if (!value)
            return fail(err, "--nic: \"%s\" is not of the form NAME=VALUE", option);
        *value++ = 0;
        if (!parse_option(o, &seen, option, value, err))
            return false;
    }
    return check(o, &seen, err);
}
