// Streams and runs.
//
// Every run has a stream of its own, LC3-SUBJECT-RUN on the subject SUBJECT.RUN: on file,
// min(3, servers) replicas, at most STREAM_BYTES large and refusing what is more, which is
// how a slow reader holds up its sender.  The bucket lc3-runs of JetStream's key-value
// store says under SUBJECT which run was opened last, and whether somebody reads it.
// A sender always opens a new run; a reader takes the last one opened if nobody else
// has, and otherwise waits for the next.  Both change the record only as they saw it.
#include "nats_bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKET "lc3-runs"

enum {
    DUPLICATES_S = 120,
    STARTING_S = 10, // a cluster that starts is given this long
    RECORD_VERSION = 1,
};

typedef struct {
    uint64_t run, program, reader;
} Record;

// ------------------------------------------------------------------- names

void run_stream_name(const Bridge *b, char *name, size_t size)
{
    snprintf(name, size, "LC3-%s-%016" PRIX64, b->remote->settings.subject, b->place.run);
    for (char *c = name; *c; c++)
        if (*c == '.')
            *c = '+'; // which no subject has
}

void run_subject(const Bridge *b, char *subject, size_t size)
{
    snprintf(subject, size, "%s.%016" PRIX64, b->remote->settings.subject, b->place.run);
}

// --------------------------------------------------------------- JetStream

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

// A cluster that has just started answers late, or says that it is not ready.
static bool is_passing(natsStatus s, jsErrCode code)
{
    return s == NATS_TIMEOUT || code == JSClusterNotAvailErr || code == JSClusterNotLeaderErr ||
           code == JSInsufficientResourcesErr;
}

static bool wait_for_jetstream(RemoteBus *bus, Error *err)
{
    const uint64_t until = now_ns() + STARTING_S * 1000000000ull;
    for (;;) {
        jsAccountInfo *info = NULL;
        jsErrCode code = 0;
        const natsStatus s = js_GetAccountInfo(&info, bus->js, NULL, &code);
        jsAccountInfo_Destroy(info);
        if (s == NATS_OK)
            return true;
        if (s == NATS_NO_RESPONDERS || code == JSNotEnabledErr || code == JSNotEnabledForAccountErr)
            return fail(err,
                        "--bus=%s: this server has no JetStream, which mode=safe needs (nats-server -js); "
                        "mode=fast does without",
                        bus->options.urls);
        if (!is_passing(s, code) || now_ns() > until || *bus->options.stop)
            return fail(err, "--bus=%s: JetStream does not answer: %s", bus->options.urls,
                        nats_GetLastError(NULL));
        pause_ms(200);
    }
}

static int64_t count_servers(RemoteBus *bus)
{
    char **servers = NULL;
    int count = 1;
    if (natsConnection_GetServers(bus->connection, &servers, &count) != NATS_OK)
        return 1;
    for (int i = 0; i < count; i++)
        free(servers[i]);
    free(servers);
    return count < 1 ? 1 : count;
}

// The bucket with the records, made by whoever comes first.
static bool open_bucket(RemoteBus *bus, kvStore **kv, Error *err)
{
    const uint64_t until = now_ns() + STARTING_S * 1000000000ull;
    natsStatus s;
    while ((s = js_KeyValue(kv, bus->js, BUCKET)) != NATS_OK) {
        kvConfig config;
        kvConfig_Init(&config);
        config.Bucket = BUCKET;
        config.History = 1;
        config.StorageType = js_FileStorage;
        config.Replicas = (int)bus->replicas;
        if (s == NATS_NOT_FOUND && (s = js_CreateKeyValue(kv, bus->js, &config)) == NATS_OK)
            return true;
        const char *detail = nats_GetLastError(NULL);
        if (detail && strstr(detail, "non-clustered") && bus->replicas > 1) {
            bus->replicas = 1; // several addresses of one server
            continue;
        }
        if (now_ns() > until || *bus->options.stop)
            return fail(err, "--bus=%s: cannot open the bucket " BUCKET " with %d replicas: %s",
                        bus->options.urls, (int)bus->replicas, detail ? detail : natsStatus_GetText(s));
        pause_ms(200);
    }
    return true;
}

