#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *make_room(Writer *w, size_t len)
{
    if (w->capacity - w->len <= len) {
        size_t capacity = w->capacity ? w->capacity * 2 : 4096;
        while (capacity - w->len <= len)
            capacity *= 2;
        w->at = need_memory(realloc(w->at, capacity));
        w->capacity = capacity;
    }
    return w->at + w->len;
}

void write_bytes(Writer *w, const void *bytes, size_t len)
{
    if (len)
        memcpy(make_room(w, len), bytes, len);
    w->len += len;
}

void write_text(Writer *w, const char *s)
{
    write_bytes(w, s, strlen(s));
}

void write_format(Writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *to = make_room(w, (size_t)len);
    va_start(args, format);
    vsnprintf(to, (size_t)len + 1, format, args);
    va_end(args);
    w->len += (size_t)len;
}

void write_json_string(Writer *w, const char *s)
{
    write_bytes(w, "\"", 1);
    for (; *s; s++) {
        const unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            write_format(w, "\\%c", c);
        else if (c < ' ' || c == 127)
            write_format(w, "\\u%04x", c);
        else
            write_bytes(w, s, 1);
    }
    write_bytes(w, "\"", 1);
}

void writer_free(Writer *w)
{
    free(w->at);
    *w = (Writer){ 0 };
}

static bool write_all(int file, const char *at, size_t len)
{
    while (len) {
        const ssize_t n = write(file, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool save_direct(const Writer *w, const char *path, Error *err)
{
    const bool standard = strcmp(path, "-") == 0;
    const int file = standard ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return fail(err, "%s: %s", path, strerror(errno));
    bool good = write_all(file, w->at, w->len);
    if (!good)
        fail(err, "%s: %s", path, strerror(errno));
    if (!standard && close(file) != 0 && good)
        good = fail(err, "%s: %s", path, strerror(errno));
    return good;
}

bool writer_write(const Writer *w, int file, const char *name, Error *err)
{
    return write_all(file, w->at, w->len) || fail(err, "%s: %s", name, strerror(errno));
}

bool writer_save(const Writer *w, const char *path, Error *err)
{
    struct stat st;
    if (strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return save_direct(w, path, err);
    const size_t size = strlen(path) + 32;
    char *temporary = malloc(size);
    if (!temporary)
        return fail(err, "%s: out of memory", path);
    snprintf(temporary, size, "%s.tmp%ld", path, (long)getpid());
    bool good = true;
    const int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) {
        good = fail(err, "%s: %s", path, strerror(errno));
    } else {
        if (!write_all(file, w->at, w->len))
            good = fail(err, "%s: %s", path, strerror(errno));
        if (close(file) != 0 && good)
            good = fail(err, "%s: %s", path, strerror(errno));
        if (good && rename(temporary, path) != 0)
            good = fail(err, "%s: %s", path, strerror(errno));
        if (!good)
            unlink(temporary);
    }
    free(temporary);
    return good;
}

bool writer_matches(const Writer *w, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return false;
    size_t at = 0, got;
    char part[16384];
    bool same = true;
    while (same && (got = fread(part, 1, sizeof part, in)) > 0) {
        same = got <= w->len - at && memcmp(part, w->at + at, got) == 0;
        at += got;
    }
    same = same && !ferror(in) && at == w->len;
    fclose(in);
    return same;
}

bool writer_save_changed(const Writer *w, const char *path, Error *err)
{
    return writer_matches(w, path) || writer_save(w, path, err);
}
