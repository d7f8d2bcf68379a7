// Streams and runs.
//
// Every run has a stream of its own, LC3-SUBJECT-RUN on the subject SUBJECT.RUN: on file,
// min(3, servers) replicas, keeping at most run_messages() messages, which is how far a sender
// may be ahead of its reader (nats_progress.c).  The bucket lc3-runs of JetStream's key-value
// store says under SUBJECT which run was opened last, and whether somebody reads it.
// A sender always opens a new run; a reader takes the last one opened if nobody else
// has, and otherwise waits for the next.  Both change the record only as they saw it.
//
// With group=N*NAME a sender opens N such runs, with numbers in a row and records under
// SUBJECT=NAME=0 and so on; a reader with group=NAME takes the first that is free.
#include "nats_bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKET "lc3-runs"

enum {
    DUPLICATES_S = 120,
    STARTING_S = 20, // a cluster that starts is given this long
    RECORD_VERSION = 1,
};

typedef struct {
    uint64_t run, program, reader;
} Record;

// ------------------------------------------------------------------- names

void run_stream_name(const Bridge *b, uint64_t run, char *name, size_t size)
{
    snprintf(name, size, "LC3-%s-%016" PRIX64, b->remote->settings.subject, run);
    for (char *c = name; *c; c++)
        if (*c == '.')
            *c = '+'; // which no subject has
}

void run_subject(const Bridge *b, uint64_t run, char *subject, size_t size)
{
    snprintf(subject, size, "%s.%016" PRIX64, b->remote->settings.subject, run);
}

