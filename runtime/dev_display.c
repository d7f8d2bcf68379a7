// dev_display.c -- DSR and DDR.  Always ready: what is written is buffered.
#include "device.h"

uint16_t display_status(const Machine *m)
{
    (void)m;
    return DEVICE_READY;
}

void display_put(Machine *m, uint16_t value)
{
    if (!output_put(&m->output, (uint8_t)value))
        machine_ask(m, END_LIMIT);
}
