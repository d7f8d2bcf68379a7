#include "device.h"

uint16_t lc3_device_read(Lc3State *s, uint16_t address)
{
    Machine *m = machine_of(s);
    switch (address) {
    case DEVICE_KBSR: return keyboard_status(m);
    case DEVICE_KBDR: return keyboard_data(m);
    case DEVICE_DSR: return display_status(m);
    case DEVICE_TMR: return timer_status(m);
    case DEVICE_TMI: return timer_interval(m);
    case DEVICE_PSR: return control_psr(m);
    case DEVICE_MCR: return control_mcr(m);
    default: return 0;
    }
}

void lc3_device_write(Lc3State *s, uint16_t address, uint16_t value)
{
    Machine *m = machine_of(s);
    switch (address) {
    case DEVICE_KBSR: keyboard_set_status(m, value); break;
    case DEVICE_DDR: display_put(m, value); break;
    case DEVICE_TMR: timer_set_status(m, value); break;
    case DEVICE_TMI: timer_set_interval(m, value); break;
    case DEVICE_PSR: control_set_psr(m, value); break;
    case DEVICE_MCR: control_set_mcr(m, value); break;
    default: break;
    }
}

// -------------------------------------------------------------- interrupts

static int priority_of(const Machine *m)
{
    return m->s.PSR >> 8 & 7;
}

// Interrupts of equal priority come in the description's order.
static int wanted_interrupt(Machine *m)
{
    const IsaTable *isa = m->dialect->isa;
    const bool keyboard = keyboard_wants_interrupt(m), timer = timer_wants_interrupt(m);
    if (keyboard && timer)
        return isa->exceptions[LC3_EXC_TMR].priority > isa->exceptions[LC3_EXC_KBD].priority
                   ? LC3_EXC_TMR : LC3_EXC_KBD;
    return keyboard ? LC3_EXC_KBD : timer ? LC3_EXC_TMR : -1;
}

static uint64_t next_event(const Machine *m)
{
    const uint64_t keyboard = keyboard_event(m), timer = timer_event(m);
    return keyboard < timer ? keyboard : timer;
}

void devices_poll(Machine *m)
{
    const int wanted = wanted_interrupt(m);
    m->event = next_event(m);
    if (wanted < 0)
        return;
    if (m->dialect->isa->exceptions[wanted].priority <= priority_of(m)) {
        m->s.attention = 1; // looked at again when the program changes its priority
        return;
    }
    if (wanted == LC3_EXC_TMR)
        timer_acknowledge(m);
    m->dialect->interrupt(&m->s, wanted);
    m->event = next_event(m);
    if (wanted_interrupt(m) >= 0)
        m->s.attention = 1;
}