bool run_open(RemoteBus *bus, Error *err)
{
    enum { MOST_REPLICAS = 3 };
    enum { WAIT_MS = 3000 };
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = WAIT_MS;
    if (natsConnection_JetStream(&bus->js, bus->connection, &options) != NATS_OK)
        return fail(err, "--bus=%s: %s", bus->options.urls, nats_GetLastError(NULL));
    if (!wait_for_jetstream(bus, err))
        return false;
    const int64_t servers = count_servers(bus);
    bus->replicas = servers < MOST_REPLICAS ? servers : MOST_REPLICAS;
    kvStore *kv = NULL;
    const bool good = open_bucket(bus, &kv, err);
    kvStore_Destroy(kv);
    return good;
}

// ----------------------------------------------------------------- records

static void write_record(char *text, size_t size, const Record *r)
{
    snprintf(text, size, "lc3 %d run %016" PRIX64 " program %016" PRIX64 " reader %016" PRIX64,
             RECORD_VERSION, r->run, r->program, r->reader);
}

typedef enum { RECORD_GOOD, RECORD_OTHER_VERSION, RECORD_FOREIGN } RecordStatus;

static RecordStatus read_record(const char *text, Record *r)
{
    int version = 0;
    if (sscanf(text, "lc3 %d", &version) == 1 && version != RECORD_VERSION)
        return RECORD_OTHER_VERSION;
    return sscanf(text, "lc3 %d run %" SCNx64 " program %" SCNx64 " reader %" SCNx64, &version, &r->run,
                  &r->program, &r->reader) == 4
               ? RECORD_GOOD
               : RECORD_FOREIGN;
}

// NATS_NOT_FOUND: there is none.
static natsStatus get_record(Bridge *b, kvStore *kv, char *text, size_t size, uint64_t *revision)
{
    kvEntry *entry = NULL;
    const natsStatus s = kvStore_Get(&entry, kv, b->remote->settings.subject);
    text[0] = 0;
    *revision = 0;
    if (s == NATS_OK) {
        const char *value = kvEntry_ValueString(entry);
        snprintf(text, size, "%s", value ? value : "");
        *revision = kvEntry_Revision(entry);
    }
    kvEntry_Destroy(entry);
    return s;
}

// ----------------------------------------------------------------- streams

static bool create_stream(Bridge *b, Error *err)
{
    char name[160], subject[160];
    run_stream_name(b, name, sizeof name);
    run_subject(b, subject, sizeof subject);
    const char *subjects[] = { subject };
    const uint64_t until = now_ns() + STARTING_S * 1000000000ull;
    for (;;) {
        jsStreamConfig config;
        jsStreamConfig_Init(&config);
        config.Name = name;
        config.Description = "words of lc3run";
        config.Subjects = subjects;
        config.SubjectsLen = 1;
        config.Storage = js_FileStorage;
        config.Replicas = b->bus->replicas;
        config.MaxBytes = STREAM_BYTES;
        config.Discard = js_DiscardNew;
        config.Duplicates = DUPLICATES_S * 1000000000ll;
        jsErrCode code = 0;
        const natsStatus s = js_AddStream(NULL, b->bus->js, &config, NULL, &code);
        if (s == NATS_OK)
            return true;
        if (code == JSStreamReplicasNotSupportedErr && b->bus->replicas > 1) {
            b->bus->replicas = 1;
            continue;
        }
        const char *detail = nats_GetLastError(NULL);
        if (code == JSStreamSubjectOverlapErr)
            return fail(err,
                        "--link=%s: another stream on this server takes the subject %s.*: it is not one of "
                        "lc3run's; choose another subject",
                        b->remote->settings.text, b->remote->settings.subject);
        if (!(is_passing(s, code) || code == JSClusterNoPeersErr) || now_ns() > until ||
            *b->bus->options.stop)
            return fail(err, "--link=%s: cannot make a stream with %d replicas: %s", b->remote->settings.text,
                        (int)b->bus->replicas, detail ? detail : natsStatus_GetText(s));
        pause_ms(200);
    }
}

// A run that was opened before this one and that nobody ever came to read.
static void drop_orphan(Bridge *b, const Record *old)
{
    Bridge other = *b;
    other.place.run = old->run;
    run_delete(&other);
}

