// histogram_hdr.h -- a histogram as HdrHistogram's text, for its plotting tools.
#ifndef RUNTIME_HISTOGRAM_HDR_H
#define RUNTIME_HISTOGRAM_HDR_H

#include "base/writer.h"
#include "histogram.h"

// The percentile distribution as HdrHistogram writes it (outputPercentile-
// Distribution, five ticks per half distance), values times `scale`.
void histogram_write_hdr(Writer *w, const Histogram *h, double scale);

#endif
