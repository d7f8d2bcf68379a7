// json.h -- reads JSON into a tree.
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "base/arena.h"
#include "base/error.h"
#include "base/writer.h"

typedef enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_LIST, JSON_OBJECT } JsonKind;

typedef struct Json Json;
struct Json {
    JsonKind kind;
    double number; // or 1 for true
    const char *text;
    const char *name; // of a member of an object
    Json *first;      // of a list or an object
    Json *next;       // in the same list or object
};

// Reads a whole file; NULL with its name, the offset and the reason.
const Json *json_read(Arena *a, const char *path, Error *err);
// A member by its name; NULL where there is none, or where `j` is no object.
const Json *json_find(const Json *j, const char *name);
// A member's value; 0 and "" where there is none of that kind.
double json_number(const Json *j, const char *name);
const char *json_text(const Json *j, const char *name);

#endif
