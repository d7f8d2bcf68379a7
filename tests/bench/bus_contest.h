// bus_contest.h -- one ring's part in the contest.
//
// Included once per ring, with CONTEST its name.  Before stand, for a type
// CONTEST_Ring:
//
//     void CONTEST_open(CONTEST_Ring *r)
//     bool CONTEST_push(CONTEST_Ring *r, uint16_t word)
//     bool CONTEST_pop(CONTEST_Ring *r, uint16_t *word)
//
// and with CONTEST_HAS_BATCHES
//
//     bool CONTEST_push_batch(CONTEST_Ring *r, const uint16_t *words)  all or none
//     uint32_t CONTEST_pop_batch(CONTEST_Ring *r, uint16_t *words)     as many as there are
//
// Everything is a function of its own per ring, so that all of them are inlined
// into loops that look alike.

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define OWN(name) JOIN(CONTEST, _##name)

static struct {
    OWN(Ring) there, back;
} OWN(rings);

static void OWN(restart)(void)
{
    memset(&OWN(rings), 0, sizeof OWN(rings));
    OWN(open)(&OWN(rings).there);
    OWN(open)(&OWN(rings).back);
}

// ---------------------------------------------------------- one word at a time

static void *OWN(write_words)(void *argument)
{
    const uint64_t count = *(uint64_t *)argument;
    meet();
    for (uint64_t i = 0; i < count; i++)
        while (!OWN(push)(&OWN(rings).there, word_number(i)))
            clock_relax();
    return NULL;
}

static bool OWN(words)(uint64_t count, double *seconds, Error *err)
{
    pthread_t writer;
    uint64_t wrong = 0;
    OWN(restart)();
    if (!start_pair(&writer, OWN(write_words), &count, err))
        return false;
    meet();
    const uint64_t start = clock_ns();
    for (uint64_t i = 0; i < count; i++) {
        uint16_t word;
        while (!OWN(pop)(&OWN(rings).there, &word))
            clock_relax();
        wrong += word != word_number(i);
    }
    *seconds = (double)(clock_ns() - start) * 1e-9;
    end_pair(writer);
    return !wrong ||
           fail(err, "%llu of %llu words are wrong", (unsigned long long)wrong, (unsigned long long)count);
}

// --------------------------------------------------------------------- batches

#ifdef CONTEST_HAS_BATCHES
static void *OWN(write_batches)(void *argument)
{
    const uint64_t count = *(uint64_t *)argument;
    uint16_t words[CONTEST_BATCH];
    meet();
    for (uint64_t i = 0; i < count; i += CONTEST_BATCH) {
        fill_batch(words, i);
        while (!OWN(push_batch)(&OWN(rings).there, words))
            clock_relax();
    }
    return NULL;
}

static bool OWN(batches)(uint64_t count, double *seconds, Error *err)
{
    pthread_t writer;
    uint64_t wrong = 0;
    OWN(restart)();
    if (!start_pair(&writer, OWN(write_batches), &count, err))
        return false;
    meet();
    const uint64_t start = clock_ns();
    for (uint64_t i = 0; i < count;) {
        uint16_t words[CONTEST_BATCH];
        uint32_t got;
        while (!(got = OWN(pop_batch)(&OWN(rings).there, words)))
            clock_relax();
        wrong += !batch_is_right(words, i, got);
        i += got;
    }
    *seconds = (double)(clock_ns() - start) * 1e-9;
    end_pair(writer);
    return !wrong || fail(err, "%llu batches are wrong", (unsigned long long)wrong);
}
#endif

// ------------------------------------------------------------------ round trip

// A look takes the line away from the writer that is about to store into it: everybody
// pauses between two, which makes every ring's trip shorter.
static void *OWN(answer)(void *argument)
{
    const uint64_t count = *(uint64_t *)argument;
    meet();
    for (uint64_t i = 0; i < count; i++) {
        uint16_t word;
        while (!OWN(pop)(&OWN(rings).there, &word))
            clock_relax();
        while (!OWN(push)(&OWN(rings).back, word))
            clock_relax();
    }
    return NULL;
}

static bool OWN(trips)(uint64_t count, Histogram *ticks, Error *err)
{
    pthread_t other;
    uint64_t wrong = 0;
    OWN(restart)();
    if (!start_pair(&other, OWN(answer), &count, err))
        return false;
    meet();
    for (uint64_t i = 0; i < count; i++) {
        uint16_t word;
        const uint64_t start = clock_ticks();
        while (!OWN(push)(&OWN(rings).there, word_number(i)))
            clock_relax();
        while (!OWN(pop)(&OWN(rings).back, &word))
            clock_relax();
        histogram_record(ticks, clock_ticks() - start);
        wrong += word != word_number(i);
    }
    end_pair(other);
    return !wrong || fail(err, "%llu answers are wrong", (unsigned long long)wrong);
}

#undef OWN
#undef JOIN
#undef JOIN2
#undef CONTEST
#undef CONTEST_HAS_BATCHES
