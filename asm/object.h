// object.h -- assembled programs: in memory, and in the files that carry them.
//
// An Object is segments of words and what is known about them: labels, the
// source line of every word, names of user metrics.  The object file carries
// the words, `.sym` the labels, `.dbg` the rest.
//
// Formats that load everywhere:
//   obj       classic: origin, words, all big-endian; one segment
//   segments  "\xFFLC3", a version byte, a zero byte, the number of segments,
//             then (origin, length, words) each; numbers are big-endian 16 bits.
//             Its first word would be an origin in device space, so the two
//             cannot be taken for each other.  Written only when there are
//             several segments.
//   lc3tools  magic 1C 30 15 C0 01, version 01 01, then per word its value
//             (16 bits, little-endian), whether it is an origin, and its line
// Formats that are only written, for other tools and for C:
//   bin, hex  a line of digits per word, the origin first
#ifndef ASM_OBJECT_H
#define ASM_OBJECT_H

#include "base/error.h"
#include "base/text.h"
#include "base/writer.h"

enum { OBJECT_LIMIT = 0xFE00 }; // device registers begin here; nothing loads there

typedef struct {
    uint16_t origin;
    uint32_t count;
    uint16_t *words;
} ObjectSegment;

typedef struct {
    const char *name;
    uint16_t address;
} ObjectSymbol;

// The words of one statement, and where it stands.
typedef struct {
    uint16_t address, words;
    uint32_t file; // an index into files
    uint32_t line; // from 1; 0 when only its text is known
} ObjectLine;

typedef struct {
    bool is_histogram; // else a counter
    uint16_t number;
    const char *name;
} ObjectMetric;

// An instruction that the program was assembled with: "ADD.imm", and a number for how
// its words are made.
typedef struct {
    const char *name;
    uint32_t encoding;
} ObjectForm;

// Everything lives in the arena it was made in.
typedef struct {
    const char *name;
    ObjectSegment *segments; // in the order of the source; later words win where they overlap
    size_t segment_count;
    ObjectSymbol *symbols; // by address, then by place in the source
    size_t symbol_count;
    const char **files;
    size_t file_count;
    const Source *const *sources; // per file its text, or NULL when it was not assembled here
    ObjectLine *lines;            // in the order of the words
    size_t line_count;
    const Text *texts; // per line its source text, of an lc3tools object that was read, or NULL
    ObjectMetric *metrics;
    size_t metric_count;
    uint16_t *breaks; // addresses of .BREAK
    size_t break_count;
    ObjectForm *forms;
    size_t form_count;
} Object;

typedef enum { OBJECT_OBJ, OBJECT_LC3TOOLS, OBJECT_BIN, OBJECT_HEX, OBJECT_C } ObjectFormat;

// "obj", "lc3tools", ...; returns false for other names.
bool object_format(const char *name, ObjectFormat *format);

// Reads an object file of any format that loads.  On failure says where and why
// and leaves `obj` alone.
bool object_read(Object *obj, Arena *a, const char *path, Error *err);
bool object_parse(Object *obj, Arena *a, const char *name, const uint8_t *bytes, size_t size, Error *err);

// Reads FILE.sym and FILE.dbg that lie beside FILE.obj into the object; it is no
// failure when there are none.
bool object_read_beside(Object *obj, Arena *a, const char *path, Error *err);
bool object_parse_symbols(Object *obj, Arena *a, const char *name, Text text, Error *err);
bool object_parse_debug(Object *obj, Arena *a, const char *name, Text text, Error *err);

// Write into `w`.  OBJECT_OBJ takes the classic format when it can say everything.
void object_write(Writer *w, const Object *obj, ObjectFormat format);
void object_write_symbols(Writer *w, const Object *obj);
void object_write_debug(Writer *w, const Object *obj);

// The path with the extension of its last part replaced: ("a/b.asm", ".sym") is
// "a/b.sym".
const char *object_path(Arena *a, const char *path, const char *extension);

// What stands at an address: the nearest symbol at or below it in the same
// segment, and the source line; NULL when nothing is known.
const ObjectSymbol *object_symbol_at(const Object *obj, uint16_t address);
const ObjectSymbol *object_symbol_find(const Object *obj, const char *name); // either case
const ObjectLine *object_line_at(const Object *obj, uint16_t address);

// True when the object has a word for this address; *word is the last one written.
bool object_word(const Object *obj, uint16_t address, uint16_t *word);

// Symbols by address; equal addresses keep their order.
void object_sort_symbols(Object *obj);

#endif
