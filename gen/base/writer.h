// writer.h -- output built in memory and put on disk whole or not at all.
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

typedef struct {
    char *at;
    size_t len, capacity;
} Writer; // all zero is an empty writer

void write_bytes(Writer *w, const void *bytes, size_t len);
void write_text(Writer *w, const char *s);
void write_format(Writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void write_json_string(Writer *w, const char *s); // with its quotes
void writer_free(Writer *w);

// Writes to a temporary name beside `path` and renames it, so that a reader
// sees the old file or the new one; on failure nothing of ours is left behind.
// Devices and pipes are written directly; "-" is standard output.
bool writer_save(const Writer *w, const char *path, Error *err);

// Writes to a file that is open; `name` is for the message.
bool writer_write(const Writer *w, int file, const char *name, Error *err);

// As writer_save, but leaves a file alone that already has these bytes.
bool writer_save_changed(const Writer *w, const char *path, Error *err);

// Returns whether the file has exactly these bytes.
bool writer_matches(const Writer *w, const char *path);

#endif
