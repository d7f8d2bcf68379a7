// html.h -- a record as one page: bars with their intervals, curves of latencies.
#ifndef BENCH_HTML_H
#define BENCH_HTML_H

#include "record.h"

// Writes a page that needs nothing else: styles inside, plots as inline SVG, no
// script.
void html_write(const Record *r, Writer *w);

#endif
