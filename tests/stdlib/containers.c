// Stack, queue and heap against a plain list, and blocks over the bus.
#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 12, BLOCK = DATA + 8, OVERHEAD = 3 };

static const LibraryRow container_rows[] = {
    { "STACK_INIT" }, { "STACK_PUSH" }, { "STACK_POP" }, { "QUEUE_INIT" }, { "QUEUE_PUT" },
    { "QUEUE_GET" },  { "HEAP_INIT" },  { "HEAP_PUSH" }, { "HEAP_POP" },
};

typedef enum { LAST, FIRST, SMALLEST } Order;

typedef struct {
    const char *init, *put, *get;
    Order order;
} Container;

typedef struct {
    uint16_t at[CAPACITY];
    int count;
} List;

static uint16_t take(List *list, Order order)
{
    int place = order == LAST ? list->count - 1 : 0;
    for (int i = 0; order == SMALLEST && i < list->count; i++)
        if ((int16_t)list->at[i] < (int16_t)list->at[place])
            place = i;
    uint16_t value = list->at[place];
    memmove(&list->at[place], &list->at[place + 1], (size_t)(list->count - place - 1) * sizeof value);
    list->count--;
    return value;
}

// One call with a random register file; the list says what must come out.
static bool step(Library *l, const Container *c, World *w, List *list, int capacity, bool is_put,
                 uint64_t *random)
{
    World wanted;
    for (int i = 0; i < 8; i++)
        w->R[i] = rig_word(random);
    w->R[0] = BLOCK;
    wanted = *w;
    wanted.R[2] = is_put ? list->count < capacity : list->count > 0;
    if (is_put && wanted.R[2])
        list->at[list->count++] = w->R[1];
    else if (!is_put && wanted.R[2])
        wanted.R[1] = take(list, c->order);
    uint16_t before = w->M[7], behind = w->M[8 + OVERHEAD + capacity];
    if (!library_call(l, is_put ? c->put : c->get, w))
        return false;
    bool has_codes = (l->rig.m->s.PSR & 7) == (w->R[2] ? 1 : 2);
    return has_codes && !memcmp(wanted.R, w->R, 7 * sizeof *w->R) && w->M[7] == before &&
           w->M[8 + OVERHEAD + capacity] == behind;
}

static int check_container(Library *l, const Container *c)
{
    static World w;
    uint64_t random = 77;
    for (int n = 0; n < 2 * CASES;) {
        int capacity = (int)(rig_random(&random) % (CAPACITY + 1));
        List list = { .count = 0 };
        for (int i = 0; i < DATA_END - DATA; i++)
            w.M[i] = rig_word(&random);
        w.R[0] = BLOCK;
        w.R[1] = (uint16_t)capacity;
        if (!library_call(l, c->init, &w))
            return printf("%s does not come back\n", c->init), 1;
        int rising = 1;
        for (int steps = 200; steps && n < 2 * CASES; steps--, n++) {
            if (rig_random(&random) % 25 == 0)
                rising = !rising; // so that both ends are reached
            bool is_put = rig_random(&random) % 4 ? rising : !rising;
            if (!step(l, c, &w, &list, capacity, is_put, &random))
                return printf("%s, step %d: R1 x%04X, R2 x%04X is wrong\n", is_put ? c->put : c->get, n,
                              w.R[1], w.R[2]),
                       1;
        }
    }
    return 0;
}

int check_containers(void)
{
    static const Container containers[] = {
        { "STACK_INIT", "STACK_PUSH", "STACK_POP", LAST },
        { "QUEUE_INIT", "QUEUE_PUT", "QUEUE_GET", FIRST },
        { "HEAP_INIT", "HEAP_PUSH", "HEAP_POP", SMALLEST },
    };
    Library l;
    int failures = 0;
    library_open(&l, container_rows, sizeof container_rows / sizeof *container_rows);
    for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
        failures += check_container(&l, &containers[i]);
    library_close(&l);
    return failures;
}

// --------------------------------------------------------------------- bus

enum { RING_WORDS = 64, MOST = 200 };

static const LibraryRow bus_rows[] = {
    { "BUS_SEND_BLOCK" },  { "BUS_RECV_BLOCK" }, { "BUS_SEND_STRING" },
    { "BUS_RECV_STRING" }, { "BUS_SEND32" },     { "BUS_RECV32" },
};

typedef struct {
    Library l;
    Port out, in;
    uint16_t sent[MOST + 8]; // what came out of the machine
    uint32_t sent_count;
    const uint16_t *feed; // what goes in
    uint32_t feed_count;
    uint64_t random;
} Bus;

// The other side: takes and gives some words, not all at once.
static void exchange(Bus *b)
{
    uint32_t some = 1 + (uint32_t)(rig_random(&b->random) % 50);
    for (uint16_t word; some && b->sent_count < MOST + 8 && ring_pop(b->out.ring, &word); some--)
        b->sent[b->sent_count++] = word;
    ring_flush_reader(b->out.ring);
    for (some = 1 + (uint32_t)(rig_random(&b->random) % 50); some && b->feed_count; some--) {
        if (!ring_push(b->in.ring, *b->feed))
            break;
        b->feed++;
        b->feed_count--;
    }
}

