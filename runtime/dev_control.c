// dev_control.c -- PSR and MCR.
#include "device.h"

uint16_t control_psr(const Machine *m)
{
    return m->s.PSR;
}

void control_set_psr(Machine *m, uint16_t value)
{
    m->s.PSR = value;
    m->s.attention = 1; // an interrupt may now be let through
}

uint16_t control_mcr(const Machine *m)
{
    return m->control;
}

// Stopping the clock stops the machine at once, except in a routine of the
// system: that still returns, so that its caller's registers and pc are what
// they would be after the native routine.
void control_set_mcr(Machine *m, uint16_t value)
{
    m->control = value;
    if (value & CONTROL_RUN)
        return;
    const uint16_t at = (uint16_t)(m->s.PC - 1);
    if (at >= m->image->os_first && at <= m->image->os_last) {
        m->is_halting = true;
        m->s.attention = 1;
    } else {
        machine_ask(m, END_HALT);
    }
}
