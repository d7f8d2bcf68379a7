// Real and damaged captures, through libpcap.  They lie outside the project: the
// variable LC3_CAPTURES says where; without it these tests are skipped.
//
// Frames and bytes are what tshark says of each file:
//     tshark -r FILE -T fields -e frame.len | awk '{ n++; b += $1 } END { print n, b }'
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nic_pcap.h"

static const char *captures(void)
{
    const char *folder = getenv("LC3_CAPTURES");
    if (!folder || !*folder)
        cr_skip_test("LC3_CAPTURES is not set: no captures here");
    return folder;
}

static bool load(FrameTable *t, const char *name, const char *filter, Error *err)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", captures(), name);
    *t = (FrameTable){ 0 };
    err->text[0] = 0;
    return lc3_nic_driver.load(t, path, filter, err);
}

static uint64_t bytes_of(const FrameTable *t)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < t->count; i++)
        sum += t->frames[i].length;
    return sum;
}

Test(captures, hold_what_tshark_finds)
{
    const struct {
        const char *name, *filter;
        uint64_t frames, bytes, filtered, backwards;
    } rows[] = {
        { "iex_tops16.pcapng", NULL, 13022, 3081252, 0, 0 },
        { "iex_tops16.pcapng", "udp and less 100", 242, 19904, 12780, 0 },
        { "cme_mdp3_v16.pcap", NULL, 10000, 2041556, 0, 581 },
        { "cme_mdp3_v16.pcap", "udp dst port 14340", 5000, 1020778, 5000, 0 },
        { "nasdaq_itch50/Multiple.Packets.pcap", NULL, 2, 1605, 0, 0 },
        { "nasdaq_itch50/Multiple.Packets.pcap", "vlan and udp", 2, 1605, 0, 0 },
        { "nasdaq_itch50/OrderDeleteMessage.pcap", NULL, 1, 87, 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        FrameTable t;
        Error err;
        cr_assert(load(&t, rows[i].name, rows[i].filter, &err), "%s: %s", rows[i].name, err.text);
        cr_expect_eq(t.count, rows[i].frames, "%s: %zu frames", rows[i].name, t.count);
        cr_expect_eq(bytes_of(&t), rows[i].bytes, "%s: %lu bytes", rows[i].name, bytes_of(&t));
        cr_expect_eq(t.found.filtered, rows[i].filtered, "%s", rows[i].name);
        cr_expect_eq(t.found.backwards, rows[i].backwards, "%s: %lu", rows[i].name, t.found.backwards);
        frames_free(&t);
    }
}

Test(captures, nanoseconds_survive)
{
    FrameTable t;
    Error err;
    cr_assert(load(&t, "cme_mdp3_v16.pcap", NULL, &err), "%s", err.text);
    cr_expect_eq(t.stamps[0], 1478961025968272358u, "%lu", t.stamps[0]); // tshark -e frame.time_epoch
    frames_free(&t);
}

Test(captures, a_filter_that_does_not_compile_is_refused_with_its_text)
{
    FrameTable t;
    Error err;
    cr_expect_not(load(&t, "iex_tops16.pcapng", "udp and and", &err));
    cr_expect(strstr(err.text, "udp and and"), "%s", err.text);
}

// Whatever is wrong with them: a table, or a message that names the file.
Test(captures, damaged_files_end_in_counts_or_messages)
{
    char folder[1000];
    snprintf(folder, sizeof folder, "%s/damaged", captures());
    DIR *dir = opendir(folder);
    cr_assert(dir, "%s", folder);
    unsigned files = 0, refused = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (!strstr(e->d_name, ".pcap"))
            continue;
        char name[300];
        snprintf(name, sizeof name, "damaged/%.280s", e->d_name);
        FrameTable t;
        Error err;
        files++;
        if (load(&t, name, NULL, &err)) {
            cr_expect_eq(t.found.damaged, *t.note != 0, "%s", name);
            frames_free(&t);
        } else {
            refused++;
            cr_expect(strstr(err.text, e->d_name), "%s: %s", name, err.text);
        }
    }
    closedir(dir);
    cr_expect_eq(files, 95, "%u", files);
    cr_expect_eq(refused, 40, "%u", refused);
}
