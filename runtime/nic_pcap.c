// The module nic_pcap.so: everything that knows libpcap.
#include "nic_pcap.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nic_link.h"

enum { SNAP_LENGTH = 65535, READ_BUFFER = 1 << 18 };

// ---------------------------------------------------------------- captures

typedef struct {
    FrameTable *to;
    Error *err;
    const struct bpf_program *filter; // or NULL
    pcap_t *in;
    int link;
    bool is_failed;
} Loading;

static uint64_t stamp_of(const struct pcap_pkthdr *h)
{
    // Opened with nanosecond precision: tv_usec holds nanoseconds.
    return (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec;
}

static void load_frame(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
    Loading *l = (Loading *)user;
    if (l->filter && !pcap_offline_filter(l->filter, h, bytes)) {
        l->to->found.filtered++;
        return;
    }
    if (!frames_add(l->to, l->link, stamp_of(h), bytes, h->caplen, h->len, l->err)) {
        l->is_failed = true;
        pcap_breakloop(l->in);
    }
}

static bool check_link(int link, const char *name, Error *err)
{
    if (link_is_known(link))
        return true;
    const char *type = pcap_datalink_val_to_name(link);
    return fail(err, "%s: link type %d (%s) is not Ethernet, raw IP, Linux cooked or loopback", name, link,
                type ? type : "unknown");
}

// The file ends badly.  What came before it is worth having; nothing is not.
static bool note_damage(FrameTable *t, const char *name, const char *reason, Error *err)
{
    if (!t->count)
        return fail(err, "%s: %s", name, reason);
    t->found.damaged = 1;
    snprintf(t->note, sizeof t->note, "%.100s: damaged after frame %zu (%s); the frames before are used",
             name, t->count, reason);
    return true;
}

static bool load_frames(FrameTable *to, pcap_t *in, const char *name, const char *filter, Error *err)
{
    const int link = pcap_datalink(in);
    if (!check_link(link, name, err))
        return false;
    struct bpf_program program = { 0 };
    if (filter && pcap_compile(in, &program, filter, 1, PCAP_NETMASK_UNKNOWN))
        return fail(err, "filter \"%s\": %s", filter, pcap_geterr(in));
    Loading loading = { to, err, filter ? &program : NULL, in, link, false };
    const int result = pcap_loop(in, -1, load_frame, (u_char *)&loading);
    pcap_freecode(&program);
    if (loading.is_failed)
        return false;
    return result != PCAP_ERROR || note_damage(to, name, pcap_geterr(in), err);
}

bool nic_pcap_load(FrameTable *to, FILE *stream, const char *name, const char *filter, Error *err)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *in = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!in) {
        if (stream != stdin)
            fclose(stream);
        return fail(err, "%s: %s", name, reason);
    }
    const bool ok = load_frames(to, in, name, filter, err);
    pcap_close(in); // and the stream
    if (!ok)
        frames_free(to);
    return ok;
}

static bool load(FrameTable *to, const char *path, const char *filter, Error *err)
{
    if (!strcmp(path, "-"))
        return nic_pcap_load(to, stdin, "standard input", filter, err);
    FILE *in = fopen(path, "rb");
    if (!in)
        return fail(err, "%s: %s", path, strerror(errno));
    // libpcap reads twice for every frame: large pieces, and no locks.
    char *buffer = malloc(READ_BUFFER);
    if (buffer)
        setvbuf(in, buffer, _IOFBF, READ_BUFFER);
    __fsetlocking(in, FSETLOCKING_BYCALLER);
    const bool ok = nic_pcap_load(to, in, path, filter, err);
    free(buffer);
    return ok;
}

// -------------------------------------------------------------- interfaces

struct NicLive {
    pcap_t *pcap;
    int link;
    uint64_t dropped; // libpcap counts in 32 bits
    uint32_t dropped_seen;
};

static NicLive *live_fail(pcap_t *pcap, const char *interface, const char *reason, Error *err)
{
    fail(err, "%s: %s", interface, reason);
    pcap_close(pcap);
    return NULL;
}

// The kernel keeps a slot for each frame, as long as the longest one, in blocks of a
// power of two: a slot of 16 KiB holds what any wire brings.  (Options can only be
// refused after activation.)
enum { LIVE_SLOT = 16384, LIVE_SNAP_LENGTH = LIVE_SLOT - 184, LIVE_SLOTS_MIN = 64, LIVE_SLOTS_MAX = 8192 };

static void set_options(pcap_t *pcap, uint32_t frames)
{
    const uint32_t slots = frames < LIVE_SLOTS_MIN   ? LIVE_SLOTS_MIN
                           : frames > LIVE_SLOTS_MAX ? LIVE_SLOTS_MAX
                                                     : frames;
    pcap_set_snaplen(pcap, LIVE_SNAP_LENGTH);
    pcap_set_promisc(pcap, 1);
    pcap_set_immediate_mode(pcap, 1);
    pcap_set_timeout(pcap, 1);
    pcap_set_buffer_size(pcap, (int)(slots * LIVE_SLOT));
    pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
}

static bool set_filter(pcap_t *pcap, const char *filter)
{
    struct bpf_program program;
    if (pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN))
        return false;
    const bool ok = !pcap_setfilter(pcap, &program);
    pcap_freecode(&program);
    return ok;
}

