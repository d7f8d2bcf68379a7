// console.h -- the keys a program reads and the characters it writes.
//
// Input is a terminal (raw: a key at a time, no echo of its own), a pipe or file
// (exact bytes), or a script that says at which instruction count each key
// arrives.  Output is collected per machine and written in large pieces; where
// several machines share standard output, whole lines at a time.
#ifndef RUNTIME_CONSOLE_H
#define RUNTIME_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/writer.h"

// ------------------------------------------------------------------- input

typedef struct {
    uint64_t count; // instructions executed when it arrives
    uint8_t key;
} ScriptKey;

typedef struct {
    int file;
    bool is_terminal, is_ended;
    const _Atomic int *stop; // non-zero: whoever waits gives up
    uint8_t buffer[4096];
    size_t at, len;
    bool is_script;
    ScriptKey *keys;
    size_t key_count, key_at;
    ScriptKey *taken; // every key that was taken, and when; or NULL
    size_t taken_count, taken_room;
} Input;

typedef enum { KEY_NONE, KEY_READY, KEY_ENDED } KeyStatus;
typedef enum {
    INPUT_POLL,   // never wait
    INPUT_STREAM, // wait, unless this is a terminal: what a pipe brings is there at once
    INPUT_WAIT,   // wait
} InputWait;

// Standard input; a terminal is made raw when a key is first asked for.
void input_open(Input *in, const _Atomic int *stop);

// Reads a script.  A line is an instruction count, then keys: a character, a
// string in double quotes, or a code such as x0A.
//
//     1000 "12\n"     ; three keys, from instruction 1000 on
//     5000 x1B
bool input_read_script(Input *in, Arena *a, const char *path, Error *err);

// Keeps what is taken, up to so many keys, so that input_replay can bring it again.
void input_record(Input *in, size_t room);
// Writes them as a script; fails when there were more than were kept.
bool input_write_script(Writer *w, const Input *in, Error *err);
// The same keys at the same counts.  False when there were more than were kept.
bool input_replay(Input *again, const Input *in);
void input_close(Input *in);

// Leaves out the first keys: they were read before.
void input_skip(Input *in, uint64_t keys);

// Before something is shown that a key may answer.
void input_prepare(Input *in);

// The next key as of `now` instructions; takes it when KEY_READY.
KeyStatus input_key(Input *in, uint64_t now, InputWait wait, uint8_t *key);

// When the next key of a script arrives, or UINT64_MAX.
uint64_t input_next_arrival(const Input *in);

// Waits until there is something to read, at most so long.
bool input_wait(const Input *in, int timeout_ms);

// The terminal as it was; safe in a signal handler.
void terminal_restore(void);

// ------------------------------------------------------------------ output

enum { OUTPUT_BYTES = 65536 };

typedef struct {
    char *buffer; // of OUTPUT_BYTES
    uint32_t len;
    uint32_t age;      // slices since it was last empty
    int file;          // -1: nowhere
    bool is_terminal;
    bool is_shared;    // with other machines: whole lines only
    uint64_t total, limit; // bytes; limit 0 is none
} Output;

// Adds a character.  False: the limit is reached, and it was left out.
bool output_put(Output *out, uint8_t c);

// Writes what is due; `is_last`: everything.
void output_flush(Output *out, bool is_last);

// What went wrong with writing, once; 0 when nothing did.
int output_error(void);

#endif
