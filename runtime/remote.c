#include "remote.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NATS "nats:"

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

// A machine's name never begins with a digit, and "nats:0" is a link to machine 0 from
// one that is called nats.
bool remote_is_meant(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon && (starts(colon + 1, NATS) || (starts(text, NATS) && strchr(colon + 1, ':')));
}

static bool read_number(const char *text, uint32_t least, uint32_t most, uint32_t *value)
{
    uint64_t sum = 0;
    if (!isdigit((unsigned char)*text))
        return false;
    for (; isdigit((unsigned char)*text) && sum <= most; text++)
        sum = sum * 10 + (uint64_t)(*text - '0');
    *value = (uint32_t)sum;
    return !*text && sum >= least && sum <= most;
}

// --------------------------------------------------------------- settings

static bool take_mode(RemoteSettings *s, char *value, Error *err)
{
    s->is_fast = strcmp(value, "fast") == 0;
    return s->is_fast || strcmp(value, "safe") == 0 ? true
                                                    : fail(err, "--link=%s: mode is safe or fast", s->text);
}

static bool take_batch(RemoteSettings *s, char *value, Error *err)
{
    return read_number(value, 1, REMOTE_BATCH_MAX, &s->batch)
               ? true
               : fail(err, "--link=%s: batch is a number of words from 1 to %d", s->text, REMOTE_BATCH_MAX);
}

static bool take_delay(RemoteSettings *s, char *value, Error *err)
{
    return read_number(value, 0, 1000000, &s->delay_us)
               ? true
               : fail(err, "--link=%s: delay is a number of microseconds from 0 to 1000000", s->text);
}

static bool take_capacity(RemoteSettings *s, char *value, Error *err)
{
    if (read_number(value, 1, RING_CAPACITY_MAX, &s->capacity) && (s->capacity & (s->capacity - 1)) == 0)
        return true;
    return fail(err, "--link=%s: cap is a power of two from 1 to %d", s->text, RING_CAPACITY_MAX);
}

// NAME at a reader, N*NAME at a sender.
static bool take_group(RemoteSettings *s, char *value, Error *err)
{
    char *star = strchr(value, '*');
    if (s->is_out != (star != NULL))
        return s->is_out ? fail(err, "--link=%s: for how many replicas? (group=3*%s)", s->text, value)
                         : fail(err, "--link=%s: group=NAME: the sender says how many there are", s->text);
    if (star)
        *star = 0;
    if (star && !read_number(value, 1, REMOTE_REPLICAS_MAX, &s->replicas))
        return fail(err, "--link=%s: a group has from 1 to %d replicas", s->text, REMOTE_REPLICAS_MAX);
    s->group = star ? star + 1 : value;
    const size_t length = strlen(s->group);
    for (const char *c = s->group; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_-", *c))
            return fail(err, "--link=%s: '%c' in a group's name: letters, digits, '-' and '_' only", s->text,
                        *c);
    return length && length <= REMOTE_GROUP_MAX
               ? true
               : fail(err, "--link=%s: a group's name has from 1 to %d characters", s->text,
                      REMOTE_GROUP_MAX);
}

// FIRST[-LAST]/RECORD, or /RECORD for records without a key.
static bool take_key(RemoteSettings *s, char *value, Error *err)
{
    char *slash = strchr(value, '/'), *dash = strchr(value, '-');
    uint32_t first = 0, last = 0;
    bool good = slash && read_number(slash + 1, 1, REMOTE_RECORD_MAX, &s->record);
    if (good && slash > value) {
        *slash = 0;
        if (dash)
            *dash = 0;
        good = read_number(value, 0, REMOTE_KEY_MAX - 1, &first) &&
               read_number(dash ? dash + 1 : value, first, REMOTE_KEY_MAX - 1, &last) && last < s->record;
        s->key_first = first;
        s->key_after = last + 1;
    }
    if (!good)
        return fail(
            err,
            "--link=%s: key is WORD/RECORD or FIRST-LAST/RECORD: words 0 to %d of a record of so many "
            "(up to %d) words, or /RECORD",
            s->text, REMOTE_KEY_MAX - 1, REMOTE_RECORD_MAX);
    return s->is_out ? true : fail(err, "--link=%s: key is a setting of the sender's end", s->text);
}

static const struct {
    const char *name;
    bool (*take)(RemoteSettings *s, char *value, Error *err);
} settings[] = {
    { "mode=", take_mode },    { "batch=", take_batch }, { "delay=", take_delay },
    { "cap=", take_capacity }, { "group=", take_group }, { "key=", take_key },
};

static bool take_setting(RemoteSettings *s, char *text, Error *err)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (starts(text, settings[i].name))
            return settings[i].take(s, text + strlen(settings[i].name), err);
    return fail(err,
                "--link=%s: unknown setting '%s' (known: mode=safe|fast, batch=WORDS, delay=US, cap=N, "
                "group=[N*]NAME, key=WORD/RECORD)",
                s->text, text);
}

