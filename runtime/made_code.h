// made_code.h -- calling code that was made while the program ran.
#ifndef RUNTIME_MADE_CODE_H
#define RUNTIME_MADE_CODE_H

// UBSan of clang looks for a function's type in front of it; in front of made code
// there may be no memory at all.
#if defined(__clang__)
#define CALLS_MADE_CODE __attribute__((no_sanitize("function")))
#else
#define CALLS_MADE_CODE
#endif

#endif
