// What all bridges share.
#include "nats_bus.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t fresh_number(void)
{
    uint64_t n = 0;
    while (!n)
        if (getrandom(&n, sizeof n, 0) != sizeof n)
            n = wall_ns();
    return n;
}

// ------------------------------------------------------------------ alarms

void alarm_init(Alarm *a)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->rung, &attributes);
    pthread_condattr_destroy(&attributes);
}

void alarm_ring(Alarm *a)
{
    pthread_mutex_lock(&a->lock);
    a->is_rung = true;
    pthread_cond_signal(&a->rung);
    pthread_mutex_unlock(&a->lock);
}

void alarm_wait(Alarm *a, uint64_t ns)
{
    const uint64_t until = clock_ns() + ns;
    const struct timespec t = { (time_t)(until / 1000000000), (long)(until % 1000000000) };
    pthread_mutex_lock(&a->lock);
    while (!a->is_rung && pthread_cond_timedwait(&a->rung, &a->lock, &t) != ETIMEDOUT)
        ;
    a->is_rung = false;
    pthread_mutex_unlock(&a->lock);
}

// ----------------------------------------------------------------- bridges

static void ring_alarm(LinkEnd *end, void *worker, bool is_idle)
{
    alarm_ring(&((Bridge *)((Remote *)end)->bridge)->alarm);
    (void)worker;
    (void)is_idle;
}

void *bridge_new(size_t size, const BridgeKind *kind, RemoteBus *bus, Remote *r)
{
    Bridge *b = calloc(1, size);
    b->bus = bus;
    b->remote = r;
    b->kind = kind;
    b->place = r->start;
    alarm_init(&b->alarm);
    r->bridge = b;
    r->clock_error_ns = UINT64_MAX;
    r->link.wake = ring_alarm;
    return b;
}

void bridge_wake_reader(Bridge *b)
{
    if (ring_wake_reader(b->remote->ring))
        b->remote->near->wake(b->remote->near, NULL, false);
}

void bridge_wake_writer(Bridge *b)
{
    if (ring_wake_writer(b->remote->ring))
        b->remote->near->wake(b->remote->near, NULL, false);
}

void bridge_close_reader(Bridge *b)
{
    ring_close_reader(b->remote->ring);
    bridge_wake_writer(b);
}

void bridge_close_writer(Bridge *b)
{
    ring_close_writer(b->remote->ring);
    bridge_wake_reader(b);
}

// -------------------------------------------------------- limits, troubles

static void give_up(RemoteBus *bus, const char *text, bool is_broken)
{
    pthread_mutex_lock(&bus->trouble_lock);
    const bool is_first = !bus->has_given_up;
    bus->has_given_up = true;
    if (is_first)
        snprintf(bus->trouble, sizeof bus->trouble, "%s", text);
    pthread_mutex_unlock(&bus->trouble_lock);
    if (is_first)
        bus->options.give_up(is_broken);
}

void bridge_watch(Bridge *b, bool is_blocked, const char *why)
{
    const uint64_t now = clock_ns();
    if (!is_blocked) {
        b->blocked_since_ns = 0;
        return;
    }
    if (!b->blocked_since_ns)
        b->blocked_since_ns = now;
    const double limit = b->bus->options.timeout_s;
    if (limit <= 0 || (double)(now - b->blocked_since_ns) * 1e-9 < limit)
        return;
    char text[240];
    snprintf(text, sizeof text, "the time limit of the bus, %g s, is over: --link=%s %s", limit,
             b->remote->settings.text, why);
    give_up(b->bus, text, false);
}

void bridge_break(Bridge *b, const char *format, ...)
{
    char what[160], text[240];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(text, sizeof text, "--link=%s: %s", b->remote->settings.text, what);
    give_up(b->bus, text, true);
}

void bridge_note(Bridge *b, const char *format, ...)
{
    if (b->remote->note[0])
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(b->remote->note, sizeof b->remote->note, format, args);
    va_end(args);
}
