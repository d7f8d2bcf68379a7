// dev_keyboard.c -- KBSR and KBDR.
//
// A key from a script is ready at its count, or when the one before has been
// read, whichever is later.  A key from a pipe is ready as soon as the one before
// was read, so a run does not depend on how fast the pipe is filled.
#include "device.h"

enum {
    POLL_DISTANCE = 64,       // instructions between two polls of a waiting loop, at most
    POLLS_AFTER_END = 100000, // of such a loop, until it is taken to wait for ever
};

static KeyStatus fill(Machine *m, InputWait wait)
{
    if (m->keyboard.is_ready)
        return KEY_READY;
    if (!m->input)
        return KEY_ENDED;
    input_prepare(m->input);
    if (wait != INPUT_POLL)
        output_flush(&m->output, false); // somebody may be answering what we wrote
    const KeyStatus status = input_key(m->input, m->s.instructions, wait, &m->keyboard.key);
    m->keyboard.is_ready = status == KEY_READY;
    return status;
}

// A loop that does nothing but poll, when no key will ever come, would run for
// ever: it ends as a waiting GETC does.
static void count_idle_poll(Machine *m)
{
    Keyboard *k = &m->keyboard;
    const bool is_close = m->s.instructions - k->last_poll <= POLL_DISTANCE;
    k->idle_polls = is_close ? k->idle_polls + 1 : 0;
    k->last_poll = m->s.instructions;
    if (k->idle_polls == POLLS_AFTER_END)
        machine_ask(m, END_CLOSED);
}

uint16_t keyboard_status(Machine *m)
{
    if (fill(m, INPUT_STREAM) == KEY_ENDED)
        count_idle_poll(m);
    return (uint16_t)((m->keyboard.is_ready ? DEVICE_READY : 0) | (m->keyboard.is_enabled ? DEVICE_ENABLE : 0));
}

void keyboard_set_status(Machine *m, uint16_t value)
{
    m->keyboard.is_enabled = value & DEVICE_ENABLE;
    m->s.attention = 1;
}

uint16_t keyboard_data(Machine *m)
{
    fill(m, INPUT_STREAM);
    m->keyboard.is_ready = false;
    m->s.attention = 1; // the next key may be due
    return m->keyboard.key;
}

KeyStatus keyboard_take(Machine *m, InputWait wait, uint8_t *key)
{
    const KeyStatus status = fill(m, wait);
    if (status == KEY_READY) {
        *key = m->keyboard.key;
        m->keyboard.is_ready = false;
        m->s.attention |= m->keyboard.is_enabled; // the next key may be due
    }
    return status;
}

bool keyboard_wants_interrupt(Machine *m)
{
    return m->keyboard.is_enabled && fill(m, INPUT_STREAM) == KEY_READY;
}

enum { TERMINAL_POLL = 100000 }; // instructions between looks at a terminal, which has no counts

uint64_t keyboard_event(const Machine *m)
{
    if (!m->keyboard.is_enabled || m->keyboard.is_ready || !m->input || m->input->is_ended)
        return UINT64_MAX;
    return m->input->is_script ? input_next_arrival(m->input) : m->s.instructions + TERMINAL_POLL;
}
