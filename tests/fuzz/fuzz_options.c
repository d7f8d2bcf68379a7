// Bytes as a command line, an argument per line: refused with a reason, or read, with
// what it says of links and cards.  The first byte says whose: 'a' is lc3as, 'k' a
// script of keys, anything else lc3run.
#include <string.h>

#include "../../asm/options.h"
#include "fuzz.h"
#include "network.h"
#include "nic_options.h"
#include "../../runtime/options.h"

enum { ARGUMENTS_MAX = 64, MACHINES = 4 };

static int cut(char **argv, char *text)
{
    int argc = 0;
    argv[argc++] = "fuzz";
    for (char *end; argc < ARGUMENTS_MAX && *text; text = end) {
        argv[argc++] = text;
        end = text + strcspn(text, "\n");
        if (*end)
            *end++ = 0;
    }
    argv[argc] = NULL;
    return argc;
}

static bool is_end(const Link *l, uint32_t end)
{
    return end < MACHINES || (end == ELSEWHERE && l->remote && *l->remote->settings.subject);
}

// As session.c asks for them.
static void read_parts(const RunOptions *o, Arena *a)
{
    static const char *const names[MACHINES] = { "feed", NULL, "sink", NULL };
    Network network = { .arena = a, .machine_count = MACHINES, .names = names };
    Error err = { "" };
    bool is_good = true;
    for (size_t i = 0; is_good && i < o->links.count; i++)
        is_good = network_add(&network, o->links.at[i], &err);
    fuzz_check(is_good || *err.text, "a link that is refused has a reason");
    if (is_good)
        network_complete(&network);
    for (size_t i = 0; is_good && i < network.links.count; i++)
        fuzz_check(is_end(&network.links.at[i], network.links.at[i].from) &&
                       is_end(&network.links.at[i], network.links.at[i].to),
                   "links join machines, or a machine and a subject");
    for (size_t i = 0; i < o->cards.count; i++) {
        NicOptions card;
        Error why = { "" };
        fuzz_check(nic_options_parse(&card, a, o->cards.at[i].text, 0, &why) ? card.vm_count > 0 : *why.text,
                   "a card feeds somebody, or there is a reason");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size)
        return 0;
    Arena arena = { 0 };
    Error err = { "" };
    char *argv[ARGUMENTS_MAX + 1];
    const int argc = cut(argv, arena_copy(&arena, (const char *)bytes + 1, size - 1));
    bool is_good;
    if (bytes[0] == 'k') {
        Input input = { .file = -1 };
        is_good = input_read_script(&input, &arena, fuzz_file(bytes + 1, size - 1), &err);
    } else if (bytes[0] == 'a') {
        Options o = { 0 };
        is_good = options_parse(&o, &arena, argc, argv, &err);
    } else {
        RunOptions o = { 0 };
        is_good = options_read(&o, &arena, argc, argv, &err);
        if (is_good)
            read_parts(&o, &arena);
    }
    fuzz_check(is_good || *err.text, "what is refused has a reason");
    arena_free(&arena);
    return 0;
}
