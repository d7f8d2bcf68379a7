// exporter.h -- the HTTP server of --metrics, as a module opened on demand.
//
// exporter.c is the module: it speaks HTTP through libmicrohttpd and holds the
// live page; it knows nothing of metrics.  exporter_open.c finds the module,
// starts it and answers its questions from a registry.  A run without --metrics
// never loads it.
//
// One thread serves everybody.  What clients can cost is limited: so many
// connections, so many bytes of header, so many seconds from connecting to the end
// of the answer, and over a while 5 % of a core in all.
#ifndef RUNTIME_EXPORTER_H
#define RUNTIME_EXPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    EXPORTER_CONNECTIONS = 64,
    EXPORTER_HEADER_BYTES = 16 * 1024, // also of what MHD keeps for a connection
    EXPORTER_SECONDS = 10,             // from connecting to the end of the answer
};

// What the module asks for.  The body is malloc'ed and becomes the module's.
typedef struct {
    const char *type; // of the content
    char *body;
    size_t size;
} ExporterAnswer;

typedef struct {
    const char *address; // numeric, IPv4 or IPv6 without brackets
    uint16_t port;       // 0: any that is free
    void *arg;
    // Called in the exporter's thread.  `path` is /metrics, /live.json or /healthz.
    void (*answer)(void *arg, const char *path, const char *accept, const char *family, const char *vm,
                   ExporterAnswer *answer);
} ExporterConfig;

typedef struct ExporterServer ExporterServer;

typedef struct {
    ExporterServer *(*open)(const ExporterConfig *config, Error *err);
    uint16_t (*port)(const ExporterServer *s);
    // Connections that were refused or cut, for the exporter's own metrics.
    uint64_t (*refused)(const ExporterServer *s);
    void (*close)(ExporterServer *s); // ends what is being answered
} ExporterModule;

#define EXPORTER_SYMBOL "lc3_exporter"

// ----------------------------------------------------- the side of lc3run

struct Metrics;

typedef struct Exporter {
    struct Metrics *metrics;
    const ExporterModule *module;
    ExporterServer *server;
    char url[80];      // http://127.0.0.1:9464/
    uint64_t scrapes;  // of /metrics; stored by the exporter's thread
    uint64_t busy_ns;  // CPU time of its thread
    size_t last_size;  // of the longest answer; the thread's own
    uint32_t finished; // 1: /healthz says that the run has ended
} Exporter;

// Takes "[ADDR:]PORT"; IPv6 addresses stand in brackets.  On failure says why.
bool exporter_parse(const char *text, char address[64], uint16_t *port, Error *err);

// Serves `m` until exporter_close.  Also registers the exporter's own metrics.
bool exporter_open(Exporter *e, struct Metrics *m, const char *where, Error *err);
void exporter_close(Exporter *e);

#endif
