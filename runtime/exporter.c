// The module: HTTP, and nothing else.  See exporter.h.
#include "exporter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "page.h" // generated from page/: page_html, page_html_size

enum {
    SHARE_PERCENT = 5, // of a core, at most, over a while ...
    CREDIT_MS = 500,   // ... saved up for a burst
    IDLE_SECONDS = 65, // between two requests on one connection: scrapers come back
    FULL_MS = 1000,    // for one answer, while others wait for a place
    CHECK_MS = 500,
};

typedef struct {
    int file;       // -1: free
    uint64_t since; // ms; of the connection, or of the end of its last answer
    bool idle;      // has been answered and waits for its next request
} Client;

struct ExporterServer {
    ExporterConfig config;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    int wake; // eventfd: time to end
    uint16_t port;
    uint64_t refused;
    uint64_t seen_ns, seen_cpu_ns; // when the budget was looked at, and what had been used
    int64_t credit_ns;             // CPU time that may be used now
    Client clients[EXPORTER_CONNECTIONS];
};

static uint64_t read_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t now_ms(void)
{
    return read_ns(CLOCK_MONOTONIC) / 1000000;
}

// ------------------------------------------------------------------- clients

static Client *client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static Client *free_client(ExporterServer *s)
{
    for (int i = 0; i < EXPORTER_CONNECTIONS; i++)
        if (s->clients[i].file < 0)
            return &s->clients[i];
    return NULL;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    ExporterServer *s = arg;
    Client *client = code == MHD_CONNECTION_NOTIFY_STARTED ? free_client(s) : *context;
    if (!client)
        return;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *client = (Client){ info->connect_fd, now_ms(), false };
        *context = client;
    } else {
        client->file = -1;
    }
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    Client *client = client_of(connection);
    if (client) {
        client->since = now_ms();
        client->idle = true;
    }
}

// The library's own timeout starts again with every byte; this one does not.
// When all places are taken, the slow have to make room for others.
static void cut_slow_clients(ExporterServer *s)
{
    const bool full = !free_client(s);
    const uint64_t now = now_ms(), busy = full ? FULL_MS : EXPORTER_SECONDS * 1000;
    for (int i = 0; i < EXPORTER_CONNECTIONS; i++) {
        Client *c = &s->clients[i];
        if (c->file < 0 || now - c->since < (c->idle && !full ? IDLE_SECONDS * 1000 : busy))
            continue;
        shutdown(c->file, SHUT_RDWR); // the library sees the end and closes it
        __atomic_store_n(&s->refused, s->refused + 1, __ATOMIC_RELAXED);
        c->since = now;
    }
}

// ------------------------------------------------------------------- answers

