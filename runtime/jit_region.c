#include "jit_region.h"

#include <string.h>

typedef struct {
    uint64_t bits[1024];
} AddressSet;

static bool has(const AddressSet *s, uint16_t a)
{
    return s->bits[a >> 6] >> (a & 63) & 1;
}

static void add(AddressSet *s, uint16_t a)
{
    s->bits[a >> 6] |= 1ull << (a & 63);
}

typedef struct {
    const JitMachine *machine;
    const uint16_t *memory;
    const uint64_t *unstable;
    unsigned mode;
    AddressSet seen, heads, entries, returns;
    uint16_t queue[REGION_BLOCKS];
    int queued, words;
} Search;

static void push(Search *s, uint16_t address)
{
    if (has(&s->heads, address) || s->queued == REGION_BLOCKS)
        return;
    add(&s->heads, address);
    s->queue[s->queued++] = address;
}

static void push_return(Search *s, uint16_t address)
{
    push(s, address);
    add(&s->entries, address);
    add(&s->returns, address);
}

// Where control may go from a word that ends a block.
static void follow(Search *s, uint16_t address, uint16_t word, unsigned roles)
{
    const uint16_t next = (uint16_t)(address + 1);
    uint16_t target;
    if (roles & ISA_HALT)
        return;
    if (roles & ISA_COND)
        push(s, next);
    if (!(roles & (ISA_INDIRECT | ISA_TRAP)) && isa_target(s->machine->isa, word, address, &target)) {
        push(s, target);
        if (target <= address)
            add(&s->entries, target);
    }
    if (roles & (ISA_CALL | ISA_TRAP | ISA_LINK))
        push_return(s, next);
}

static bool is_usable(const Search *s, uint16_t address)
{
    return jit_is_plain(s->machine, s->mode, address) &&
           !(s->unstable && s->unstable[address >> 6] >> (address & 63) & 1);
}

static void walk(Search *s, uint16_t address)
{
    while (s->words < REGION_WORDS && !has(&s->seen, address) && is_usable(s, address)) {
        const uint16_t word = s->memory[address];
        const unsigned roles = isa_roles(s->machine->isa, word);
        add(&s->seen, address);
        s->words++;
        if (roles & (ISA_JUMP | ISA_TRAP | ISA_HALT)) {
            follow(s, address, word, roles);
            return;
        }
        address++;
    }
}

static bool ends_block(const Search *s, uint16_t address)
{
    return isa_roles(s->machine->isa, s->memory[address]) & (ISA_JUMP | ISA_TRAP | ISA_HALT);
}

static void cut(const Search *s, JitRegion *r)
{
    bool open = false;
    for (unsigned a = 0; a < 0x10000; a++) {
        if (!s->seen.bits[a >> 6]) {
            a |= 63;
            open = false;
            continue;
        }
        if (!has(&s->seen, (uint16_t)a)) {
            open = false;
            continue;
        }
        if (!open || has(&s->heads, (uint16_t)a))
            r->blocks[r->block_count++] = (JitBlock){ (uint16_t)a, 0, has(&s->entries, (uint16_t)a),
                                                      has(&s->returns, (uint16_t)a) };
        r->blocks[r->block_count - 1].count++;
        r->words[r->word_count].address = (uint16_t)a;
        r->words[r->word_count++].word = s->memory[a];
        open = !ends_block(s, (uint16_t)a);
    }
}

// ------------------------------------------------------------ ways between blocks

static void add_way(JitRegion *r, int from, int slot, uint16_t address)
{
    const int to = region_block(r, address);
    r->blocks[from].next[slot] = (int16_t)to;
    if (to >= 0)
        r->blocks[to].edges++;
}

static void find_ways(const Search *s, JitRegion *r)
{
    for (int i = 0; i < r->block_count; i++) {
        JitBlock *b = &r->blocks[i];
        const uint16_t last = (uint16_t)(b->address + b->count - 1), word = s->memory[last];
        const unsigned roles = isa_roles(s->machine->isa, word);
        uint16_t target;
        b->next[0] = b->next[1] = -1;
        if (roles & ISA_HALT)
            continue;
        if (!(roles & ISA_JUMP) || (roles & (ISA_COND | ISA_TRAP)))
            add_way(r, i, 0, (uint16_t)(last + 1));
        if ((roles & ISA_JUMP) && !(roles & (ISA_INDIRECT | ISA_TRAP)) &&
            isa_target(s->machine->isa, word, last, &target))
            add_way(r, i, 1, target);
    }
}

