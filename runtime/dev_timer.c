// dev_timer.c -- TMR and TMI.
//
// TMI holds the interval in instructions; writing it starts the timer anew, zero
// stops it.  TMR becomes ready at every interval and is not ready again once it
// was read.  Each interval asks for one interrupt, whether or not TMR is read.
#include "device.h"

// Brings the timer up to the present count.
static void advance(Machine *m)
{
    Timer *t = &m->timer;
    if (!t->period || m->s.instructions < t->next)
        return;
    t->next += ((m->s.instructions - t->next) / t->period + 1) * t->period;
    t->is_ready = t->is_pending = true;
}

uint16_t timer_status(Machine *m)
{
    advance(m);
    const uint16_t value =
        (uint16_t)((m->timer.is_ready ? DEVICE_READY : 0) | (m->timer.is_enabled ? DEVICE_ENABLE : 0));
    m->timer.is_ready = m->timer.is_pending = false;
    return value;
}

void timer_set_status(Machine *m, uint16_t value)
{
    advance(m);
    m->timer.is_enabled = value & DEVICE_ENABLE;
    m->s.attention = 1;
}

uint16_t timer_interval(const Machine *m)
{
    return m->timer.period;
}

void timer_set_interval(Machine *m, uint16_t value)
{
    // The instruction that writes is not counted yet; time starts after it.
    m->timer.period = value;
    m->timer.next = m->s.instructions + 1 + value;
    m->timer.is_ready = m->timer.is_pending = false;
    m->s.attention = 1;
}

bool timer_wants_interrupt(Machine *m)
{
    advance(m);
    return m->timer.is_enabled && m->timer.is_pending;
}

void timer_acknowledge(Machine *m)
{
    m->timer.is_pending = false;
}

uint64_t timer_event(const Machine *m)
{
    return m->timer.period && m->timer.is_enabled && !m->timer.is_pending ? m->timer.next : UINT64_MAX;
}
