// The registry, its text formats, and what a client may ask for.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "exporter.h"
#include "vm_metrics.h"

static Metrics m;

static const char *text_of_registry(bool open)
{
    static Writer w;
    w.len = 0;
    if (open)
        metrics_write_openmetrics(&m, &w);
    else
        metrics_write_text(&m, &w);
    write_bytes(&w, "", 1);
    return w.at;
}

static void expect_line(const char *all, const char *line)
{
    const char *at = strstr(all, line);
    const size_t len = strlen(line);
    while (at && !((at == all || at[-1] == '\n') && at[len] == '\n'))
        at = strstr(at + 1, line);
    cr_expect(at != NULL, "no line \"%s\" in\n%s", line, all);
}

static void expect_none(const char *all, const char *part)
{
    cr_expect(strstr(all, part) == NULL, "\"%s\" stands in\n%s", part, all);
}

Test(metrics, counters_end_in_total_and_show_their_word)
{
    uint64_t word = 18446744073709551615u;
    metrics_init(&m);
    metrics_add_word(&m, metrics_family(&m, METRIC_COUNTER, "lc3_things", "", "Things."),
                     metrics_labels(&m, "vm", "3", NULL), &word, METRIC_ONE);
    const char *all = text_of_registry(false);
    expect_line(all, "# HELP lc3_things_total Things.");
    expect_line(all, "# TYPE lc3_things_total counter");
    expect_line(all, "lc3_things_total{vm=\"3\"} 18446744073709551615");
    word = 7;
    expect_line(text_of_registry(false), "lc3_things_total{vm=\"3\"} 7");
}

Test(metrics, openmetrics_names_families_and_says_units_times_and_the_end)
{
    const uint64_t ns = 1500000000;
    metrics_init(&m);
    metrics_add_word(&m, metrics_family(&m, METRIC_COUNTER, "lc3_busy_seconds", "seconds", "Say \"what\"."),
                     NULL, &ns, METRIC_NS);
    metrics_add_info(&m, metrics_family(&m, METRIC_INFO, "lc3_build", "", "Version."),
                     metrics_labels(&m, "version", "1", NULL));
    const char *all = text_of_registry(true);
    expect_line(all, "# HELP lc3_busy_seconds Say \\\"what\\\".");
    expect_line(all, "# TYPE lc3_busy_seconds counter");
    expect_line(all, "# UNIT lc3_busy_seconds seconds");
    expect_line(all, "lc3_busy_seconds_total 1.5");
    expect_line(all, "# TYPE lc3_build info");
    expect_line(all, "lc3_build_info{version=\"1\"} 1");
    cr_expect(strstr(all, "\nlc3_busy_seconds_created 1") != NULL);
    cr_expect(strcmp(all + strlen(all) - 6, "# EOF\n") == 0);
    all = text_of_registry(false);
    expect_none(all, "_created");
    expect_none(all, "EOF");
    expect_line(all, "# TYPE lc3_build_info gauge");
}

Test(metrics, label_values_are_escaped_and_bad_utf8_is_replaced)
{
    metrics_init(&m);
    metrics_add_info(&m, metrics_family(&m, METRIC_INFO, "lc3_vm", "", "V."),
                     metrics_labels(&m, "a", "say \"x\"\\\n", "b", "h\xC3\xA9 \xFF\xC3 \xED\xA0\x80", NULL));
    expect_line(text_of_registry(false),
                "lc3_vm_info{a=\"say \\\"x\\\"\\\\\\n\",b=\"h\xC3\xA9 "
                "\xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"} 1");
    Arena a = { 0 };
    const char *labels = m.families.at[0]->series.at[0].labels;
    cr_expect_str_eq(metrics_label_value(&a, labels, "a"), "say \"x\"\\\n");
    cr_expect(metrics_label_value(&a, labels, "c") == NULL);
    arena_free(&a);
}

