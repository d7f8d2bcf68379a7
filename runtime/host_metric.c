// host_metric.c -- native bodies of the TRAPs for the clock and user metrics.
#include "clock.h"
#include "machine.h"

HostStatus lc3_host_CLOCK(Lc3State *s, uint16_t address)
{
    Machine *m = machine_of(s);
    const HostStatus status = machine_check(m, address, 4);
    if (status != HOST_DONE)
        return status;
    const uint64_t ns = clock_ns();
    for (unsigned i = 0; i < 4; i++)
        machine_store(m, (uint16_t)(address + i), (uint16_t)(ns >> (48 - 16 * i)));
    return HOST_DONE;
}

HostStatus lc3_host_COUNT(Lc3State *s, uint16_t counter, uint16_t more)
{
    Machine *m = machine_of(s);
    if (counter >= USER_COUNTERS)
        return machine_fault(m, "user counter %u does not exist: there are counters 0 to %u", counter,
                             USER_COUNTERS - 1);
    __atomic_store_n(&m->counters[counter], m->counters[counter] + more, __ATOMIC_RELAXED);
    if (counter >= m->counters_used)
        __atomic_store_n(&m->counters_used, counter + 1u, __ATOMIC_RELAXED);
    return HOST_DONE;
}

HostStatus lc3_host_OBSERVE(Lc3State *s, uint16_t histogram, uint16_t value)
{
    Machine *m = machine_of(s);
    if (histogram >= USER_HISTOGRAMS)
        return machine_fault(m, "user histogram %u does not exist: there are histograms 0 to %u", histogram,
                             USER_HISTOGRAMS - 1);
    histogram_record(&m->observed[histogram], value);
    if (histogram >= m->observed_used)
        __atomic_store_n(&m->observed_used, histogram + 1u, __ATOMIC_RELAXED);
    return HOST_DONE;
}
