// bare.c -- what cnats does without us, to measure links against.
//
//     bare ping URL N               round trips of one word, against:  bare pong URL
//     bare stream URL N BYTES       N messages, core NATS, against:    bare sink URL N
//     bare store URL N BYTES R      N messages into a JetStream stream of R replicas on file,
//                                   while a second thread reads them with an ordered consumer
//
// Prints seconds.
#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Atomic long received;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void check(natsStatus s, const char *what)
{
    if (s == NATS_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(s));
    exit(1);
}

static natsConnection *connect_to(const char *url)
{
    natsOptions *o;
    natsConnection *nc;
    check(natsOptions_Create(&o), "options");
    check(natsOptions_SetURL(o, url), "url");
    natsOptions_SetSendAsap(o, true);
    natsOptions_SetIOBufSize(o, 256 * 1024);
    check(natsConnection_Connect(&nc, o), "connect");
    return nc;
}

static void on_count(natsConnection *nc, natsSubscription *sub, natsMsg *m, void *closure)
{
    natsMsg_Destroy(m);
    pthread_mutex_lock(&lock);
    received++;
    pthread_cond_signal(&came);
    pthread_mutex_unlock(&lock);
    (void)nc, (void)sub, (void)closure;
}

static void on_ping(natsConnection *nc, natsSubscription *sub, natsMsg *m, void *closure)
{
    natsConnection_Publish(nc, "bare.pong", natsMsg_GetData(m), natsMsg_GetDataLength(m));
    natsMsg_Destroy(m);
    (void)sub, (void)closure;
}

static void wait_for(long n)
{
    pthread_mutex_lock(&lock);
    while (received < n)
        pthread_cond_wait(&came, &lock);
    pthread_mutex_unlock(&lock);
}

static natsSubscription *listen_on(natsConnection *nc, const char *subject, natsMsgHandler on)
{
    natsSubscription *sub;
    check(natsConnection_Subscribe(&sub, nc, subject, on, NULL), "subscribe");
    natsSubscription_SetPendingLimits(sub, -1, -1);
    natsConnection_Flush(nc);
    return sub;
}

static double ping(natsConnection *nc, long n)
{
    double start = 0;
    listen_on(nc, "bare.pong", on_count);
    for (long i = 0; i < n; i++) {
        if (i == 100)
            start = now_s();
        natsConnection_Publish(nc, "bare.ping", "ab", 2);
        wait_for(i + 1);
    }
    return (now_s() - start) / (double)(n - 100) * (double)n;
}

static double stream(natsConnection *nc, long n, int bytes)
{
    char *data = calloc(1, (size_t)bytes);
    listen_on(nc, "bare.done", on_count);
    const double start = now_s();
    for (long i = 0; i < n; i++)
        natsConnection_Publish(nc, "bare.stream", data, bytes);
    wait_for(1);
    free(data);
    return now_s() - start;
}

static void sink(natsConnection *nc, long n)
{
    listen_on(nc, "bare.stream", on_count);
    wait_for(n);
    natsConnection_Publish(nc, "bare.done", "", 0);
    natsConnection_Flush(nc);
}

static double store(natsConnection *nc, long n, int bytes, int replicas)
{
    jsCtx *js;
    jsOptions options;
    jsOptions_Init(&options);
    options.PublishAsync.MaxPending = 512;
    options.PublishAsync.StallWait = 20000;
    check(natsConnection_JetStream(&js, nc, &options), "JetStream");
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    const char *subjects[] = { "bare.store" };
    config.Name = "BARE";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    config.Replicas = replicas;
    check(js_AddStream(NULL, js, &config, NULL, NULL), "stream");
    jsSubOptions ordered;
    jsSubOptions_Init(&ordered);
    ordered.Ordered = true;
    natsSubscription *sub;
    check(js_Subscribe(&sub, js, "bare.store", on_count, NULL, NULL, &ordered, NULL), "consumer");
    natsSubscription_SetPendingLimits(sub, -1, -1);
    char *data = calloc(1, (size_t)bytes);
    const double start = now_s();
    for (long i = 0; i < n; i++)
        check(js_PublishAsync(js, "bare.store", data, bytes, NULL), "publish");
    js_PublishAsyncComplete(js, NULL);
    wait_for(n);
    const double s = now_s() - start;
    natsSubscription_Destroy(sub);
    js_DeleteStream(js, "BARE", NULL, NULL);
    free(data);
    return s;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bare ping|pong|stream|sink|store URL [N [BYTES [REPLICAS]]]\n");
        return 2;
    }
    natsConnection *nc = connect_to(argv[2]);
    const long n = argc > 3 ? atol(argv[3]) : 0;
    const int bytes = argc > 4 ? atoi(argv[4]) : 0;
    if (strcmp(argv[1], "ping") == 0)
        printf("%.6f\n", ping(nc, n));
    else if (strcmp(argv[1], "pong") == 0)
        listen_on(nc, "bare.ping", on_ping), pthread_mutex_lock(&lock), pthread_mutex_lock(&lock);
    else if (strcmp(argv[1], "stream") == 0)
        printf("%.6f\n", stream(nc, n, bytes));
    else if (strcmp(argv[1], "sink") == 0)
        sink(nc, n);
    else
        printf("%.6f\n", store(nc, n, bytes, argc > 5 ? atoi(argv[5]) : 1));
    natsConnection_Destroy(nc);
    nats_Close();
    return 0;
}