Test(metrics, buckets_add_up_and_the_last_is_the_count)
{
    static Histogram h;
    metrics_init(&m);
    metrics_add_histogram(&m, metrics_histograms(&m, "lc3_size", "", "S.", &metric_bounds_word), NULL, &h,
                          METRIC_ONE);
    const uint64_t values[] = { 0, 1, 1, 5, 6, 100, 65535, 70000 };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        histogram_record(&h, values[i]);
    const char *all = text_of_registry(false);
    expect_line(all, "lc3_size_bucket{le=\"0.0\"} 1");
    expect_line(all, "lc3_size_bucket{le=\"1.0\"} 3");
    expect_line(all, "lc3_size_bucket{le=\"3.0\"} 3");
    expect_line(all, "lc3_size_bucket{le=\"5.0\"} 4");
    expect_line(all, "lc3_size_bucket{le=\"7.0\"} 5");
    expect_line(all, "lc3_size_bucket{le=\"100.0\"} 6");
    expect_line(all, "lc3_size_bucket{le=\"65535.0\"} 7");
    expect_line(all, "lc3_size_bucket{le=\"+Inf\"} 8");
    expect_line(all, "lc3_size_sum 135648");
    expect_line(all, "lc3_size_count 8");
}

Test(metrics, bounds_ascend_and_their_texts_say_their_values)
{
    const MetricBounds *all[] = { &metric_bounds_instruction, &metric_bounds_latency, &metric_bounds_word };
    for (int k = 0; k < 3; k++)
        for (unsigned i = 0; i < all[k]->count; i++) {
            cr_expect(strtod(all[k]->text[i], NULL) == all[k]->at[i], "bounds %d: %s", k, all[k]->text[i]);
            cr_expect(i == 0 || all[k]->at[i] > all[k]->at[i - 1], "bounds %d: %s", k, all[k]->text[i]);
        }
}

Test(metrics, an_exemplar_stands_at_its_bucket_and_only_in_openmetrics)
{
    static Histogram h;
    static MetricExemplar slowest;
    metrics_init(&m);
    MetricSeries *s = metrics_add_histogram(
        &m, metrics_histograms(&m, "lc3_t_seconds", "seconds", "T.", &metric_bounds_latency), NULL, &h,
        METRIC_NS);
    s->exemplar = &slowest;
    s->place = "instruction";
    histogram_record(&h, 120000);
    expect_none(text_of_registry(true), " # {");
    metric_exemplar_store(&slowest, 120000, 42);
    cr_expect(slowest.version == 2, "it was odd while it was stored, and is even again");
    expect_line(text_of_registry(true),
                "lc3_t_seconds_bucket{le=\"0.0002\"} 1 # {instruction=\"42\"} 0.00012");
    expect_none(text_of_registry(false), " # {");
    slowest.version++; // as if it were being stored
    expect_none(text_of_registry(true), " # {");
}

