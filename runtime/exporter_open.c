#include "exporter.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "metrics.h"

#define MODULE "lc3_metrics.so"

bool exporter_parse(const char *text, char address[64], uint16_t *port, Error *err)
{
    const char *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : text;
    const char *begin = text, *end = colon ? colon : text;
    if (colon && *begin == '[' && end - begin > 1 && end[-1] == ']') {
        begin++;
        end--;
    } else if (colon && memchr(begin, ':', (size_t)(end - begin))) {
        return fail(err, "--metrics=%s: an IPv6 address stands in brackets: [::1]:9464", text);
    }
    char *rest;
    const unsigned long number = strtoul(digits, &rest, 10);
    if (*digits < '0' || *digits > '9' || *rest || number > 65535)
        return fail(err, "--metrics=%s: takes [ADDR:]PORT, PORT from 0 to 65535", text);
    if (end - begin >= 64)
        return fail(err, "--metrics=%s: the address is too long", text);
    snprintf(address, 64, "%.*s", (int)(end - begin), begin);
    if (!*address)
        strcpy(address, "127.0.0.1");
    *port = (uint16_t)number;
    return true;
}

// ------------------------------------------------------------------- answers

static void write_health(Writer *w, const Exporter *e)
{
    write_text(w,
               __atomic_load_n(&e->finished, __ATOMIC_RELAXED) ? "ok: the run has ended\n" : "ok: running\n");
}

static const char *write_metrics(Writer *w, Exporter *e, const char *accept)
{
    __atomic_store_n(&e->scrapes, e->scrapes + 1, __ATOMIC_RELAXED);
    if (metrics_wants_openmetrics(accept)) {
        metrics_write_openmetrics(e->metrics, w);
        return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    }
    metrics_write_text(e->metrics, w);
    return "text/plain; version=0.0.4; charset=utf-8";
}

static uint64_t thread_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// In the exporter's thread.
static void answer(void *arg, const char *path, const char *accept, const char *family, const char *vm,
                   ExporterAnswer *out)
{
    Exporter *e = arg;
    Writer w = { .at = malloc(e->last_size), .capacity = e->last_size }; // a page grows slowly
    if (!w.at)
        w.capacity = 0;
    if (strcmp(path, "/metrics") == 0) {
        out->type = write_metrics(&w, e, accept);
    } else if (strcmp(path, "/live.json") == 0) {
        metrics_write_json(e->metrics, &w, family, vm);
        out->type = "application/json";
    } else if (strcmp(path, "/healthz") == 0) {
        write_health(&w, e);
        out->type = "text/plain; charset=utf-8";
    } else {
        writer_free(&w);
        return;
    }
    out->body = w.at;
    out->size = w.len;
    if (w.len > e->last_size)
        e->last_size = w.len;
    __atomic_store_n(&e->busy_ns, thread_ns(), __ATOMIC_RELAXED);
}

static double read_refused(const void *source)
{
    const Exporter *e = source;
    return (double)e->module->refused(e->server);
}

static void add_own_metrics(Exporter *e)
{
    Metrics *m = e->metrics;
    metrics_add_word(m,
                     metrics_family(m, METRIC_COUNTER, "lc3_exporter_scrapes", "", "Requests for /metrics."),
                     NULL, &e->scrapes, METRIC_ONE);
    metrics_add_word(m,
                     metrics_family(m, METRIC_COUNTER, "lc3_exporter_busy_seconds", "seconds",
                                    "CPU time of the exporter's thread."),
                     NULL, &e->busy_ns, METRIC_NS);
    metrics_add_call(m,
                     metrics_family(m, METRIC_COUNTER, "lc3_exporter_cut_connections", "connections",
                                    "Connections cut because their client was too slow."),
                     NULL, read_refused, e);
}

// ---------------------------------------------------------- opening, closing

// Beside the running program, which is where a build leaves it.
static void *open_beside(void)
{
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof MODULE);
    if (length <= 0)
        return NULL;
    path[length] = 0;
    char *slash = strrchr(path, '/');
    strcpy(slash ? slash + 1 : path, MODULE);
    return access(path, R_OK) ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static const ExporterModule *load_module(Error *err)
{
    void *module = open_beside();
    if (!module)
        module = dlopen(LC3_MODULE_DIR "/" MODULE, RTLD_NOW | RTLD_LOCAL);
    const ExporterModule *found = module ? dlsym(module, EXPORTER_SYMBOL) : NULL;
    if (!found) {
        const char *reason = dlerror();
        fail(err, "--metrics needs libmicrohttpd, and its part %s is not built in (%s)", MODULE,
             reason ? reason : "no symbol");
    }
    return found;
}

bool exporter_open(Exporter *e, Metrics *m, const char *where, Error *err)
{
    char address[64];
    ExporterConfig config = { .address = address, .arg = e, .answer = answer };
    *e = (Exporter){ .metrics = m, .last_size = 4096 };
    if (!exporter_parse(where, address, &config.port, err) || !(e->module = load_module(err)))
        return false;
    pthread_mutex_lock(&m->lock); // nobody is answered before the own series are there
    e->server = e->module->open(&config, err);
    if (e->server)
        add_own_metrics(e);
    pthread_mutex_unlock(&m->lock);
    if (!e->server)
        return false;
    const bool six = strchr(address, ':') != NULL;
    snprintf(e->url, sizeof e->url, six ? "http://[%s]:%u/" : "http://%s:%u/", address,
             e->module->port(e->server));
    return true;
}

void exporter_close(Exporter *e)
{
    if (e->server)
        e->module->close(e->server);
    e->server = NULL;
}
