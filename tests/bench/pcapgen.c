// pcapgen -- writes a capture of made-up UDP frames for benchmarks and tests.
//
// The same options give the same file.  Every frame carries its number, 64 bits
// and big-endian, in the first eight bytes of its datagram, so a reader can tell
// what is missing.  Sizes are those of the wire, with the CRC that captures leave
// out: --size=64 makes frames of 60 bytes.
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: pcapgen [options] FILE\n"
    "  --frames=N       how many (100000)\n"
    "  --size=N|A-B|imix  bytes on the wire with CRC, 64 to 1518 (64); imix is 7 x 64, 4 x 594, 1 x 1518\n"
    "  --flows=N        different source ports (1)\n"
    "  --port=N         destination port of all (40000)\n"
    "  --seed=N         of sizes and flows (1)\n"
    "  --gap=NS         between two frames' times (1000)\n"
    "  --vlan=N         tag every frame\n"
    "  --snap=N         keep so many bytes of each (65535)\n"
    "  --micro          times in microseconds, not nanoseconds\n";

typedef struct {
    const char *path;
    uint64_t frames, seed, gap;
    uint32_t size_min, size_max, flows, port, vlan, snap;
    bool is_imix, is_micro, is_tagged;
} Options;

enum { CRC = 4, LONGEST = 1518 };

// ------------------------------------------------------------------ frames

static uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static uint32_t pick_size(const Options *o, uint64_t *random)
{
    if (!o->is_imix)
        return o->size_min + random_next(random) % (o->size_max - o->size_min + 1);
    const uint32_t dice = random_next(random) % 12;
    return dice < 7 ? 64 : dice < 11 ? 594 : 1518;
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_ip_checksum(uint8_t *ip)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < 20; i += 2)
        sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
    sum = (sum & 0xFFFF) + (sum >> 16);
    put16(ip + 10, ~(sum + (sum >> 16)));
}

// Writes the frame and returns its length, without CRC.
static uint32_t make_frame(uint8_t *frame, const Options *o, uint32_t size, uint32_t flow, uint64_t number)
{
    static const uint8_t macs[12] = { 0x01, 0x00, 0x5E, 0x36, 0x0C, 0x6F, 0x02, 0, 0, 0, 0, 1 };
    const uint32_t length = size - CRC;
    memset(frame, 0, length);
    memcpy(frame, macs, 12);
    uint8_t *at = frame + 12;
    if (o->is_tagged) {
        put16(at, 0x8100);
        put16(at + 2, o->vlan);
        at += 4;
    }
    put16(at, 0x0800);
    uint8_t *ip = at + 2, *udp = ip + 20;
    const uint32_t ip_length = length - (uint32_t)(ip - frame);
    ip[0] = 0x45;
    put16(ip + 2, ip_length);
    ip[8] = 64, ip[9] = 17;
    memcpy(ip + 12, (uint8_t[]){ 10, 0, 0, 1, 233, 54, 12, 111 }, 8);
    put_ip_checksum(ip);
    put16(udp, 10000 + flow);
    put16(udp + 2, o->port);
    put16(udp + 4, ip_length - 20);
    for (unsigned i = 0; i < 8; i++)
        udp[8 + i] = (uint8_t)(number >> (56 - 8 * i));
    for (uint32_t i = (uint32_t)(udp - frame) + 16; i < length; i++)
        frame[i] = (uint8_t)(i + number);
    return length;
}

static void write_frames(pcap_dumper_t *out, const Options *o)
{
    uint8_t frame[LONGEST];
    uint64_t random = o->seed;
    for (uint64_t i = 0; i < o->frames; i++) {
        const uint32_t size = pick_size(o, &random), flow = random_next(&random) % o->flows;
        const uint32_t length = make_frame(frame, o, size, flow, i);
        const uint64_t ns = 1700000000u * UINT64_C(1000000000) + i * o->gap;
        const struct pcap_pkthdr h = {
            .ts = { .tv_sec = (time_t)(ns / 1000000000u),
                    .tv_usec = (suseconds_t)(ns % 1000000000u / (o->is_micro ? 1000 : 1)) },
            .caplen = length < o->snap ? length : o->snap,
            .len = length,
        };
        pcap_dump((u_char *)out, &h, frame);
    }
}

static bool write_file(const Options *o)
{
    pcap_t *pcap = pcap_open_dead_with_tstamp_precision(
        DLT_EN10MB, (int)o->snap, o->is_micro ? PCAP_TSTAMP_PRECISION_MICRO : PCAP_TSTAMP_PRECISION_NANO);
    pcap_dumper_t *out = pcap ? pcap_dump_open(pcap, o->path) : NULL;
    if (!out) {
        fprintf(stderr, "pcapgen: %s\n", pcap ? pcap_geterr(pcap) : "no memory");
        return false;
    }
    write_frames(out, o);
    const bool ok = !pcap_dump_flush(out) && !ferror(pcap_dump_file(out));
    if (!ok)
        fprintf(stderr, "pcapgen: %s: %s\n", o->path, strerror(errno));
    pcap_dump_close(out);
    pcap_close(pcap);
    return ok;
}

// ----------------------------------------------------------------- options

static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    return *text >= '0' && *text <= '9' && !*end && !errno && *value >= low && *value <= high;
}

static bool parse_size(Options *o, const char *text)
{
    if (!strcmp(text, "imix"))
        return o->is_imix = true;
    char low[16];
    const char *dash = strchr(text, '-');
    uint64_t a, b;
    snprintf(low, sizeof low, "%.*s", dash ? (int)(dash - text) : 15, text);
    if (!parse_number(low, 64, LONGEST, &a) || !parse_number(dash ? dash + 1 : text, a, LONGEST, &b))
        return false;
    o->size_min = (uint32_t)a, o->size_max = (uint32_t)b;
    return true;
}

static bool parse_option(Options *o, const char *name, const char *value)
{
    uint64_t n;
#define NUMBER(NAME, FIELD, LOW, HIGH)                                                                       \
    if (!strcmp(name, NAME))                                                                                 \
    return parse_number(value, LOW, HIGH, &n) && (o->FIELD = n, true)
    NUMBER("frames", frames, 0, UINT64_MAX);
    NUMBER("flows", flows, 1, 50000);
    NUMBER("port", port, 0, 65535);
    NUMBER("seed", seed, 0, UINT64_MAX);
    NUMBER("gap", gap, 0, UINT64_C(1000000000000));
    NUMBER("snap", snap, 0, 65535);
    if (!strcmp(name, "vlan"))
        return o->is_tagged = parse_number(value, 0, 4095, &n) && (o->vlan = n, true);
    return !strcmp(name, "size") && parse_size(o, value);
#undef NUMBER
}

static bool parse(Options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!strcmp(argv[i], "--micro")) {
            o->is_micro = true;
        } else if (!strncmp(argv[i], "--", 2) && value) {
            *value = 0;
            if (!parse_option(o, argv[i] + 2, value + 1))
                return false;
        } else if (argv[i][0] != '-' && !o->path) {
            o->path = argv[i];
        } else {
            return false;
        }
    }
    return o->path;
}

int main(int argc, char **argv)
{
    Options o = { .frames = 100000,
                  .seed = 1,
                  .gap = 1000,
                  .size_min = 64,
                  .size_max = 64,
                  .flows = 1,
                  .port = 40000,
                  .snap = 65535 };
    if (!parse(&o, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    return write_file(&o) ? 0 : 1;
}
