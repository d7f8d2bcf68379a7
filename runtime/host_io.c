// host_io.c -- native bodies of the console's TRAPs.
#include <assert.h>

#include "device.h"

static HostStatus put(Machine *m, uint8_t c)
{
    if (output_put(&m->output, c))
        return HOST_DONE;
    machine_ask(m, END_LIMIT);
    return HOST_ATTENTION;
}

// A machine that shares its worker must not wait in here: the scheduler does.
static HostStatus get(Machine *m, uint16_t *value)
{
    uint8_t key;
    switch (keyboard_take(m, m->waits_inside ? INPUT_WAIT : INPUT_POLL, &key)) {
    case KEY_READY: *value = key; return HOST_DONE;
    case KEY_ENDED: return HOST_CLOSED;
    default: m->wait = (Wait){ .kind = WAIT_KEY }; return HOST_WAIT;
    }
}

HostStatus lc3_host_GETC(Lc3State *s, uint16_t *key)
{
    return get(machine_of(s), key);
}

HostStatus lc3_host_OUT(Lc3State *s, uint16_t c)
{
    return put(machine_of(s), (uint8_t)c);
}

// Writes word after word until one is zero.  The routine this stands for runs as
// the supervisor, so it may read everything, and it meets a zero among the device
// registers at the latest.
static HostStatus put_string(Machine *m, uint16_t address, bool is_packed)
{
    for (uint32_t i = 0; i < MEMORY_WORDS; i++) {
        const uint16_t word = machine_load(m, (uint16_t)(address + i));
        if (word == 0)
            break;
        HostStatus status = put(m, (uint8_t)word);
        if (status == HOST_DONE && is_packed && word >> 8)
            status = put(m, (uint8_t)(word >> 8));
        if (status != HOST_DONE)
            return status;
    }
    return HOST_DONE;
}

HostStatus lc3_host_PUTS(Lc3State *s, uint16_t address)
{
    return put_string(machine_of(s), address, false);
}

HostStatus lc3_host_PUTSP(Lc3State *s, uint16_t address)
{
    return put_string(machine_of(s), address, true);
}

static const char prompt[] = "\nInput a character> ";
static_assert(sizeof prompt == PROMPT_LENGTH + 1, "a checkpoint knows how far it can be");

// The prompt is written once, however often the wait for the key is tried.
HostStatus lc3_host_IN(Lc3State *s, uint16_t *key)
{
    Machine *m = machine_of(s);
    for (; prompt[m->prompted]; m->prompted++) {
        const HostStatus status = put(m, (uint8_t)prompt[m->prompted]);
        if (status != HOST_DONE)
            return status;
    }
    const HostStatus status = get(m, key);
    if (status != HOST_DONE)
        return status;
    m->prompted = 0;
    return put(m, (uint8_t)*key);
}
