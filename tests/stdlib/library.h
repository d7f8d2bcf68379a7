// library.h -- calling a routine of the library and judging it by C.
//
// A row names a routine, makes an input and has a twin in C that does the same to
// a copy.  Afterwards all registers but R7, and all words of the test's memory,
// must be equal: so a routine may change nothing that its comment does not name.
#ifndef STDLIB_LIBRARY_H
#define STDLIB_LIBRARY_H

#include "rig.h"

enum {
    DATA = 0x6000, // memory of the tests
    DATA_END = 0x7000,
    CASES = 10000,
};

typedef struct {
    uint16_t R[8];
    uint16_t M[DATA_END - DATA];
} World;

static inline uint16_t *at(World *w, uint16_t address)
{
    return &w->M[address - DATA];
}

typedef struct {
    const char *routine;
    void (*make)(World *w, uint64_t *random, int n); // registers come filled with random words
    void (*twin)(World *w);
    int codes_of; // CC is this register's, -1: no promise
    int cases;    // 0: CASES
} LibraryRow;

typedef struct {
    Object object;
    Arena arena;
    Rig rig;
    int failures;
} Library;

void library_open(Library *l, const LibraryRow *rows, size_t count);
void library_close(Library *l);

// Calls a routine: registers and memory go in and come back.  False when it does
// not come back.
bool library_call(Library *l, const char *routine, World *w);

void library_check(Library *l, const LibraryRow *row, uint64_t seed);

// The rows of the parts, and tests that rows cannot say.
extern const LibraryRow number_rows[], memory_rows[], text_rows[], frame_rows[];
extern const size_t number_row_count, memory_row_count, text_row_count, frame_row_count;
int check_print(void);
int check_containers(void);
int check_bus(void);

#endif
