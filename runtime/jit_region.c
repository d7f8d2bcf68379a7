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
            b->next[0] = (int16_t)region_block(r, (uint16_t)(last + 1));
        if ((roles & ISA_JUMP) && !(roles & (ISA_INDIRECT | ISA_TRAP)) &&
            isa_target(s->machine->isa, word, last, &target))
            b->next[1] = (int16_t)region_block(r, target);
    }
}

static void count_ways(JitRegion *r)
{
    for (int i = 0; i < r->all_count; i++)
        r->blocks[i].edges = 0;
    for (int i = 0; i < r->all_count; i++)
        for (int k = 0; k < 2; k++)
            if (r->blocks[i].next[k] >= 0)
                r->blocks[r->blocks[i].next[k]].edges++;
}

enum { UNSEEN, OPEN, DONE };

typedef struct {
    int latch[REGION_BLOCKS]; // by head: the block that goes back to it
    int latches[REGION_BLOCKS];
} Loops;

// Where a loop starts, and where control goes when it does not go round again: so a
// loop asks only for what one round needs.
static void find_loops(JitRegion *r, int block, uint8_t *state, Loops *loops)
{
    const JitBlock *b = &r->blocks[block];
    state[block] = OPEN;
    for (int i = 0; i < 2; i++) {
        const int next = b->next[i];
        if (next >= 0 && state[next] == UNSEEN)
            find_loops(r, next, state, loops);
        else if (next >= 0 && state[next] == OPEN) {
            r->blocks[next].is_head = true;
            loops->latches[next]++;
            loops->latch[next] = block;
            if (b->next[!i] >= 0)
                r->blocks[b->next[!i]].is_head = true;
        }
    }
    state[block] = DONE;
}

// Measures the longest ways between heads.  A way that gets too long is cut by one
// more head: what does not fit into a budget is interpreted.
static void measure(JitRegion *r, int block, unsigned limit, uint8_t *state)
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
            measure(r, next, limit, state);
        if (!n->is_head && b->count + n->need > limit)
            n->is_head = true;
        if (!n->is_head && n->need > longest)
            longest = n->need;
    }
    b->need = (uint16_t)(b->count + longest);
}

static void find_heads(JitRegion *r, Loops *loops)
{
    uint8_t state[REGION_BLOCKS] = { UNSEEN };
    for (int i = 0; i < r->block_count; i++)
        r->blocks[i].is_head = r->blocks[i].is_entry;
    for (int i = 0; i < r->block_count; i++)
        if (state[i] == UNSEEN)
            find_loops(r, i, state, loops);
}

static void measure_all(JitRegion *r, unsigned limit)
{
    uint8_t state[REGION_BLOCKS + REGION_COPIES] = { UNSEEN };
    for (int i = 0; i < r->all_count; i++)
        if (state[i] == UNSEEN)
            measure(r, i, limit, state);
}

// ------------------------------------------------------- several rounds in one

enum { ROUNDS_MAX = 4 }; // larger bodies cost more to compile than they give

static int index_in(const JitRegion *r, const JitLoop *loop, uint16_t address)
{
    for (int i = 0; i < loop->count; i++)
        if (r->blocks[loop->blocks[i]].address == address)
            return i;
    return -1;
}

bool loop_has(const JitRegion *r, const JitLoop *loop, uint16_t address)
{
    return index_in(r, loop, address) >= 0;
}

// The blocks from which the latch is reached without passing the head.  False when
// they are many, or one of them is a head itself.
static bool find_body(const JitRegion *r, int head, JitLoop *loop)
{
    *loop = (JitLoop){ .blocks = { head }, .count = 1, .instructions = r->blocks[head].count };
    int todo[ROUND_BLOCKS], left = 0;
    if (r->blocks[head].latch != head)
        todo[left++] = r->blocks[head].latch;
    while (left) {
        const int block = todo[--left];
        if (loop_has(r, loop, r->blocks[block].address))
            continue;
        if (loop->count == ROUND_BLOCKS || r->blocks[block].is_head)
            return false;
        loop->blocks[loop->count++] = block;
        loop->instructions += r->blocks[block].count;
        for (int i = 0; i < r->block_count; i++)
            if ((r->blocks[i].next[0] == block || r->blocks[i].next[1] == block) &&
                !loop_has(r, loop, r->blocks[i].address)) {
                if (left == ROUND_BLOCKS)
                    return false;
                todo[left++] = i;
            }
    }
    return true;
}

