// Bytes as what a client sends to the exporter, over a socket pair and through the
// exporter's own HTTP, in one thread.  Whatever comes, the server lives, and a client
// that asks properly afterwards is answered.
#include "../../runtime/exporter.c"

#include "fuzz.h"
#include "metrics.h"

static void answer(void *arg, const char *path, const char *accept, const char *family, const char *vm,
                   ExporterAnswer *out)
{
    Metrics *m = arg;
    Writer w = { 0 };
    if (strcmp(path, "/metrics") == 0 && metrics_wants_openmetrics(accept))
        metrics_write_openmetrics(m, &w);
    else if (strcmp(path, "/metrics") == 0)
        metrics_write_text(m, &w);
    else if (strcmp(path, "/live.json") == 0)
        metrics_write_json(m, &w, family, vm);
    *out = (ExporterAnswer){ "text/plain", w.at, w.len };
}

static ExporterServer *start(void)
{
    static Metrics m;
    static Histogram h;
    static uint64_t word = 7;
    Error err;
    metrics_init(&m);
    const char *labels = metrics_labels(&m, "vm", "0", "program", "a\"\\\n.obj", NULL);
    metrics_add_word(&m, metrics_family(&m, METRIC_COUNTER, "lc3_things", "", "Things."), labels, &word,
                     METRIC_ONE);
    histogram_record(&h, 1000);
    metrics_add_histogram(
        &m, metrics_histograms(&m, "lc3_wait_seconds", "seconds", "Waits.", &metric_bounds_latency), labels,
        &h, METRIC_TICKS);
    ExporterServer *s = calloc(1, sizeof *s);
    s->config = (ExporterConfig){ .address = "127.0.0.1", .arg = &m, .answer = answer };
    s->wake = -1;
    for (int i = 0; i < EXPORTER_CONNECTIONS; i++)
        s->clients[i].file = -1;
    const int file = listen_on(s, &err);
    fuzz_check(file >= 0 && start_daemon(s, file, &err), "the server starts");
    return s;
}

static void send_bytes(ExporterServer *s, int file, const uint8_t *bytes, size_t size)
{
    size_t sent = 0;
    for (int turns = 0; sent < size && turns < 100; turns++) {
        const ssize_t n = send(file, bytes + sent, size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return; // cut: its right
        sent += n > 0 ? (size_t)n : 0;
        MHD_run(s->daemon);
    }
}

// Returns the bytes of the answers, of which `text` gets the first.
static size_t talk(ExporterServer *s, const uint8_t *bytes, size_t size, char *text, size_t room)
{
    static const struct sockaddr_in nobody = { .sin_family = AF_INET };
    int pair[2];
    char more[4096];
    size_t got = 0;
    fuzz_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "a socket pair");
    fuzz_check(MHD_add_connection(s->daemon, pair[0], (const struct sockaddr *)&nobody, sizeof nobody) ==
                   MHD_YES,
               "the client is let in");
    send_bytes(s, pair[1], bytes, size);
    shutdown(pair[1], SHUT_WR);
    for (int turns = 0; turns < 1000; turns++) {
        MHD_run(s->daemon);
        cut_slow_clients(s);
        const ssize_t n = recv(pair[1], got < room ? text + got : more, got < room ? room - got : sizeof more,
                               MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            break;
        got += n > 0 ? (size_t)n : 0;
    }
    close(pair[1]);
    MHD_run(s->daemon);
    return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static ExporterServer *s;
    static const char good[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    static unsigned calls;
    char text[64] = "";
    if (!s)
        s = start();
    talk(s, bytes, size, text, sizeof text);
    fuzz_check(!text[0] || !strncmp(text, "HTTP/1.", 7), "what is answered is HTTP");
    if (calls++ % 16)
        return 0;
    fuzz_check(talk(s, (const uint8_t *)good, sizeof good - 1, text, sizeof text) > 500 &&
                   !strncmp(text, "HTTP/1.1 200", 12),
               "the next client is answered");
    return 0;
}