// What only holds for all settings together.
static bool check_settings(const RemoteSettings *s, Error *err)
{
    if (s->is_fast && s->group)
        return fail(err, "--link=%s: a group needs mode=safe", s->text);
    if (s->is_out && !s->group && s->record)
        return fail(err, "--link=%s: key says how a group shares the words: which group? (group=N*NAME)",
                    s->text);
    if (s->replicas > 1 && s->batch <= REMOTE_KEY_MAX)
        return fail(err, "--link=%s: with a group, batch is more than %d", s->text, REMOTE_KEY_MAX);
    return true;
}

// ---------------------------------------------------------------- subject

// What NATS takes as a subject and as the key of a run's record alike.
static bool check_subject(const RemoteSettings *s, Error *err)
{
    const char *subject = s->subject;
    if (!*subject)
        return fail(err, "--link=%s: the subject is empty", s->text);
    if (strlen(subject) > REMOTE_SUBJECT_MAX)
        return fail(err, "--link=%s: the subject is longer than %d characters", s->text, REMOTE_SUBJECT_MAX);
    for (const char *c = subject; *c; c++) {
        if (isspace((unsigned char)*c))
            return fail(err, "--link=%s: a subject must not contain blanks", s->text);
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
            return fail(err, "--link=%s: '%c' in a subject: letters, digits, '.', '-' and '_' only", s->text,
                        *c);
    }
    if (*subject == '.' || strstr(subject, "..") || subject[strlen(subject) - 1] == '.')
        return fail(err, "--link=%s: a part of the subject between dots is empty", s->text);
    return true;
}

bool remote_parse(RemoteSettings *s, Arena *a, const char *text, Error *err)
{
    *s = (RemoteSettings){ .text = text,
                           .batch = REMOTE_BATCH,
                           .delay_us = REMOTE_DELAY_US,
                           .capacity = RING_CAPACITY,
                           .replicas = 1 };
    char *copy = arena_copy(a, text, strlen(text)), *comma = strchr(copy, ',');
    if (comma)
        *comma = 0;
    s->is_out = !starts(copy, NATS);
    char *first = strchr(copy, ':'), *last = strrchr(copy, ':');
    if (!first || (s->is_out ? !starts(first + 1, NATS) : first == last)) // it stands in a setting
        return fail(err, "--link=%s: A:nats:SUBJECT or nats:SUBJECT:B comes before the settings", text);
    if (s->is_out) {
        *first = 0;
        s->machine = copy;
        s->subject = first + 1 + strlen(NATS);
    } else {
        *last = 0;
        s->subject = first + 1;
        s->machine = last + 1;
    }
    if (!check_subject(s, err))
        return false;
    while (comma) {
        char *at = comma + 1;
        if ((comma = strchr(at, ',')))
            *comma = 0;
        if (!take_setting(s, at, err))
            return false;
    }
    if (!check_settings(s, err))
        return false;
    if (!s->record)
        s->record = 1;
    return true;
}