static void record_name(const Bridge *b, uint32_t lane, char *name, size_t size)
{
    const RemoteSettings *s = &b->remote->settings;
    if (s->group)
        snprintf(name, size, "%s=%s=%u", s->subject, s->group, lane);
    else
        snprintf(name, size, "%s", s->subject);
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
    const uint64_t until = clock_ns() + STARTING_S * 1000000000ull;
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
        if (!is_passing(s, code) || clock_ns() > until || *bus->options.stop)
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
    const uint64_t until = clock_ns() + STARTING_S * 1000000000ull;
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
        if (clock_ns() > until || *bus->options.stop)
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
static natsStatus get_record(kvStore *kv, const char *name, char *text, size_t size, uint64_t *revision)
{
    kvEntry *entry = NULL;
    const natsStatus s = kvStore_Get(&entry, kv, name);
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

uint64_t run_messages(const Bridge *b)
{
    enum { HEADERS = 200 }; // what the server adds
    return STREAM_BYTES / (HEADERS + WIRE_HEADER + 2 * b->remote->settings.batch);
}

static bool create_stream(Bridge *b, uint64_t run, Error *err)
{
    char name[160], subject[160];
    run_stream_name(b, run, name, sizeof name);
    run_subject(b, run, subject, sizeof subject);
    const char *subjects[] = { subject };
    const uint64_t until = clock_ns() + STARTING_S * 1000000000ull;
    for (;;) {
        jsStreamConfig config;
        jsStreamConfig_Init(&config);
        config.Name = name;
        config.Description = "words of lc3run";
        config.Subjects = subjects;
        config.SubjectsLen = 1;
        config.Storage = js_FileStorage;
        config.Replicas = b->bus->replicas;
        config.MaxMsgs = (int64_t)run_messages(b);
        config.Discard = js_DiscardOld;
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
        if (!(is_passing(s, code) || code == JSClusterNoPeersErr) || clock_ns() > until ||
            *b->bus->options.stop)
            return fail(err, "--link=%s: cannot make a stream with %d replicas: %s", b->remote->settings.text,
                        (int)b->bus->replicas, detail ? detail : natsStatus_GetText(s));
        pause_ms(200);
    }
}

// A run that was opened before this one and that nobody ever came to read.  The record may
// be ours already: written, and the answer lost.
static void drop_orphan(Bridge *b, const char *text)
{
    Record old;
    const uint64_t mine = b->place.run, lanes = b->remote->settings.replicas;
    if (read_record(text, &old) == RECORD_GOOD && !old.reader && old.run - mine >= lanes)
        run_delete(b, old.run);
}

static bool record_lane(Bridge *b, kvStore *kv, uint32_t lane, Error *err)
{
    const Record mine = { b->place.run + lane, b->place.program, 0 };
    char text[160], before[160], name[160];
    write_record(text, sizeof text, &mine);
    record_name(b, lane, name, sizeof name);
    natsStatus s = NATS_ERR;
    for (int tries = 0; tries < 10 && s != NATS_OK; tries++) {
        uint64_t revision;
        const natsStatus got = get_record(kv, name, before, sizeof before, &revision);
        if (got == NATS_OK)
            s = kvStore_UpdateString(NULL, kv, name, text, revision);
        else if (got == NATS_NOT_FOUND)
            s = kvStore_CreateString(NULL, kv, name, text);
        if (s == NATS_OK)
            drop_orphan(b, before);
        else
            pause_ms(100);
    }
    return s == NATS_OK ? true
                        : fail(err, "--link=%s: cannot record the run: %s", b->remote->settings.text,
                               nats_GetLastError(NULL));
}

// A group that was larger before.
static void forget_lanes(Bridge *b, kvStore *kv, uint32_t from)
{
    char text[160], name[160];
    for (uint64_t revision; from < REMOTE_REPLICAS_MAX; from++) {
        record_name(b, from, name, sizeof name);
        if (get_record(kv, name, text, sizeof text, &revision) != NATS_OK)
            return;
        kvStore_Delete(kv, name);
        drop_orphan(b, text);
    }
}

bool run_create(Bridge *b, Error *err)
{
    const RemoteSettings *settings = &b->remote->settings;
    b->place.run = fresh_number();
    b->place.program = b->remote->program;
    kvStore *kv = NULL;
    bool good = open_bucket(b->bus, &kv, err);
    for (uint32_t i = 0; i < settings->replicas && good; i++)
        good = create_stream(b, b->place.run + i, err) && record_lane(b, kv, i, err);
    if (good && settings->group)
        forget_lanes(b, kv, settings->replicas);
    kvStore_Destroy(kv);
    return good;
}

typedef struct {
    char name[160];
    uint64_t revision;
    Record record;
} Found;

// The record of one lane.  RUN_BOUND: ours before a restart; RUN_FREE: nobody's.
static RunStatus look_at_lane(kvStore *kv, Bridge *b, uint32_t lane, Found *f, Error *err)
{
    char text[160];
    record_name(b, lane, f->name, sizeof f->name);
    if (get_record(kv, f->name, text, sizeof text, &f->revision) != NATS_OK)
        return RUN_NONE;
    const RecordStatus read = read_record(text, &f->record);
    if (read == RECORD_GOOD)
        return !f->record.reader ? RUN_FREE : f->record.reader == b->place.reader ? RUN_BOUND : RUN_TAKEN;
    fail(err, "--link=%s: the last run on this subject was %s", b->remote->settings.text,
         read == RECORD_FOREIGN ? "not of lc3run" : "of another version of lc3run");
    return RUN_UNUSABLE;
}

// Ours, or else the first that is free.
static RunStatus find_lane(kvStore *kv, Bridge *b, Found *found, Error *err)
{
    const uint32_t lanes = b->remote->settings.group ? REMOTE_REPLICAS_MAX : 1;
    RunStatus best = RUN_NONE;
    for (uint32_t i = 0; i < lanes; i++) {
        Found f;
        const RunStatus status = look_at_lane(kv, b, i, &f, err);
        if (status == RUN_NONE)
            break;
        if (status == RUN_UNUSABLE || status == RUN_BOUND || (status == RUN_FREE && best != RUN_FREE)) {
            *found = f;
            best = status;
        }
        if (best == RUN_UNUSABLE || best == RUN_BOUND)
            break;
    }
    return best;
}

static bool claim(kvStore *kv, const Bridge *b, Found *f)
{
    char text[160];
    f->record.reader = b->place.reader;
    write_record(text, sizeof text, &f->record);
    return kvStore_UpdateString(NULL, kv, f->name, text, f->revision) == NATS_OK;
}

RunStatus run_find(Bridge *b, RemotePlace *place, Error *err)
{
    kvStore *kv = NULL;
    if (js_KeyValue(&kv, b->bus->js, BUCKET) != NATS_OK)
        return RUN_NONE;
    Found f;
    RunStatus status = find_lane(kv, b, &f, err);
    if (status == RUN_BOUND || status == RUN_FREE) {
        status = claim(kv, b, &f) ? RUN_BOUND : RUN_NONE;
        if (status == RUN_BOUND)
            *place = (RemotePlace){
                .run = f.record.run, .program = f.record.program, .reader = f.record.reader, .sequence = 1
            };
    }
    kvStore_Destroy(kv);
    return status;
}

bool run_resume(Bridge *b, Error *err)
{
    for (uint32_t i = 0; i < b->remote->settings.replicas; i++) {
        const bool may_be_read = b->place.ended >> i & 1; // to its end, and removed
        if (may_be_read || !run_is_gone(b, b->place.run + i))
            continue;
        char name[160];
        run_stream_name(b, b->place.run + i, name, sizeof name);
        return fail(err, "--link=%s: the checkpoint goes on in the stream %s, and that is gone",
                    b->remote->settings.text, name);
    }
    return true;
}

// ------------------------------------------------------------------ a run's

bool run_is_gone(Bridge *b, uint64_t run)
{
    char name[160];
    run_stream_name(b, run, name, sizeof name);
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    js_GetStreamInfo(&info, b->bus->js, name, NULL, &code);
    jsStreamInfo_Destroy(info);
    return code == JSStreamNotFoundErr;
}

void run_seal(Bridge *b)
{
    char name[160];
    run_stream_name(b, b->place.run, name, sizeof name);
    jsStreamInfo *info = NULL;
    if (js_GetStreamInfo(&info, b->bus->js, name, NULL, NULL) != NATS_OK)
        return;
    info->Config->Sealed = true;
    js_UpdateStream(NULL, b->bus->js, info->Config, NULL, NULL);
    jsStreamInfo_Destroy(info);
}

void run_delete(Bridge *b, uint64_t run)
{
    char name[160];
    run_stream_name(b, run, name, sizeof name);
    js_DeleteStream(b->bus->js, name, NULL, NULL);
}

bool run_look(Bridge *b, uint64_t run, RunState *state)
{
    char name[160];
    run_stream_name(b, run, name, sizeof name);
    jsStreamInfo *info = NULL;
    const bool good = js_GetStreamInfo(&info, b->bus->js, name, NULL, NULL) == NATS_OK;
    if (good)
        *state = (RunState){ info->State.FirstSeq, info->State.LastSeq, (uint64_t)info->Config->MaxMsgs,
                             info->Config->Sealed };
    jsStreamInfo_Destroy(info);
    return good;
}