static enum MHD_Result send_body(struct MHD_Connection *connection, unsigned status, const char *type,
                                 const char *body, size_t size, enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(size, (void *)body, mode);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    if (body == page_html)
        MHD_add_response_header(response, "Content-Security-Policy",
                                "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
                                "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                                "frame-ancestors 'none'");
    const enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_error(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return send_body(connection, status, "text/plain; charset=utf-8", text, strlen(text),
                     MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_answer(ExporterServer *s, struct MHD_Connection *connection, const char *path)
{
    ExporterAnswer answer = { 0 };
    s->config.answer(s->config.arg, path, MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept"),
                     MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "family"),
                     MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "vm"), &answer);
    if (!answer.body)
        return send_error(connection, MHD_HTTP_NOT_FOUND, "there is /, /metrics, /live.json and /healthz\n");
    return send_body(connection, MHD_HTTP_OK, answer.type, answer.body, answer.size, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *body, size_t *size,
                                  void **context)
{
    static char seen;
    ExporterServer *s = arg;
    if (!*context) { // the header is here, a body may follow
        Client *client = client_of(connection);
        if (client && client->idle)
            *client = (Client){ client->file, now_ms(), false };
        *context = &seen;
        if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
            return send_error(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        return MHD_YES;
    }
    if (*size) { // nobody wants it
        *size = 0;
        return MHD_YES;
    }
    if (strcmp(path, "/") == 0)
        return send_body(connection, MHD_HTTP_OK, "text/html; charset=utf-8", page_html, page_html_size,
                         MHD_RESPMEM_PERSISTENT);
    return send_answer(s, connection, path);
}

// -------------------------------------------------------------------- thread

// A scrape is answered at once, a storm of them at the pace that leaves the cores
// to the VMs.  Returns false when it is time to end.
static bool keep_to_budget(ExporterServer *s)
{
    const uint64_t now = read_ns(CLOCK_MONOTONIC), cpu = read_ns(CLOCK_THREAD_CPUTIME_ID);
    s->credit_ns += (int64_t)((now - s->seen_ns) * SHARE_PERCENT / 100) - (int64_t)(cpu - s->seen_cpu_ns);
    if (s->credit_ns > CREDIT_MS * INT64_C(1000000))
        s->credit_ns = CREDIT_MS * INT64_C(1000000);
    s->seen_ns = now;
    s->seen_cpu_ns = cpu;
    if (s->credit_ns >= 0)
        return true;
    struct pollfd wake = { s->wake, POLLIN, 0 };
    return poll(&wake, 1, (int)(-s->credit_ns * 100 / SHARE_PERCENT / 1000000) + 1) == 0;
}

static void *serve(void *arg)
{
    ExporterServer *s = arg;
    s->seen_ns = read_ns(CLOCK_MONOTONIC);
    s->seen_cpu_ns = read_ns(CLOCK_THREAD_CPUTIME_ID);
    s->credit_ns = CREDIT_MS * INT64_C(1000000);
    pthread_setname_np(pthread_self(), "metrics");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd files[] = { { info->epoll_fd, POLLIN, 0 }, { s->wake, POLLIN, 0 } };
    while (!(files[1].revents & POLLIN) && keep_to_budget(s)) {
        MHD_UNSIGNED_LONG_LONG due;
        int wait = CHECK_MS;
        if (MHD_get_timeout(s->daemon, &due) == MHD_YES && due < CHECK_MS)
            wait = (int)due;
        poll(files, 2, wait);
        MHD_run(s->daemon);
        cut_slow_clients(s);
    }
    return NULL;
}

// The thread must not take the signals that end a run.
static int start_thread(ExporterServer *s)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&s->thread, NULL, serve, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

// ---------------------------------------------------------- opening, closing

static bool make_address(const ExporterConfig *config, struct sockaddr_storage *to, Error *err)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
    memset(to, 0, sizeof *to);
    if (inet_pton(AF_INET, config->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(config->port);
        return true;
    }
    if (inet_pton(AF_INET6, config->address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(config->port);
        return true;
    }
    return fail(err, "--metrics: %s is not a numeric address", config->address);
}

// Opens the listening socket ourselves: the library does not say why it cannot.
static int listen_on(ExporterServer *s, Error *err)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (!make_address(&s->config, &address, err))
        return -1;
    const int file = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    if (file >= 0)
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (file < 0 || bind(file, (struct sockaddr *)&address, size) < 0 || listen(file, 128) < 0) {
        fail(err, "--metrics: %s port %u: %s", s->config.address, s->config.port, strerror(errno));
        if (file >= 0)
            close(file);
        return -1;
    }
    getsockname(file, (struct sockaddr *)&address, &size);
    s->port = ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                                 : ((struct sockaddr_in6 *)&address)->sin6_port);
    return file;
}

static bool start_daemon(ExporterServer *s, int file, Error *err)
{
    s->daemon =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, file,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)EXPORTER_CONNECTIONS,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)EXPORTER_HEADER_BYTES,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_NOTIFY_CONNECTION,
                         on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_END);
    if (!s->daemon)
        return fail(err, "--metrics: the HTTP server does not start: %s", strerror(errno));
    return true;
}

static void close_server(ExporterServer *s)
{
    if (s->thread) {
        const uint64_t one = 1;
        if (write(s->wake, &one, sizeof one) == sizeof one)
            pthread_join(s->thread, NULL);
    }
    if (s->daemon)
        MHD_stop_daemon(s->daemon); // closes the listening socket, too
    if (s->wake >= 0)
        close(s->wake);
    free(s);
}

static ExporterServer *open_server(const ExporterConfig *config, Error *err)
{
    ExporterServer *s = calloc(1, sizeof *s);
    if (!s) {
        fail(err, "--metrics: out of memory");
        return NULL;
    }
    s->config = *config;
    s->wake = eventfd(0, EFD_CLOEXEC);
    for (int i = 0; i < EXPORTER_CONNECTIONS; i++)
        s->clients[i].file = -1;
    const int file = listen_on(s, err);
    if (file >= 0 && !start_daemon(s, file, err))
        close(file);
    if (!s->daemon) {
        close_server(s);
        return NULL;
    }
    const int failed = start_thread(s);
    if (failed) {
        s->thread = 0;
        fail(err, "--metrics: no thread: %s", strerror(failed));
        close_server(s);
        return NULL;
    }
    return s;
}

static uint16_t server_port(const ExporterServer *s)
{
    return s->port;
}

static uint64_t server_refused(const ExporterServer *s)
{
    return __atomic_load_n(&s->refused, __ATOMIC_RELAXED);
}

__attribute__((visibility("default"))) extern const ExporterModule lc3_exporter;
const ExporterModule lc3_exporter = { open_server, server_port, server_refused, close_server };
