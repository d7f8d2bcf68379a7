// The module's connection and its table of functions.
#include "nats_bus.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CONNECT_MS = 2000,
    PING_MS = 1000, // a server that answers none of two is taken for dead
    PINGS_OUT = 2,
    WRITE_MS = 3000,
    RECONNECT_LEAST_MS = 50,
    RECONNECT_MOST_MS = 2000,
};

// -------------------------------------------------------------- connection

static void on_disconnected(natsConnection *nc, void *closure)
{
    atomic_store(&((RemoteBus *)closure)->is_connected, 0);
    (void)nc;
}

static void on_reconnected(natsConnection *nc, void *closure)
{
    RemoteBus *bus = closure;
    atomic_store(&bus->is_connected, 1);
    atomic_fetch_add(&bus->reconnects, 1);
    for (Bridge *b = bus->bridges; b; b = b->next) {
        if (b->kind->renew)
            b->kind->renew(b);
        alarm_ring(&b->alarm);
    }
    (void)nc;
}

// Asynchronous errors show in what they lead to; only their printing is unwanted.
static void on_error(natsConnection *nc, natsSubscription *sub, natsStatus status, void *closure)
{
    (void)nc;
    (void)sub;
    (void)status;
    (void)closure;
}

// How long to wait when every server was tried in vain: twice as long each time, a
// little different for everybody.
static int64_t next_delay(natsConnection *nc, int attempts, void *closure)
{
    const int64_t ms = (int64_t)RECONNECT_LEAST_MS << (attempts < 6 ? attempts : 6);
    (void)nc;
    (void)closure;
    return (ms < RECONNECT_MOST_MS ? ms : RECONNECT_MOST_MS) + (int64_t)(fresh_number() % 50);
}

static natsStatus set_urls(RemoteBus *bus, natsOptions *o)
{
    const char *urls[64];
    int count = 0;
    char *save = NULL;
    for (char *u = strtok_r(bus->urls, ",", &save); u && count < 64; u = strtok_r(NULL, ",", &save))
        urls[count++] = u;
    return natsOptions_SetServers(o, urls, count);
}

// Secrets come from files whose names the environment gives, as with the nats command.
static natsStatus set_credentials(natsOptions *o, const char **which)
{
    const char *creds = getenv("NATS_CREDS"), *nkey = getenv("NATS_NKEY"), *user = getenv("NATS_USER"),
               *password = getenv("NATS_PASSWORD"), *token = getenv("NATS_TOKEN");
    natsStatus s = NATS_OK;
    *which = "NATS_CREDS";
    if (creds && *creds)
        s = natsOptions_SetUserCredentialsFromFiles(o, creds, NULL);
    if (s == NATS_OK && nkey && *nkey) {
        *which = "NATS_NKEY";
        s = natsOptions_SetNKeyFromSeed(o, NULL, nkey);
    }
    if (s == NATS_OK && user && *user) {
        *which = "NATS_USER";
        s = natsOptions_SetUserInfo(o, user, password ? password : "");
    }
    if (s == NATS_OK && token && *token) {
        *which = "NATS_TOKEN";
        s = natsOptions_SetToken(o, token);
    }
    return s;
}

static natsStatus set_tls(natsOptions *o, const char *urls, const char **which)
{
    const char *ca = getenv("NATS_CA"), *cert = getenv("NATS_CERT"), *key = getenv("NATS_KEY");
    natsStatus s = NATS_OK;
    *which = "tls";
    if (strstr(urls, "tls://") || (ca && *ca) || (cert && *cert))
        s = natsOptions_SetSecure(o, true);
    if (s == NATS_OK && ca && *ca) {
        *which = "NATS_CA";
        s = natsOptions_LoadCATrustedCertificates(o, ca);
    }
    if (s == NATS_OK && cert && *cert) {
        *which = "NATS_CERT and NATS_KEY";
        s = natsOptions_LoadCertificatesChain(o, cert, key ? key : cert);
    }
    return s;
}

static natsStatus set_behaviour(RemoteBus *bus, natsOptions *o)
{
    natsStatus s = natsOptions_SetName(o, "lc3run");
    if (s == NATS_OK)
        s = natsOptions_SetTimeout(o, CONNECT_MS);
    if (s == NATS_OK)
        s = natsOptions_SetPingInterval(o, PING_MS);
    if (s == NATS_OK)
        s = natsOptions_SetMaxPingsOut(o, PINGS_OUT);
    if (s == NATS_OK)
        s = natsOptions_SetWriteDeadline(o, WRITE_MS);
    if (s == NATS_OK)
        s = natsOptions_SetMaxReconnect(o, 0x7FFFFFFF);
    if (s == NATS_OK)
        s = natsOptions_SetCustomReconnectDelay(o, next_delay, NULL);
    if (s == NATS_OK)
        s = natsOptions_SetSendAsap(o, true);
    if (s == NATS_OK)
        s = natsOptions_SetIOBufSize(o, 256 * 1024);
    if (s == NATS_OK)
        s = natsOptions_SetDisconnectedCB(o, on_disconnected, bus);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectedCB(o, on_reconnected, bus);
    if (s == NATS_OK)
        s = natsOptions_SetErrorHandler(o, on_error, NULL);
    return s;
}