static bool call(Bus *b, const char *routine, World *w)
{
    char label[64];
    snprintf(label, sizeof label, "T_%s", routine);
    Machine *m = b->l.rig.m;
    rig_restart(&b->l.rig, rig_label(&b->l.object, label));
    memcpy(m->s.R, w->R, sizeof w->R);
    memcpy(m->s.M + DATA, w->M, sizeof w->M);
    b->sent_count = 0;
    for (int turns = 0; turns < 10000; turns++) {
        Run run = machine_run(m, 100000);
        if (run == RUN_ENDED)
            break;
        exchange(b);
    }
    for (int i = 0; i < 20; i++)
        exchange(b);
    memcpy(w->R, m->s.R, sizeof w->R);
    memcpy(w->M, m->s.M + DATA, sizeof w->M);
    return m->end == END_HALT && !b->feed_count;
}

static bool send_case(Bus *b, int n)
{
    static World w, in;
    for (int i = 0; i < 8; i++)
        in.R[i] = rig_word(&b->random);
    uint16_t count = (uint16_t)(n < 3 ? (unsigned)n : rig_random(&b->random) % MOST);
    for (int i = 0; i < MOST; i++)
        in.M[i] = rig_word(&b->random) | (uint16_t)(n % 3 == 1);
    const char *routine = "BUS_SEND32";
    uint16_t wanted[MOST + 2] = { in.R[1], in.R[0] };
    uint32_t wanted_count = 2;
    if (n % 3) {
        in.R[0] = DATA;
        in.R[1] = n % 3 == 2 ? count : in.R[1];
        routine = n % 3 == 2 ? "BUS_SEND_BLOCK" : "BUS_SEND_STRING";
        if (n % 3 == 1)
            in.M[count] = 0;
        wanted_count = n % 3 == 2 ? count : count + 1u;
        memcpy(wanted, in.M, wanted_count * sizeof *wanted);
    }
    w = in;
    bool done = call(b, routine, &w) && b->sent_count == wanted_count &&
                !memcmp(b->sent, wanted, wanted_count * sizeof *wanted) &&
                !memcmp(w.R, in.R, 7 * sizeof *w.R) && !memcmp(w.M, in.M, sizeof w.M);
    if (!done)
        printf("%s, case %d: %u words came, %u were due\n", routine, n, b->sent_count, wanted_count);
    return done;
}

static bool receive_case(Bus *b, int n)
{
    static World w, in;
    static uint16_t words[MOST + 2];
    for (int i = 0; i < 8; i++)
        in.R[i] = rig_word(&b->random);
    uint16_t count = (uint16_t)(n < 3 ? (unsigned)n : rig_random(&b->random) % MOST);
    for (int i = 0; i < MOST; i++)
        words[i] = rig_word(&b->random) | (uint16_t)(n % 3 == 1);
    const char *routine = n % 3 == 0 ? "BUS_RECV32" : n % 3 == 1 ? "BUS_RECV_STRING" : "BUS_RECV_BLOCK";
    if (n % 3)
        in.R[0] = DATA;
    World wanted = in;
    b->feed = words;
    if (n % 3 == 0) {
        b->feed_count = 2;
        wanted.R[1] = words[0];
        wanted.R[0] = words[1];
    } else if (n % 3 == 2) {
        b->feed_count = in.R[1] = count;
        wanted = in;
        memcpy(wanted.M, words, count * sizeof *words);
    } else {
        in.R[1] = (uint16_t)(1 + rig_random(&b->random) % MOST);
        wanted = in;
        words[count] = 0;
        b->feed_count = count + 1u;
        uint16_t kept = count < in.R[1] ? count : (uint16_t)(in.R[1] - 1);
        memcpy(wanted.M, words, kept * sizeof *words);
        wanted.M[kept] = 0;
        wanted.R[1] = kept;
    }
    w = in;
    bool done =
        call(b, routine, &w) && !memcmp(w.R, wanted.R, 7 * sizeof *w.R) && !memcmp(w.M, wanted.M, sizeof w.M);
    if (!done)
        printf("%s, case %d: R0 x%04X R1 x%04X, wanted x%04X x%04X\n", routine, n, w.R[0], w.R[1],
               wanted.R[0], wanted.R[1]);
    return done;
}

static Ring *open_ring(void)
{
    void *memory = aligned_alloc(4096, (ring_bytes(RING_WORDS, 0) + 4095) & ~(size_t)4095);
    memset(memory, 0, (ring_bytes(RING_WORDS, 0) + 4095) & ~(size_t)4095);
    return ring_init(memory, RING_WORDS, 0);
}

int check_bus(void)
{
    static Bus b;
    b.random = 99;
    library_open(&b.l, bus_rows, sizeof bus_rows / sizeof *bus_rows);
    b.out.ring = open_ring();
    b.in.ring = open_ring();
    Machine *m = b.l.rig.m;
    m->out = &b.out, m->in = &b.in;
    m->out_count = m->in_count = 1;
    int failures = 0;
    for (int n = 0; n < 3 * CASES && failures < 5; n++)
        failures += !send_case(&b, n) + !receive_case(&b, n);
    library_close(&b.l);
    free(b.out.ring);
    free(b.in.ring);
    return failures;
}