bool run_create(Bridge *b, Error *err)
{
    b->place.run = fresh_number();
    b->place.program = b->remote->program;
    kvStore *kv = NULL;
    if (!create_stream(b, err) || !open_bucket(b->bus, &kv, err))
        return false;
    const Record mine = { b->place.run, b->place.program, 0 };
    char text[160], before[160];
    write_record(text, sizeof text, &mine);
    natsStatus s = NATS_ERR;
    for (int tries = 0; tries < 10 && s != NATS_OK; tries++) {
        uint64_t revision;
        Record old = { 0 };
        const natsStatus got = get_record(b, kv, before, sizeof before, &revision);
        if (got == NATS_OK)
            s = kvStore_UpdateString(NULL, kv, b->remote->settings.subject, text, revision);
        else if (got == NATS_NOT_FOUND)
            s = kvStore_CreateString(NULL, kv, b->remote->settings.subject, text);
        if (s == NATS_OK && read_record(before, &old) == RECORD_GOOD && !old.reader)
            drop_orphan(b, &old);
        if (s != NATS_OK)
            pause_ms(100);
    }
    kvStore_Destroy(kv);
    if (s == NATS_OK)
        return true;
    return fail(err, "--link=%s: cannot record the run: %s", b->remote->settings.text,
                nats_GetLastError(NULL));
}

RunStatus run_find(Bridge *b, RemotePlace *place, Error *err)
{
    kvStore *kv = NULL;
    if (js_KeyValue(&kv, b->bus->js, BUCKET) != NATS_OK)
        return RUN_NONE;
    char text[160];
    uint64_t revision;
    Record r = { 0 };
    RunStatus status = RUN_NONE;
    if (get_record(b, kv, text, sizeof text, &revision) == NATS_OK) {
        const RecordStatus read = read_record(text, &r);
        if (read == RECORD_OTHER_VERSION || read == RECORD_FOREIGN) {
            fail(err, "--link=%s: the last run on this subject was %s", b->remote->settings.text,
                 read == RECORD_FOREIGN ? "not of lc3run" : "of another version of lc3run");
            status = RUN_UNUSABLE;
        } else if (!r.reader || r.reader == place->reader) { // or before a restart
            r.reader = place->reader;
            write_record(text, sizeof text, &r);
            if (kvStore_UpdateString(NULL, kv, b->remote->settings.subject, text, revision) == NATS_OK) {
                *place =
                    (RemotePlace){ .run = r.run, .program = r.program, .reader = r.reader, .sequence = 1 };
                status = RUN_BOUND;
            }
        }
    }
    kvStore_Destroy(kv);
    return status;
}

bool run_resume(Bridge *b, Error *err)
{
    if (!run_is_gone(b))
        return true;
    char name[160];
    run_stream_name(b, name, sizeof name);
    return fail(err, "--link=%s: the checkpoint goes on in the stream %s, and that is gone",
                b->remote->settings.text, name);
}

// ------------------------------------------------------------------ a run's

bool run_is_gone(Bridge *b)
{
    char name[160];
    run_stream_name(b, name, sizeof name);
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    js_GetStreamInfo(&info, b->bus->js, name, NULL, &code);
    jsStreamInfo_Destroy(info);
    return code == JSStreamNotFoundErr;
}

void run_seal(Bridge *b)
{
    char name[160];
    run_stream_name(b, name, sizeof name);
    jsStreamInfo *info = NULL;
    if (js_GetStreamInfo(&info, b->bus->js, name, NULL, NULL) != NATS_OK)
        return;
    info->Config->Sealed = true;
    js_UpdateStream(NULL, b->bus->js, info->Config, NULL, NULL);
    jsStreamInfo_Destroy(info);
}

void run_delete(Bridge *b)
{
    char name[160];
    run_stream_name(b, name, sizeof name);
    js_DeleteStream(b->bus->js, name, NULL, NULL);
}

void run_purge(Bridge *b, uint64_t sequence)
{
    char name[160];
    run_stream_name(b, name, sizeof name);
    jsOptions options;
    jsOptions_Init(&options);
    options.Stream.Purge.Sequence = sequence;
    js_PurgeStream(b->bus->js, name, &options, NULL);
}

uint64_t run_last(Bridge *b)
{
    char name[160];
    run_stream_name(b, name, sizeof name);
    jsStreamInfo *info = NULL;
    const bool good = js_GetStreamInfo(&info, b->bus->js, name, NULL, NULL) == NATS_OK;
    const uint64_t last = good ? info->State.LastSeq : 0;
    jsStreamInfo_Destroy(info);
    return last;
}

int64_t run_space(Bridge *b)
{
    char name[160];
    run_stream_name(b, name, sizeof name);
    jsStreamInfo *info = NULL;
    int64_t space = -1;
    if (js_GetStreamInfo(&info, b->bus->js, name, NULL, NULL) == NATS_OK)
        space = STREAM_BYTES / 4 * 3 - (int64_t)info->State.Bytes; // the rest is for messages on their way
    jsStreamInfo_Destroy(info);
    return space > 0 ? space : 0;
}