// What the library says, without the place in its source.
static const char *last_error(void)
{
    const char *text = nats_GetLastError(NULL), *place = text ? strstr(text, "): ") : NULL;
    return place ? place + 3 : text;
}

static bool explain(natsStatus s, const char *urls, Error *err)
{
    const char *detail = last_error();
    if (s == NATS_NO_SERVER && detail && strcasestr(detail, "auth"))
        s = NATS_CONNECTION_AUTH_FAILED;
    switch (s) {
    case NATS_NO_SERVER:
    case NATS_TIMEOUT:
    case NATS_IO_ERROR:
        return fail(err, "--bus=%s: no server answers there (%s)", urls,
                    detail ? detail : natsStatus_GetText(s));
    case NATS_CONNECTION_AUTH_FAILED:
    case NATS_NOT_PERMITTED:
        return fail(err,
                    "--bus=%s: the server refuses these credentials (NATS_CREDS, NATS_NKEY, NATS_USER and "
                    "NATS_PASSWORD, or NATS_TOKEN name them)",
                    urls);
    case NATS_SSL_ERROR:
        return fail(err, "--bus=%s: TLS: %s (NATS_CA names the authority's certificate)", urls,
                    detail ? detail : "failed");
    case NATS_SECURE_CONNECTION_REQUIRED:
        return fail(err, "--bus=%s: the server wants TLS: give tls://", urls);
    case NATS_SECURE_CONNECTION_WANTED:
        return fail(err, "--bus=%s: the server does not speak TLS", urls);
    default:
        return fail(err, "--bus=%s: %s (%s)", urls, natsStatus_GetText(s), detail ? detail : "no detail");
    }
}

// A line that drops while it is being set up says nothing about the server.
static natsStatus try_to_connect(RemoteBus *bus, natsOptions *o)
{
    enum { TRIES = 5 };
    natsStatus s = natsConnection_Connect(&bus->connection, o);
    for (int i = 1; i < TRIES && (s == NATS_CONNECTION_CLOSED || s == NATS_PROTOCOL_ERROR); i++)
        s = natsConnection_Connect(&bus->connection, o);
    return s;
}

static bool connect_to(RemoteBus *bus, Error *err)
{
    natsOptions *o = NULL;
    const char *which = "";
    natsStatus s = natsOptions_Create(&o);
    if (s == NATS_OK)
        s = set_behaviour(bus, o);
    if (s == NATS_OK && (s = set_urls(bus, o)) != NATS_OK)
        fail(err, "--bus=%s: not a list of servers: nats://HOST:PORT, separated by commas",
             bus->options.urls);
    else if (s == NATS_OK && ((s = set_credentials(o, &which)) != NATS_OK ||
                              (s = set_tls(o, bus->options.urls, &which)) != NATS_OK))
        fail(err, "%s: %s", which, last_error() ? last_error() : natsStatus_GetText(s));
    else if (s == NATS_OK && (s = try_to_connect(bus, o)) != NATS_OK)
        explain(s, bus->options.urls, err);
    natsOptions_Destroy(o);
    bus->is_connected = s == NATS_OK;
    return s == NATS_OK;
}

// Secrets on a command line are everybody's to read.
static bool check_urls(const char *urls, Error *err)
{
    if (strlen(urls) >= sizeof((RemoteBus *)0)->urls)
        return fail(err, "--bus: the list of servers is too long");
    if (strchr(urls, '@'))
        return fail(err,
                    "--bus: a name or password has no place on a command line, which everybody can read: "
                    "NATS_CREDS or NATS_USER and NATS_PASSWORD hold them");
    if (!*urls || strpbrk(urls, " \t"))
        return fail(err, "--bus=%s: expected nats://HOST:PORT, separated by commas", urls);
    return true;
}

static void bus_close(RemoteBus *bus)
{
    enum { CLOSE_MS = 2000 };
    for (Bridge *b = bus->bridges; b; b = b->next)
        b->kind->unsubscribe(b);
    jsCtx_Destroy(bus->js);
    natsConnection_Destroy(bus->connection);
    if (nats_CloseAndWait(CLOSE_MS) != NATS_OK)
        return; // a callback that still runs may look at what would be freed here
    for (Bridge *b = bus->bridges; b;) {
        Bridge *next = b->next;
        b->kind->close(b);
        b->remote->bridge = NULL;
        free(b);
        b = next;
    }
    free(bus);
}

// cnats allocates each message in one thread and frees it in another.  By default glibc
// gives the end of such an arena back and faults it in again for the next messages, which
// cost a third of the words a second.
static void keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
#endif
}

