#include "console.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"

// ---------------------------------------------------------------- terminal

static struct termios terminal_before, terminal_raw;
static volatile sig_atomic_t terminal_is_raw;

// Interrupt, quit and suspend keep their keys; Enter still arrives as a newline.
static void terminal_make_raw(void)
{
    if (terminal_is_raw || tcgetattr(STDIN_FILENO, &terminal_before) != 0)
        return;
    terminal_raw = terminal_before;
    terminal_raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    terminal_raw.c_cc[VMIN] = 1;
    terminal_raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal_raw) == 0)
        terminal_is_raw = 1;
}

void terminal_restore(void)
{
    if (terminal_is_raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    terminal_is_raw = 0;
}

// Ctrl-Z: the shell gets its terminal, and we get ours back afterwards.
static void on_suspend(int sig)
{
    const int saved = errno;
    const sig_atomic_t was_raw = terminal_is_raw;
    terminal_restore();
    raise(SIGSTOP);
    if (was_raw && tcsetattr(STDIN_FILENO, TCSANOW, &terminal_raw) == 0)
        terminal_is_raw = 1;
    errno = saved;
    (void)sig;
}

// ------------------------------------------------------------------- input

void input_open(Input *in, const _Atomic int *stop)
{
    *in = (Input){ .file = STDIN_FILENO, .stop = stop, .is_terminal = isatty(STDIN_FILENO) == 1 };
    if (in->is_terminal)
        sigaction(SIGTSTP, &(struct sigaction){ .sa_handler = on_suspend, .sa_flags = SA_RESTART }, NULL);
}

bool input_wait(const Input *in, int timeout_ms)
{
    struct pollfd p = { .fd = in->file, .events = POLLIN };
    return poll(&p, 1, timeout_ms) > 0;
}

enum { STOP_LOOK_MS = 50 }; // signals may go to another thread

static bool wait_unless_stopped(const Input *in)
{
    while (!*in->stop)
        if (input_wait(in, STOP_LOOK_MS))
            return true;
    return false;
}

enum { END_OF_TRANSMISSION = 4 }; // Ctrl-D, which a raw terminal passes on

// Reads what is there; may wait for it as long as `wait` allows.
static void fill(Input *in, InputWait wait)
{
    input_prepare(in);
    const bool may_wait = wait == INPUT_WAIT || (wait == INPUT_STREAM && !in->is_terminal);
    if (may_wait ? !wait_unless_stopped(in) : !input_wait(in, 0))
        return;
    const ssize_t got = read(in->file, in->buffer, sizeof in->buffer);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    in->at = 0;
    in->len = got > 0 ? (size_t)got : 0;
    in->is_ended = got <= 0;
}

static KeyStatus next_byte(Input *in, InputWait wait, uint8_t *key)
{
    if (in->at == in->len && !in->is_ended)
        fill(in, wait);
    if (in->at == in->len)
        return in->is_ended ? KEY_ENDED : KEY_NONE;
    *key = in->buffer[in->at++];
    if (in->is_terminal && *key == END_OF_TRANSMISSION) {
        in->is_ended = true;
        in->at = in->len;
        return KEY_ENDED;
    }
    return KEY_READY;
}

// A program that waits in a native routine does not see time pass, so its key
// comes at once; one that polls gets it at its count.
static KeyStatus next_script_key(Input *in, uint64_t now, InputWait wait, uint8_t *key)
{
    if (in->key_at == in->key_count)
        return KEY_ENDED;
    if (wait != INPUT_WAIT && in->keys[in->key_at].count > now)
        return KEY_NONE;
    *key = in->keys[in->key_at++].key;
    return KEY_READY;
}

KeyStatus input_key(Input *in, uint64_t now, InputWait wait, uint8_t *key)
{
    const KeyStatus status = in->is_script ? next_script_key(in, now, wait, key) : next_byte(in, wait, key);
    if (status == KEY_READY && in->taken && in->taken_count++ < in->taken_room)
        in->taken[in->taken_count - 1] = (ScriptKey){ now, *key };
    return status;
}

void input_prepare(Input *in)
{
    if (in->is_terminal && !in->is_script)
        terminal_make_raw();
}

void input_record(Input *in, size_t room)
{
    void *at = mmap(NULL, room * sizeof *in->taken, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    in->taken = at == MAP_FAILED ? NULL : at; // only pages that are used come into being
    in->taken_room = room;
}

bool input_replay(Input *again, const Input *in)
{
    *again = (Input){ .stop = in->stop, .is_script = true, .keys = in->taken, .key_count = in->taken_count };
    return in->taken && in->taken_count <= in->taken_room;
}

void input_skip(Input *in, uint64_t keys)
{
    uint8_t key;
    for (uint64_t i = 0; i < keys && !*in->stop; i++)
        if (input_key(in, UINT64_MAX, INPUT_WAIT, &key) == KEY_ENDED)
            return;
}

void input_close(Input *in)
{
    if (in->taken)
        munmap(in->taken, in->taken_room * sizeof *in->taken);
}

uint64_t input_next_arrival(const Input *in)
{
    return in->is_script && in->key_at < in->key_count ? in->keys[in->key_at].count : UINT64_MAX;
}

// ------------------------------------------------------------------ script

typedef LIST(ScriptKey) KeyList;

typedef struct {
    const char *at, *end; // of the line
} Cursor;

static void skip_blanks(Cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

static bool read_count(Cursor *c, uint64_t *count)
{
    const char *start = c->at;
    for (*count = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        const unsigned digit = (unsigned)(*c->at - '0');
        if (*count > (UINT64_MAX - digit) / 10)
            return false;
        *count = *count * 10 + digit;
    }
    return c->at > start;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// One or two hex digits.
static bool read_hex(Cursor *c, uint8_t *key)
{
    int value = 0, digits = 0;
    for (; c->at < c->end && digits < 2 && hex_digit(*c->at) >= 0; digits++)
        value = value * 16 + hex_digit(*c->at++);
    *key = (uint8_t)value;
    return digits > 0;
}

static bool read_escape(Cursor *c, uint8_t *key)
{
    static const char names[] = "ntre0\\\"", codes[] = "\n\t\r\033\0\\\"";
    if (c->at == c->end)
        return false;
    if (*c->at == 'x') {
        c->at++;
        return read_hex(c, key);
    }
    const char *name = strchr(names, *c->at);
    if (!name || !*name)
        return false;
    *key = (uint8_t)codes[name - names];
    c->at++;
    return true;
}

static bool read_string(Cursor *c, Arena *a, KeyList *keys, uint64_t count)
{
    for (c->at++; c->at < c->end && *c->at != '"';) {
        ScriptKey k = { count, (uint8_t)*c->at++ };
        if (k.key == '\\' && !read_escape(c, &k.key))
            return false;
        LIST_ADD(a, keys, k);
    }
    return c->at < c->end && *c->at++ == '"';
}

static bool read_code_or_character(Cursor *c, Arena *a, KeyList *keys, uint64_t count)
{
    ScriptKey k = { count, (uint8_t)*c->at };
    Cursor code = { c->at + 1, c->end };
    if (k.key == 'x' && read_hex(&code, &k.key))
        *c = code;
    else
        c->at++;
    LIST_ADD(a, keys, k);
    return true;
}

// Returns what is wrong with a line, or NULL.
static const char *read_line(Cursor *c, Arena *a, KeyList *keys)
{
    skip_blanks(c);
    if (c->at == c->end || *c->at == ';' || *c->at == '#')
        return NULL;
    uint64_t count;
    if (!read_count(c, &count))
        return "expected an instruction count";
    if (keys->count && count < keys->at[keys->count - 1].count)
        return "instruction counts must not go back";
    skip_blanks(c);
    if (c->at == c->end)
        return "expected a key: a character, \"text\" or a code such as x0A";
    const bool good = *c->at == '"' ? read_string(c, a, keys, count)
                                    : read_code_or_character(c, a, keys, count);
    if (!good)
        return "the string does not end, or has an unknown escape (known: \\n \\t \\r \\e \\0 \\\\ \\\" \\xNN)";
    skip_blanks(c);
    return c->at == c->end || *c->at == ';' ? NULL : "one key or string a line, please";
}

bool input_read_script(Input *in, Arena *a, const char *path, Error *err)
{
    Source src;
    if (!source_read(&src, a, path, err))
        return false;
    KeyList keys = { 0 };
    for (uint32_t i = 1; i <= src.lines.count; i++) {
        const Text line = source_line(&src, i);
        Cursor c = { line.at, line.at + line.len };
        const char *wrong = read_line(&c, a, &keys);
        if (wrong)
            return fail(err, "%s:%u:%u: %s", path, i, (unsigned)(c.at - line.at) + 1, wrong);
    }
    in->is_script = true;
    in->keys = keys.at;
    in->key_count = keys.count;
    return true;
}

static void write_key(Writer *w, uint8_t key)
{
    static const char names[] = "ntre\\\"", codes[] = "\n\t\r\033\\\"";
    const char *code = key ? strchr(codes, key) : NULL;
    if (code)
        write_format(w, "\\%c", names[code - codes]);
    else if (key < ' ' || key > '~')
        write_format(w, "\\x%02X", key);
    else
        write_bytes(w, &key, 1);
}

bool input_write_script(Writer *w, const Input *in, Error *err)
{
    if (!in->taken || in->taken_count > in->taken_room)
        return fail(err, "--record: more than %zu keys were taken, they are not recorded", in->taken_room);
    for (size_t i = 0; i < in->taken_count; i++) {
        write_format(w, "%" PRIu64 " \"", in->taken[i].count);
        write_key(w, in->taken[i].key);
        write_text(w, "\"\n");
    }
    return true;
}

// ------------------------------------------------------------------ output

static pthread_mutex_t write_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int write_error; // the first one; set under the lock, read by anybody

int output_error(void)
{
    return write_error;
}

static void write_all(int file, const char *at, size_t len)
{
    pthread_mutex_lock(&write_lock); // lines of different machines stay whole
    while (len && !write_error) {
        const ssize_t n = write(file, at, len);
        if (n >= 0) {
            at += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){ .fd = file, .events = POLLOUT }, 1, 50);
        } else if (errno != EINTR) {
            write_error = errno;
        }
    }
    pthread_mutex_unlock(&write_lock);
}

static uint32_t whole_lines(const Output *out)
{
    const char *last = memrchr(out->buffer, '\n', out->len);
    return last ? (uint32_t)(last - out->buffer) + 1 : 0;
}

void output_flush(Output *out, bool is_last)
{
    uint32_t due = out->len;
    if (out->is_shared && !is_last)
        due = whole_lines(out);
    if (!due && out->len == OUTPUT_BYTES) // a line longer than the buffer goes out in parts
        due = out->len;
    out->age = 0;
    if (!due)
        return;
    if (out->file >= 0)
        write_all(out->file, out->buffer, due);
    out->len -= due;
    memmove(out->buffer, out->buffer + due, out->len);
}

bool output_put(Output *out, uint8_t c)
{
    if (out->limit && out->total == out->limit)
        return false;
    if (out->len == OUTPUT_BYTES)
        output_flush(out, false);
    out->buffer[out->len++] = (char)c;
    out->total++;
    return true;
}
