#include "top.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "scheduler.h"

enum { PERIOD_MS = 1000, ROWS_WITHOUT_SIZE = 20, LINES_AROUND = 4 };

// "12.3M", at most six characters.
static const char *short_number(double value, char text[16])
{
    static const struct {
        double size;
        const char *unit;
    } units[] = { { 1e12, "T" }, { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" } };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (value >= units[i].size) {
            snprintf(text, 16, "%.4g%s", value / units[i].size, units[i].unit);
            return text;
        }
    snprintf(text, 16, "%.4g", value);
    return text;
}

static const char *state_of(const Machine *m)
{
    return m->end != END_NONE ? end_names[m->end] : m->wait.kind != WAIT_NONE ? "waiting" : "running";
}

static const char *name_of(const Machine *m)
{
    const char *slash = strrchr(m->image->name, '/');
    return m->name ? m->name : slash ? slash + 1 : m->image->name;
}

static void draw_machine(Top *t, Writer *w, uint32_t i, double seconds)
{
    const Machine *m = t->machines[i];
    const TopCounts now = { __atomic_load_n(&m->s.instructions, __ATOMIC_RELAXED), machine_received(m) };
    const double ns = clock_ns_per_tick();
    const HistogramSummary latency = histogram_summary(m->latency, ns);
    char text[3][16];
    write_format(w, "%5u %-18.18s %-8s %9s %9s %9s", i, name_of(m), state_of(m),
                 short_number((double)now.instructions, text[0]),
                 short_number((double)(now.instructions - t->before[i].instructions) / seconds, text[1]),
                 short_number((double)(now.received - t->before[i].received) / seconds, text[2]));
    if (latency.count)
        write_format(w, " %8s %8s", short_number(latency.p50, text[0]), short_number(latency.p99, text[1]));
    write_text(w, "\033[K\n");
    t->before[i] = now;
}

void top_draw(Top *t, Writer *w, double seconds)
{
    if (t->drawn)
        write_format(w, "\033[%uA", t->drawn);
    write_format(w, "\033[1m%5s %-18s %-8s %9s %9s %9s %8s %8s\033[0m\033[K\n", "vm", "name", "state",
                 "instr", "instr/s", "words/s", "p50 ns", "p99 ns");
    for (uint32_t i = 0; i < t->rows; i++)
        draw_machine(t, w, i, seconds);
    if (t->rows < t->count)
        write_format(w, "      and %u more\033[K\n", t->count - t->rows);
    t->drawn = 1 + t->rows + (t->rows < t->count);
}

static void draw_now(Top *t)
{
    Writer w = { 0 };
    const uint64_t now = clock_ns();
    top_draw(t, &w, (double)(now - t->before_ns) * 1e-9);
    t->before_ns = now;
    for (size_t done = 0; done < w.len;) {
        const ssize_t n = write(t->file, w.at + done, w.len - done);
        if (n < 0 && errno != EINTR)
            break; // the terminal is gone; the run is not
        done += n > 0 ? (size_t)n : 0;
    }
    writer_free(&w);
}

static void *keep_drawing(void *arg)
{
    Top *t = arg;
    struct pollfd wake = { t->wake, POLLIN, 0 };
    while (poll(&wake, 1, PERIOD_MS) <= 0)
        draw_now(t);
    return NULL;
}

static uint32_t rows_that_fit(const Top *t)
{
    struct winsize size;
    const bool has_size = ioctl(t->file, TIOCGWINSZ, &size) == 0 && size.ws_row > LINES_AROUND;
    const uint32_t rows = has_size ? size.ws_row - LINES_AROUND : ROWS_WITHOUT_SIZE;
    return rows < t->count ? rows : t->count;
}

bool top_start(Top *t, Machine *const *machines, uint32_t count, int file, Error *err)
{
    sigset_t all, before;
    *t = (Top){ .machines = machines, .count = count, .file = file, .before_ns = clock_ns() };
    t->rows = rows_that_fit(t);
    t->before = calloc(t->rows + 1, sizeof *t->before);
    t->wake = eventfd(0, EFD_CLOEXEC);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // signals are for the main thread
    const int failed = t->before && t->wake >= 0 ? pthread_create(&t->thread, NULL, keep_drawing, t) : errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    t->is_running = !failed;
    return failed ? fail(err, "--watch: %s", strerror(failed)) : true;
}

void top_stop(Top *t)
{
    const uint64_t one = 1;
    if (t->is_running && write(t->wake, &one, sizeof one) == sizeof one)
        pthread_join(t->thread, NULL);
    if (t->is_running)
        draw_now(t);
    t->is_running = false;
    free(t->before);
    t->before = NULL;
    if (t->wake > 0)
        close(t->wake);
}
