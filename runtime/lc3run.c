// lc3run.c -- runs LC-3 programs.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "session.h"
#include "base/standard.h"

// The first signal asks everybody to stop; the second is not to be discussed.
static void on_signal(int sig)
{
    const int saved = errno;
    if (sig != SIGALRM && session_stop > 0) {
        terminal_restore();
        _exit(130);
    }
    if (!session_stop)
        session_stop = sig == SIGALRM ? STOP_BY_TIME : sig;
    schedule_interrupt();
    errno = saved;
}

static void catch_signals(double timeout_s)
{
    const struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL); // write says so, too
    if (timeout_s <= 0)
        return;
    sigaction(SIGALRM, &action, NULL);
    const long us = (long)((timeout_s - (double)(long)timeout_s) * 1e6);
    const struct itimerval timer = { .it_value = { (long)timeout_s, (long)timeout_s || us ? us : 1 } };
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void print_error(const char *text)
{
    fprintf(stderr, "lc3run: error: %s\n", text);
}

static int run(Session *s)
{
    Error err;
    if (!session_open(s, &err)) {
        diag_print(&s->diag, stderr, diag_wants_colour(stderr));
        print_error(err.text);
        return 2;
    }
    diag_print(&s->diag, stderr, diag_wants_colour(stderr)); // warnings
    if (s->has_monitor) {
        fprintf(stderr, "lc3run: metrics at %s\n", s->monitor.exporter.url);
        fflush(stderr);
    }
    catch_signals(s->options.timeout_s);
    const bool has_run = session_run(s, &err);
    terminal_restore();
    if (!has_run)
        print_error(err.text);
    Writer w = { 0 };
    Error dump_err;
    const bool has_dumped = session_report(s, &w, &dump_err);
    if (!has_dumped)
        print_error(dump_err.text);
    if (w.len)
        fwrite(w.at, 1, w.len, stderr);
    writer_free(&w);
    session_linger(s);
    return has_run && has_dumped ? session_exit_code(s) : 2;
}

int main(int argc, char **argv)
{
    standard_open("lc3run");
    static Session s;
    Error err;
    clock_start();
    if (!options_read(&s.options, &s.arena, argc, argv, &err)) {
        print_error(err.text);
        return 2;
    }
    if (s.options.wants_help || s.options.wants_version) {
        fputs(s.options.wants_help ? options_help : "lc3run " LC3_VERSION "\n", stdout);
        return 0;
    }
    const int code = run(&s);
    session_close(&s);
    if (s.leaves_compiler) { // a short program does not wait for code that nobody will run
        fflush(NULL);
        _exit(code);
    }
    return code;
}