static int block_before(const JitRegion *r, const JitLoop *loop)
{
    int before = -1;
    for (int i = 0; i < r->all_count; i++) {
        const JitBlock *b = &r->blocks[i];
        if ((b->next[0] != loop->blocks[0] && b->next[1] != loop->blocks[0]) || loop_has(r, loop, b->address))
            continue;
        if (before >= 0)
            return -1;
        before = i;
    }
    return before;
}

bool region_loop(const JitRegion *r, int head, JitLoop *loop)
{
    if (r->blocks[head].latch < 0 || !find_body(r, head, loop))
        return false;
    loop->before = block_before(r, loop);
    return true;
}

// Its ways back to the head, in the loop or in a copy, go to `following`.
static void copy_round(JitRegion *r, const JitLoop *loop, int following)
{
    const int base = r->all_count;
    for (int i = 0; i < loop->count; i++) {
        JitBlock *c = &r->blocks[base + i];
        *c = r->blocks[loop->blocks[i]];
        c->is_copy = true;
        c->is_entry = c->is_return = c->is_head = false;
        c->latch = -1;
        for (int k = 0; k < 2; k++) {
            const int at = c->next[k] < 0 ? -1 : index_in(r, loop, r->blocks[c->next[k]].address);
            if (at >= 0)
                c->next[k] = (int16_t)(at ? base + at : following);
        }
    }
    r->all_count += loop->count;
}

static void copy_rounds(JitRegion *r, const JitLoop *loop, int rounds)
{
    for (; rounds; rounds--)
        copy_round(r, loop, rounds > 1 ? r->all_count + loop->count : loop->blocks[0]);
}

// A small loop goes several rounds between two looks at the budget.
static void unroll(JitRegion *r, int head)
{
    JitLoop loop;
    if (!region_loop(r, head, &loop))
        return;
    int rounds = (int)(REGION_NEED / loop.instructions);
    rounds = rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    while (rounds > 1 && r->all_count + (rounds - 1) * loop.count > REGION_BLOCKS + REGION_COPIES)
        rounds--;
    if (rounds < 2)
        return;
    const int first = r->all_count;
    copy_rounds(r, &loop, rounds - 1);
    for (int i = 0; i < loop.count; i++)
        for (int k = 0; k < 2; k++)
            if (r->blocks[loop.blocks[i]].next[k] == head)
                r->blocks[loop.blocks[i]].next[k] = (int16_t)first;
}

static void unroll_loops(JitRegion *r, const Loops *loops)
{
    r->all_count = r->block_count;
    for (int i = 0; i < r->block_count; i++)
        r->blocks[i].latch = (int16_t)(loops->latches[i] == 1 ? loops->latch[i] : -1);
    for (int i = 0; i < r->block_count; i++)
        unroll(r, i);
}

bool region_peel(JitRegion *r, const JitLoop *loop, int rounds)
{
    enum { NEED = 2 * REGION_NEED };
    const int first = r->all_count;
    JitBlock *before = &r->blocks[loop->before];
    if ((unsigned)rounds * loop->instructions > NEED || first + rounds * loop->count > REGION_BLOCKS + REGION_COPIES)
        return false;
    copy_rounds(r, loop, rounds);
    r->blocks[first].is_head = true;
    for (int k = 0; k < 2; k++)
        if (before->next[k] == loop->blocks[0])
            before->next[k] = (int16_t)first;
    count_ways(r);
    measure_all(r, NEED);
    return true;
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
    Loops loops = { 0 };
    find_ways(&s, r);
    find_heads(r, &loops);
    unroll_loops(r, &loops);
    count_ways(r);
    measure_all(r, REGION_NEED);
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
