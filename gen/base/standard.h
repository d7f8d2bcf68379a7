// standard.h -- standard input, output and error, for main functions.
#ifndef BASE_STANDARD_H
#define BASE_STANDARD_H

// The first thing in main.  A descriptor from 0 to 2 that was closed becomes one that
// can neither be read nor written, so that no file which is opened later is taken for
// it.  When the program exits, what standard output holds is written; if it cannot be,
// there is a message, and the exit code is 2.
void standard_open(const char *program);

#endif