static NicLive *live_open(const char *interface, const char *filter, uint32_t frames, Error *err)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_create(interface, reason);
    if (!pcap) {
        fail(err, "%s: %s", interface, reason);
        return NULL;
    }
    set_options(pcap, frames);
    const int status = pcap_activate(pcap);
    if (status < 0) {
        const char *detail = pcap_geterr(pcap);
        return live_fail(pcap, interface, *detail ? detail : pcap_statustostr(status), err);
    }
    if (!check_link(pcap_datalink(pcap), interface, err)) {
        pcap_close(pcap);
        return NULL;
    }
    if (filter && !set_filter(pcap, filter)) {
        fail(err, "filter \"%s\": %s", filter, pcap_geterr(pcap));
        pcap_close(pcap);
        return NULL;
    }
    // What we send is not what comes in.  Not every interface can tell.
    pcap_setdirection(pcap, PCAP_D_IN);
    if (pcap_setnonblock(pcap, 1, reason))
        return live_fail(pcap, interface, reason, err);
    NicLive *live = calloc(1, sizeof *live);
    if (!live)
        return live_fail(pcap, interface, "no memory", err);
    live->pcap = pcap;
    live->link = pcap_datalink(pcap);
    return live;
}

static LiveStatus live_next(NicLive *live, LiveFrame *frame, Error *err)
{
    struct pcap_pkthdr *h;
    const u_char *bytes;
    const int status = pcap_next_ex(live->pcap, &h, &bytes);
    if (status == 0)
        return LIVE_NONE;
    if (status < 0) {
        fail(err, "%s", pcap_geterr(live->pcap));
        return LIVE_ENDED;
    }
    const bool is_nano = pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO;
    *frame = (LiveFrame){
        .link = live->link,
        .stamp_ns = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec * (is_nano ? 1 : 1000),
        .bytes = bytes,
        .held = h->caplen,
        .length = h->len,
    };
    return LIVE_FRAME;
}

static bool live_send(NicLive *live, const uint8_t *bytes, uint32_t length, Error *err)
{
    if (live->link != LINK_ETHERNET)
        return fail(err, "frames can be sent on Ethernet only");
    if (pcap_sendpacket(live->pcap, bytes, (int)length))
        return fail(err, "%s", pcap_geterr(live->pcap));
    return true;
}

static uint64_t live_dropped(NicLive *live)
{
    struct pcap_stat now;
    if (!pcap_stats(live->pcap, &now)) {
        live->dropped += (uint32_t)(now.ps_drop - live->dropped_seen);
        live->dropped_seen = now.ps_drop;
    }
    return live->dropped;
}

static int live_fd(NicLive *live)
{
    return pcap_get_selectable_fd(live->pcap);
}

static void live_close(NicLive *live)
{
    pcap_close(live->pcap);
    free(live);
}

// ------------------------------------------------------------------- dumps

struct NicDump {
    pcap_t *pcap;
    pcap_dumper_t *out;
    char *path, *draft;
};

static void dump_free(NicDump *dump)
{
    if (dump->pcap)
        pcap_close(dump->pcap);
    free(dump->path);
    free(dump->draft);
    free(dump);
}

static NicDump *dump_open(const char *path, Error *err)
{
    NicDump *dump = calloc(1, sizeof *dump);
    if (!dump || !(dump->path = strdup(path)) ||
        asprintf(&dump->draft, "%s.tmp%ld", path, (long)getpid()) < 0 ||
        !(dump->pcap =
              pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SNAP_LENGTH, PCAP_TSTAMP_PRECISION_NANO))) {
        fail(err, "%s: no memory", path);
        if (dump)
            dump_free(dump);
        return NULL;
    }
    FILE *out = fopen(dump->draft, "wb");
    if (out)
        dump->out = pcap_dump_fopen(dump->pcap, out);
    if (dump->out)
        return dump;
    fail(err, "%s: %s", path, out ? pcap_geterr(dump->pcap) : strerror(errno));
    dump_free(dump);
    return NULL;
}

static void dump_write(NicDump *dump, uint64_t stamp_ns, const uint8_t *bytes, uint32_t length)
{
    const struct pcap_pkthdr h = {
        .ts = { .tv_sec = (time_t)(stamp_ns / 1000000000u),
                .tv_usec = (suseconds_t)(stamp_ns % 1000000000u) },
        .caplen = length,
        .len = length,
    };
    pcap_dump((u_char *)dump->out, &h, bytes);
}

static bool dump_close(NicDump *dump, Error *err)
{
    bool ok = !pcap_dump_flush(dump->out) && !ferror(pcap_dump_file(dump->out));
    pcap_dump_close(dump->out);
    ok = ok && !rename(dump->draft, dump->path);
    if (!ok) {
        fail(err, "%s: %s", dump->path, strerror(errno));
        unlink(dump->draft);
    }
    dump_free(dump);
    return ok;
}

static void dump_drop(NicDump *dump)
{
    pcap_dump_close(dump->out);
    unlink(dump->draft);
    dump_free(dump);
}

static const char *library(void)
{
    return pcap_lib_version();
}

const NicDriver lc3_nic_driver = {
    .version = NIC_DRIVER_VERSION,
    .library = library,
    .load = load,
    .live_open = live_open,
    .live_next = live_next,
    .live_send = live_send,
    .live_dropped = live_dropped,
    .live_fd = live_fd,
    .live_close = live_close,
    .dump_open = dump_open,
    .dump_write = dump_write,
    .dump_close = dump_close,
    .dump_drop = dump_drop,
};
