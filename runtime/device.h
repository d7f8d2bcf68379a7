// device.h -- the devices behind the machine's last 512 addresses.
//
// Device time counts instructions.  A device says when it wants to be asked next
// (an instruction count), and whether it asks for an interrupt now; the machine
// does the rest.
#ifndef RUNTIME_DEVICE_H
#define RUNTIME_DEVICE_H

#include "machine.h"

enum {
    DEVICE_KBSR = 0xFE00,
    DEVICE_KBDR = 0xFE02,
    DEVICE_DSR = 0xFE04,
    DEVICE_DDR = 0xFE06,
    DEVICE_TMR = 0xFE08,
    DEVICE_TMI = 0xFE0A,
    DEVICE_PSR = 0xFFFC,
    DEVICE_MCR = 0xFFFE,

    DEVICE_READY = 0x8000,  // of every status register
    DEVICE_ENABLE = 0x4000, // interrupts
    CONTROL_RUN = 0x8000,   // of MCR
};

// dev_keyboard.c
uint16_t keyboard_status(Machine *m);
void keyboard_set_status(Machine *m, uint16_t value);
uint16_t keyboard_data(Machine *m);
bool keyboard_wants_interrupt(Machine *m);
uint64_t keyboard_event(const Machine *m);
// The next key for a native routine: waits as a polling one would.
KeyStatus keyboard_take(Machine *m, InputWait wait, uint8_t *key);

// dev_display.c
uint16_t display_status(const Machine *m);
void display_put(Machine *m, uint16_t value);

// dev_timer.c
uint16_t timer_status(Machine *m);
void timer_set_status(Machine *m, uint16_t value);
uint16_t timer_interval(const Machine *m);
void timer_set_interval(Machine *m, uint16_t value);
bool timer_wants_interrupt(Machine *m);
void timer_acknowledge(Machine *m);
uint64_t timer_event(const Machine *m);

// dev_control.c
uint16_t control_psr(const Machine *m);
void control_set_psr(Machine *m, uint16_t value);
uint16_t control_mcr(const Machine *m);
void control_set_mcr(Machine *m, uint16_t value);

// device.c
// Delivers an interrupt that is due and not masked, and sets m->event to the count
// at which to ask again.  While one is due but masked the machine asks for
// attention: the engine leaves after the next instruction that may unmask it.
void devices_poll(Machine *m);

#endif
