// calibrate.h -- whether this thread has its core to itself just now.
//
// Two hardware threads share a core's units: when somebody works on the other one,
// code that keeps the core busy takes up to twice as long, for seconds on end,
// while the clock and the load look the same from inside a guest.  The loop here
// has as much to do at once as a core can, so it feels that at once; code that mostly
// waits for its own results feels less of it, and no factor fits all.  So times are
// not corrected: those beside a slow loop are told apart.
#ifndef BENCH_CALIBRATE_H
#define BENCH_CALIBRATE_H

// Seconds of one run of the loop, about a quarter of a millisecond.
double calibrate(void);

#endif
