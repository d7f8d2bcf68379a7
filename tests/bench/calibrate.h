// calibrate.h -- how fast the machine is just now.
//
// A loop that is always the same: loads from a small table, each at an address that
// depends on the one before, arithmetic, and branches that cannot be foreseen, as an
// interpreter has them.  What slows it down (another guest's work on the same core,
// a lower clock) slows down what is measured beside it.
#ifndef BENCH_CALIBRATE_H
#define BENCH_CALIBRATE_H

// Seconds of one run of the loop, about a third of a millisecond.
double calibrate(void);

#endif