static RemoteBus *bus_open(const RemoteBusOptions *options, Error *err)
{
    keep_memory();
    if (!check_urls(options->urls, err))
        return NULL;
    RemoteBus *bus = calloc(1, sizeof *bus);
    bus->options = *options;
    pthread_mutex_init(&bus->trouble_lock, NULL);
    snprintf(bus->urls, sizeof bus->urls, "%s", options->urls);
    if (connect_to(bus, err))
        return bus;
    bus_close(bus);
    return NULL;
}

// ----------------------------------------------------------------- bridges

static bool check_payload(const RemoteBus *bus, const Remote *r, Error *err)
{
    enum { HEADERS = 200 };
    const int64_t most = natsConnection_GetMaxPayload(bus->connection),
                  length = WIRE_HEADER + 2 * (int64_t)r->settings.batch;
    if (length + HEADERS <= most)
        return true;
    return fail(err, "--link=%s: batch=%u: this server takes messages of at most %lld bytes, %lld words",
                r->settings.text, r->settings.batch, (long long)most,
                (long long)(most - HEADERS - WIRE_HEADER) / 2);
}

static bool bus_attach(RemoteBus *bus, Remote *r, Error *err)
{
    const RemoteSettings *s = &r->settings;
    if (!check_payload(bus, r, err) || (!s->is_fast && !bus->js && !run_open(bus, err)))
        return false;
    Bridge *b = s->is_fast ? (s->is_out ? fast_sender_new : fast_receiver_new)(bus, r)
                           : (s->is_out ? sender_new : receiver_new)(bus, r);
    b->next = bus->bridges;
    bus->bridges = b;
    if (s->is_fast)
        return true;
    if (!b->place.reader)
        b->place.reader = fresh_number();
    if (r->start.run ? !run_resume(b, err) : s->is_out && !run_create(b, err))
        return false;
    if (s->is_out)
        outlet_start((Outlet *)b);
    if (s->is_out || r->start.run)
        return true;
    return run_find(b, &b->place, err) != RUN_UNUSABLE; // or it comes later
}

static bool bus_start(RemoteBus *bus, Error *err)
{
    for (Bridge *b = bus->bridges; b; b = b->next) {
        const int error = pthread_create(&b->thread, NULL, b->kind->run, b);
        if (error)
            return fail(err, "cannot start a thread: %s", strerror(error));
        b->has_thread = true;
    }
    return true;
}

static bool bus_settle(RemoteBus *bus)
{
    enum { LOOK_NS = 100000 };
    const uint64_t PATIENCE_NS = 3000000000;
    const uint64_t start = clock_ns();
    for (Bridge *b = bus->bridges; b; b = b->next)
        while (b->kind->is_settled && !b->kind->is_settled(b)) {
            if (bus->has_given_up || (*bus->options.stop && clock_ns() - start > PATIENCE_NS))
                return false;
            alarm_ring(&b->alarm);
            const struct timespec look = { 0, LOOK_NS };
            nanosleep(&look, NULL);
        }
    return true;
}

static void bus_place(const Remote *r, uint64_t position, RemotePlace *place)
{
    Bridge *b = r->bridge;
    b->kind->place(b, position, place);
}

static void bus_commit(RemoteBus *bus)
{
    for (Bridge *b = bus->bridges; b; b = b->next)
        if (b->kind->commit)
            b->kind->commit(b);
}

// A run that was cut short leaves bridges that still want to say that this is the end:
// they get PATIENCE_S for it.
static void join(Bridge *b)
{
    enum { PATIENCE_S = 3 };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    if (!b->has_thread)
        return;
    if (pthread_timedjoin_np(b->thread, NULL, &until) != 0) {
        atomic_store(&b->bus->is_stopping, 1);
        alarm_ring(&b->alarm);
        pthread_join(b->thread, NULL);
    }
}

static void bus_stop(RemoteBus *bus, bool ends)
{
    if (!ends || bus->has_given_up)
        atomic_store(&bus->is_stopping, 1);
    for (Bridge *b = bus->bridges; b; b = b->next)
        alarm_ring(&b->alarm);
    for (Bridge *b = bus->bridges; b; b = b->next)
        join(b);
    for (Bridge *b = bus->bridges; b; b = b->next)
        if (b->kind->end && b->has_thread)
            b->kind->end(b, ends && !bus->has_given_up);
}

static uint64_t bus_reconnects(const RemoteBus *bus)
{
    return atomic_load(&((RemoteBus *)bus)->reconnects);
}

static const char *bus_trouble(const RemoteBus *bus)
{
    return bus->trouble;
}

static const char *library(void)
{
    static char text[40];
    snprintf(text, sizeof text, "cnats %s", nats_GetVersion());
    return text;
}

extern const NatsDriver lc3_nats_driver;
__attribute__((visibility("default"))) const NatsDriver lc3_nats_driver = {
    .version = NATS_DRIVER_VERSION,
    .library = library,
    .open = bus_open,
    .attach = bus_attach,
    .start = bus_start,
    .settle = bus_settle,
    .place = bus_place,
    .commit = bus_commit,
    .stop = bus_stop,
    .reconnects = bus_reconnects,
    .trouble = bus_trouble,
    .close = bus_close,
};