Test(metrics, openmetrics_is_sent_to_those_who_prefer_it)
{
    static const struct {
        const char *accept;
        bool open;
    } rows[] = {
        { NULL, false },
        { "", false },
        { "*/*", false },
        { "text/plain", false },
        { "text/plain;version=0.0.4", false },
        { "application/openmetrics-text", true },
        { "application/openmetrics-text; version=1.0.0; charset=utf-8", true },
        { "application/openmetrics-text;version=\"0.0.1\"", true },
        { "application/openmetrics-text;version=2.0.0", false },
        { "application/openmetrics-text;q=0", false },
        { "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.7", false },
        { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
          true },
        { "text/html,application/xhtml+xml,*/*;q=0.8", false },
        { "application/openmetrics-textual", false },
        { ",,;q=,", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect(metrics_wants_openmetrics(rows[i].accept) == rows[i].open, "%s", rows[i].accept);
}

Test(metrics, addresses_of_the_exporter)
{
    static const struct {
        const char *text, *address;
        int port; // -1: refused
    } rows[] = {
        { "9464", "127.0.0.1", 9464 },
        { ":9464", "127.0.0.1", 9464 },
        { "0.0.0.0:0", "0.0.0.0", 0 },
        { "[::1]:80", "::1", 80 },
        { "", "", -1 },
        { "x", "", -1 },
        { "65536", "", -1 },
        { "1.2.3.4:", "", -1 },
        { "::1:80", "", -1 },
        { "80x", "", -1 },
        { "-1", "", -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char address[64] = "";
        uint16_t port = 0;
        Error err;
        const bool ok = exporter_parse(rows[i].text, address, &port, &err);
        cr_expect(ok == (rows[i].port >= 0), "%s", rows[i].text);
        cr_expect(!ok || (strcmp(address, rows[i].address) == 0 && port == rows[i].port), "%s", rows[i].text);
    }
}

Test(metrics, names_from_programs_become_names_of_metrics)
{
    static const char *const rows[][2] = { { "orders", "orders" },
                                           { "Bad Name-1", "bad_name_1" },
                                           { "9lives", "_9lives" },
                                           { "\xC3\xA9", "__" },
                                           { "", "_" } };
    Arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect(strcmp(metrics_clean_name(&a, rows[i][0]), rows[i][1]) == 0, "%s", rows[i][0]);
    arena_free(&a);
}

Test(metrics, json_has_the_same_figures_and_the_asked_buckets)
{
    static Histogram h[2];
    const uint64_t word = 12;
    Writer w = { 0 };
    metrics_init(&m);
    metrics_add_word(&m, metrics_family(&m, METRIC_COUNTER, "lc3_things", "", "Things."),
                     metrics_labels(&m, "vm", "a\"b", NULL), &word, METRIC_ONE);
    MetricFamily *f = metrics_histograms(&m, "lc3_size", "", "S.", &metric_bounds_word);
    metrics_add_histogram(&m, f, metrics_labels(&m, "vm", "0", NULL), &h[0], METRIC_ONE);
    metrics_add_histogram(&m, f, metrics_labels(&m, "vm", "1", NULL), &h[1], METRIC_ONE);
    histogram_record(&h[0], 5);
    histogram_record(&h[1], 3);
    metrics_write_json(&m, &w, "lc3_size", "1");
    write_bytes(&w, "", 1);
    cr_expect(strstr(w.at, "{\"labels\":{\"vm\":\"a\\\"b\"},\"value\":12}") != NULL);
    cr_expect(strstr(w.at, "\"vm\":\"1\",\"count\":1,\"sum\":3,\"max\":3,\"p50\":3") != NULL);
    cr_expect(strstr(w.at, "\"buckets\":[[3,4,1]]}") != NULL);
    w.len = 0;
    metrics_write_json(&m, &w, "lc3_size", NULL);
    write_bytes(&w, "", 1);
    cr_expect(strstr(w.at, "\"buckets\":[[3,4,1],[5,6,1]]}") != NULL);
    w.len = 0;
    metrics_write_json(&m, &w, "lc3_things", NULL);
    write_bytes(&w, "", 1);
    cr_expect(strstr(w.at, "\"histogram\":null}") != NULL);
    writer_free(&w);
}

static void add_family(Metrics *metrics, void *arg)
{
    const uint64_t *word = arg;
    if (!metrics_find(metrics, "lc3_late"))
        metrics_add_word(metrics, metrics_family(metrics, METRIC_COUNTER, "lc3_late", "", "Late."), NULL,
                         word, METRIC_ONE);
}

Test(metrics, series_may_come_while_others_are_read)
{
    uint64_t word = 3;
    metrics_init(&m);
    metrics_on_gather(&m, add_family, &word);
    expect_line(text_of_registry(false), "lc3_late_total 3");
    expect_line(text_of_registry(false), "lc3_late_total 3");
    cr_expect(m.families.count == 1);
}

Test(metrics, a_ring_never_shows_more_than_it_holds_nor_less_than_nothing)
{
    uint64_t in = 5000, out = 10;
    metrics_init(&m);
    vm_metrics_add_ring(
        &m, &(RingMetrics){ .from = "0", .to = "1", .capacity = 4096, .words_in = &in, .words_out = &out });
    expect_line(text_of_registry(false), "lc3_ring_occupancy_words{ring=\"0\",from=\"0\",to=\"1\"} 4096");
    out = 5001;
    expect_line(text_of_registry(false), "lc3_ring_occupancy_words{ring=\"0\",from=\"0\",to=\"1\"} 0");
}
