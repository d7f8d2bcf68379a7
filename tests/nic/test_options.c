#include <criterion/criterion.h>
#include <string.h>

#include "nic_options.h"

static Arena arena;
static Error err;

static bool parse(NicOptions *o, const char *text)
{
    err.text[0] = 0;
    return nic_options_parse(o, &arena, text, 3, &err);
}

Test(nic_options, a_capture_alone_is_replayed_once_as_it_was)
{
    NicOptions o;
    cr_assert(parse(&o, "pcap:a/b.pcap"));
    cr_expect_str_eq(o.source, "a/b.pcap");
    cr_expect_not(o.is_live);
    cr_expect_eq(o.rate.kind, RATE_ORIG);
    cr_expect_eq(o.rate.speed, 1);
    cr_expect_eq(o.passes, 1);
    cr_expect_eq(o.ring, 32768);
    cr_expect_eq(o.vm_count, 1);
    cr_expect_eq(o.vm[0], 3);
    cr_expect_null(o.tx);
}

Test(nic_options, everything_at_once)
{
    NicOptions o;
    cr_assert(parse(&o, "pcap:f,rate=10G,loop=7,warm=9,ring=4096,queue=0-2+5,tx=out.pcap"), "%s", err.text);
    cr_expect_eq(o.rate.kind, RATE_BITS);
    cr_expect_eq(o.passes, 7);
    cr_expect_eq(o.warm, 9);
    cr_expect_eq(o.ring, 4096);
    cr_expect_eq(o.vm_count, 4);
    cr_expect_eq(o.vm[2], 2);
    cr_expect_eq(o.vm[3], 5);
    cr_expect_str_eq(o.tx, "out.pcap");
    cr_assert(parse(&o, "if:veth0,queue=1"));
    cr_expect(o.is_live);
    cr_expect_str_eq(o.source, "veth0");
}

Test(nic_options, mistakes_say_what_is_meant)
{
    const struct {
        const char *text, *reason;
    } rows[] = {
        { "", "must begin with pcap:FILE or if:NAME" },
        { "file.pcap", "must begin with" },
        { "pcap:", "the name is missing" },
        { "pcap:,rate=max", "the name is missing" },
        { "pcap:f,rate", "NAME=VALUE" },
        { "pcap:f,", "NAME=VALUE" },
        { "pcap:f,rat=10G", "no option \"rat\"" },
        { "pcap:f,rate=10", "a rate is" },
        { "pcap:f,loop=0", "a number from 1" },
        { "pcap:f,loop=-1", "a number from 1" },
        { "pcap:f,loop=2x", "a number from 1" },
        { "pcap:f,warm=0", "a number from 1" },
        { "pcap:f,rate=max,warm=5", "rate=max has none" },
        { "if:eth0,warm=5", "its own rate" },
        { "pcap:f,ring=99999999999999999999", "a number from 1" },
        { "pcap:f,speed=0", "a number from" },
        { "pcap:f,speed=nan", "a number from" },
        { "pcap:f,rate=10G,speed=2", "goes with rate=orig" },
        { "pcap:f,queue=", "must name VMs" },
        { "pcap:f,queue=3-1", "not a range" },
        { "pcap:f,queue=0-999", "at most 64" },
        { "pcap:f,queue=1+1", "twice" },
        { "pcap:f,queue=1,tx=", "needs a file" },
        { "if:eth0,rate=10G", "its own rate" },
        { "if:eth0,queue=0-1", "feeds one VM" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NicOptions o;
        cr_expect_not(parse(&o, rows[i].text), "%s", rows[i].text);
        cr_expect(strstr(err.text, rows[i].reason), "%s: %s", rows[i].text, err.text);
    }
}