enum { UNSEEN, OPEN, DONE };

// Where a loop starts, and where control goes when it does not go round again: so a
// loop asks only for what one round needs.
static void find_loops(JitRegion *r, int block, uint8_t *state)
{
    const JitBlock *b = &r->blocks[block];
    state[block] = OPEN;
    for (int i = 0; i < 2; i++) {
        const int next = b->next[i];
        if (next >= 0 && state[next] == UNSEEN)
            find_loops(r, next, state);
        else if (next >= 0 && state[next] == OPEN) {
            r->blocks[next].is_head = true;
            if (b->next[!i] >= 0)
                r->blocks[b->next[!i]].is_head = true;
        }
    }
    state[block] = DONE;
}

// Measures the longest ways between heads.  A way that gets too long is cut by one
// more head: what does not fit into a budget is interpreted.
static void measure(JitRegion *r, int block, uint8_t *state)
{
    JitBlock *b = &r->blocks[block];
    unsigned longest = 0;
    state[block] = DONE;
    for (int i = 0; i < 2; i++) {
        const int next = b->next[i];
        if (next < 0)
            continue;
        JitBlock *n = &r->blocks[next];
        if (state[next] == UNSEEN && !n->is_head)
            measure(r, next, state);
        if (!n->is_head && b->count + n->need > REGION_NEED)
            n->is_head = true;
        if (!n->is_head && n->need > longest)
            longest = n->need;
    }
    b->need = (uint16_t)(b->count + longest);
}

static void find_heads(JitRegion *r)
{
    uint8_t state[REGION_BLOCKS] = { UNSEEN };
    for (int i = 0; i < r->block_count; i++)
        r->blocks[i].is_head = r->blocks[i].is_entry;
    for (int i = 0; i < r->block_count; i++)
        if (state[i] == UNSEEN)
            find_loops(r, i, state);
    memset(state, UNSEEN, sizeof state);
    for (int i = 0; i < r->block_count; i++)
        if (state[i] == UNSEEN)
            measure(r, i, state);
}

static uint64_t mix(uint64_t hash, uint64_t v)
{
    hash = (hash ^ v) * 0x9E3779B97F4A7C15ull;
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const JitRegion *r)
{
    uint64_t h = mix(r->start, r->mode);
    for (int i = 0; i < r->block_count; i++)
        h = mix(h, (uint64_t)r->blocks[i].address << 32 | (uint64_t)r->blocks[i].count << 8 |
                       (uint64_t)r->blocks[i].is_entry << 1 | r->blocks[i].is_return);
    for (int i = 0; i < r->word_count; i++)
        h = mix(h, (uint64_t)r->words[i].address << 16 | r->words[i].word);
    return h;
}

bool region_find(JitRegion *r, const JitMachine *m, const uint16_t *memory, const uint64_t *unstable,
                 unsigned mode, uint16_t start)
{
    Search s = { .machine = m, .memory = memory, .unstable = unstable, .mode = mode };
    memset(r, 0, sizeof *r); // the whole of it is compared and kept on disk
    r->start = start;
    r->mode = mode;
    push(&s, start);
    add(&s.entries, start);
    for (int i = 0; i < s.queued; i++)
        walk(&s, s.queue[i]);
    cut(&s, r);
    find_ways(&s, r);
    find_heads(r);
    r->hash = hash_of(r);
    return region_block(r, start) >= 0;
}

int region_block(const JitRegion *r, uint16_t address)
{
    int low = 0, high = r->block_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (r->blocks[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->block_count && r->blocks[low].address == address ? low : -1;
}

bool region_covers(const JitRegion *r, uint16_t address)
{
    int low = 0, high = r->word_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (r->words[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->word_count && r->words[low].address == address;
}

bool region_is_current(const JitRegion *r, const uint16_t *memory)
{
    for (int i = 0; i < r->word_count; i++)
        if (memory[r->words[i].address] != r->words[i].word)
            return false;
    return true;
}
