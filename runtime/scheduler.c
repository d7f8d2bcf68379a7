#include "scheduler.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "nic.h"
#include "profile.h"
#include "warm.h"

enum {
    SLICE = 20000,        // instructions between two looks at everything else
    SLICE_ALONE = 100000, // the same, for machines that have a worker each
    FLUSH_AGE = 500,      // slices after which written characters go out at the latest
    LOCAL_TURNS = 256,    // machines taken from the own queue before the common one is looked at
    SPIN_NS = 200000,     // adaptive: looking this long before sleeping
    SPIN_LONG_NS = 1000000000,
    KEY_LOOK_MS = 20,     // between two looks at whether the run is over
    FRAME_EARLY_NS = 100000, // awake so long before a frame is due: waking up takes time
    FRAME_SLEEP_NS = 20000000, // longest sleep for one, and for an interface
    FRAME_LOOK_NS = 500000,  // between two looks at an interface, with other machines about
};

// Who may touch a machine: VM_READY in a queue or running, its worker; VM_WAITING
// whoever changes that to VM_READY (release when set, acquire when taken: the new
// worker sees everything the old one did).
enum { VM_READY, VM_WAITING, VM_DONE };

typedef struct {
    Machine *first, *last;
    uint32_t count;
} Queue;

typedef struct {
    pthread_mutex_t lock;
    Queue ready;                 // under the lock
    _Atomic uint32_t ready_count; // as ready.count, for looking without it
    _Atomic uint32_t sleepers;   // workers in or on their way to futex_wait
    _Atomic uint32_t calls;      // grows whenever a sleeper has something to look at: the futex
    _Atomic uint32_t idle;       // workers without a machine
    _Atomic uint32_t active;     // machines that run, are in a queue or wait for keys
    _Atomic uint32_t live;       // machines that have not ended
    _Atomic int end;             // ScheduleEnd + 1 once it is decided
    Machine **machines;
    uint32_t count;
    uint32_t workers;
    bool is_crowded;             // more machines than workers
    uint64_t spin_ticks;         // how long to look before sleeping
    const ScheduleOptions *options;
    // Waiting for keys.
    pthread_mutex_t key_lock;
    Machine *key_waiter;         // under key_lock
    pthread_cond_t key_asked;
    pthread_t key_thread;
    bool has_key_thread;
} Scheduler;

typedef struct {
    alignas(RING_LINE) Scheduler *s;
    uint32_t number; // with a worker for each machine, of its machine too
    Queue own;
    uint32_t turns;
    int cpu; // or -1
    pthread_t thread;
} Worker;

// ------------------------------------------------------------------ queues

static void queue_push(Queue *q, Machine *m)
{
    m->next = NULL;
    if (q->last)
        q->last->next = m;
    else
        q->first = m;
    q->last = m;
    q->count++;
}

static Machine *queue_pop(Queue *q)
{
    Machine *m = q->first;
    if (!m)
        return NULL;
    q->first = m->next;
    if (!q->first)
        q->last = NULL;
    q->count--;
    return m;
}

// Takes the machine with this number out of the middle.
static Machine *queue_take(Queue *q, uint32_t number)
{
    Queue others = { 0 };
    Machine *m, *found = NULL;
    while ((m = queue_pop(q)))
        if (m->number == number)
            found = m;
        else
            queue_push(&others, m);
    *q = others;
    return found;
}

// --------------------------------------------------------- calling workers

// `group`: the sleepers meant, as bits; waking says which, waiting to which one belongs.
static long futex(_Atomic uint32_t *word, int operation, uint32_t value, uint32_t group)
{
    return syscall(SYS_futex, (uint32_t *)word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, group);
}

static uint32_t group_of(uint32_t number)
{
    return UINT32_C(1) << number % 32;
}

enum { EVERYBODY = FUTEX_BITSET_MATCH_ANY };

// Pairs with the sleeper's look at ready_count between its fetch_add on sleepers
// and futex_wait: both sides are sequentially consistent, so one sees the other.
static void call_workers(Scheduler *s, int how_many, uint32_t group)
{
    if (!atomic_load(&s->sleepers))
        return;
    atomic_fetch_add(&s->calls, 1);
    futex(&s->calls, FUTEX_WAKE_BITSET, (uint32_t)how_many, group);
}

static Scheduler *running; // for signal handlers, and under outside_lock for other threads

// Bridges to other hosts are threads of their own that come and go as they please.
static pthread_mutex_t outside_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t guests; // under outside_lock: bridges that may still wake a machine

void schedule_interrupt(void)
{
    Scheduler *s = running;
    if (!s)
        return;
    atomic_fetch_add(&s->calls, 1);
    futex(&s->calls, FUTEX_WAKE_BITSET, INT_MAX, EVERYBODY);
}

static void decide(Scheduler *s, ScheduleEnd end)
{
    int undecided = 0;
    atomic_compare_exchange_strong(&s->end, &undecided, (int)end + 1);
    atomic_fetch_add(&s->calls, 1);
    futex(&s->calls, FUTEX_WAKE_BITSET, INT_MAX, EVERYBODY);
}

static bool is_over(Scheduler *s)
{
    if (atomic_load_explicit(&s->end, memory_order_relaxed))
        return true;
    if (*s->options->stop || output_error())
        decide(s, s->options->stop_pauses && !output_error() ? SCHEDULE_PAUSED : SCHEDULE_STOPPED);
    else if (s->options->pause && *s->options->pause)
        decide(s, SCHEDULE_PAUSED);
    else
        return false;
    return true;
}

// ------------------------------------------------------------ common queue

static void push_common(Scheduler *s, Machine *m)
{
    pthread_mutex_lock(&s->lock);
    queue_push(&s->ready, m);
    atomic_store(&s->ready_count, s->ready.count);
    pthread_mutex_unlock(&s->lock);
    if (s->is_crowded)
        call_workers(s, 1, EVERYBODY);
    else
        call_workers(s, INT_MAX, group_of(m->number));
}

// In a crowd whoever is next; otherwise only the worker's own machine, or two that talk
// to each other would meet on the worker that is quicker to take them, and stay there.
static Machine *pop_common(const Worker *w)
{
    Scheduler *s = w->s;
    if (!atomic_load_explicit(&s->ready_count, memory_order_relaxed))
        return NULL;
    pthread_mutex_lock(&s->lock);
    Machine *m = s->is_crowded ? queue_pop(&s->ready) : queue_take(&s->ready, w->number);
    atomic_store(&s->ready_count, s->ready.count);
    pthread_mutex_unlock(&s->lock);
    return m;
}

// Whether pop_common would find something.
static bool has_common(const Worker *w)
{
    Scheduler *s = w->s;
    if (!atomic_load(&s->ready_count))
        return false;
    if (s->is_crowded)
        return true;
    pthread_mutex_lock(&s->lock);
    const Machine *m = s->ready.first;
    while (m && m->number != w->number)
        m = m->next;
    pthread_mutex_unlock(&s->lock);
    return m != NULL;
}

// Others have nothing to do: gives away half of what this worker has beyond the
// machines it is going to `keep` for itself.
static void donate(Worker *w, uint32_t keep)
{
    Scheduler *s = w->s;
    if (w->own.count <= keep || !atomic_load_explicit(&s->idle, memory_order_relaxed))
        return;
    pthread_mutex_lock(&s->lock);
    for (uint32_t n = (w->own.count - keep + 1) / 2; n; n--)
        queue_push(&s->ready, queue_pop(&w->own));
    atomic_store(&s->ready_count, s->ready.count);
    pthread_mutex_unlock(&s->lock);
    call_workers(s, INT_MAX, EVERYBODY);
}

// ------------------------------------------------------------------ waking

// Whoever changes a waiting machine to ready has it.
static bool claim(Machine *m)
{
    uint32_t waiting = VM_WAITING;
    return atomic_compare_exchange_strong_explicit(&m->schedule, &waiting, VM_READY, memory_order_acquire,
                                                   memory_order_relaxed);
}

static void wake_from_outside(Machine *m)
{
    pthread_mutex_lock(&outside_lock);
    if (running && claim(m)) {
        atomic_fetch_add_explicit(&running->active, 1, memory_order_relaxed);
        push_common(running, m);
    }
    pthread_mutex_unlock(&outside_lock);
}

// Gives a waiting machine back to the workers.  `is_next`: the caller is about to
// be free and will run it itself.
static void wake_machine(LinkEnd *end, void *worker, bool is_next)
{
    Machine *m = (Machine *)((char *)end - offsetof(Machine, link));
    Worker *w = worker;
    if (!w) {
        wake_from_outside(m);
        return;
    }
    if (!claim(m))
        return; // somebody else was first, or it does not wait any more
    Scheduler *s = w->s;
    atomic_fetch_add_explicit(&s->active, 1, memory_order_relaxed);
    if (s->is_crowded && (is_next || !atomic_load_explicit(&s->idle, memory_order_relaxed)))
        queue_push(&w->own, m);
    else
        push_common(s, m);
}

// Tells the other sides of the rings in which the machine moved words.
static void settle(Worker *w, Machine *m, bool is_next)
{
    for (uint32_t i = 0; i < m->in_count; i++) {
        Port *p = &m->in[i];
        if (p->settled == p->ring->r.head)
            continue;
        p->settled = p->ring->r.head;
        ring_flush_reader(p->ring);
        if (ring_wake_writer(p->ring))
            p->far->wake(p->far, w, is_next);
    }
    for (uint32_t i = 0; i < m->out_count; i++) {
        Port *p = &m->out[i];
        if (p->settled == p->ring->w.tail)
            continue;
        p->settled = p->ring->w.tail;
        if (ring_wake_reader(p->ring))
            p->far->wake(p->far, w, is_next);
    }
}

// ------------------------------------------------------------------ ending

// An end hears of this also when it does not wait.
static void close_ports(Worker *w, Machine *m)
{
    for (uint32_t i = 0; i < m->in_count; i++) {
        ring_close_reader(m->in[i].ring);
        ring_wake_writer(m->in[i].ring);
        m->in[i].far->wake(m->in[i].far, w, true);
    }
    for (uint32_t i = 0; i < m->out_count; i++) {
        ring_close_writer(m->out[i].ring);
        ring_wake_reader(m->out[i].ring);
        m->out[i].far->wake(m->out[i].far, w, true);
    }
}

// The last machine or bridge that could wake a machine has gone.
static void leave_active(Scheduler *s)
{
    if (atomic_fetch_sub(&s->active, 1) == 1)
        decide(s, atomic_load(&s->live) ? SCHEDULE_DEADLOCK : SCHEDULE_DONE);
}

static void finish(Worker *w, Machine *m)
{
    output_flush(&m->output, true);
    atomic_store_explicit(&m->schedule, VM_DONE, memory_order_release);
    close_ports(w, m);
    atomic_fetch_sub(&w->s->live, 1);
    leave_active(w->s);
}

// ----------------------------------------------------------------- waiting

// What a machine waits for, by itself: asking is safe also when the machine may
// have been woken and be running elsewhere.
typedef struct {
    Ring *ring;
    uint64_t position;
    uint32_t need; // 0: waits for a word
} Need;

static Need need_of(const Machine *m)
{
    if (m->wait.kind == WAIT_WORD) {
        Ring *r = m->in[m->wait.port].ring;
        return (Need){ r, r->r.head, 0 };
    }
    Ring *r = m->out[m->wait.port].ring;
    return (Need){ r, r->w.tail, m->wait.need };
}

static bool is_met(const Need *n)
{
    const RingStatus status =
        n->need ? ring_look_writer(n->ring, n->position, n->need) : ring_look_reader(n->ring, n->position);
    return status != RING_BUSY;
}

static bool has_other_work(const Worker *w)
{
    return w->s->is_crowded &&
           (w->own.count || atomic_load_explicit(&w->s->ready_count, memory_order_relaxed));
}

enum { LOOKS = 64 }; // at the ring, between two looks at the clock and everything else

// Looks until the machine can go on (true) or it is time to do something else.
static bool spin(Worker *w, Machine *m)
{
    const Need need = need_of(m);
    const uint64_t start = clock_ticks();
    bool can = false;
    uint64_t spins = 0;
    do {
        for (int i = 0; i < LOOKS && !(can = is_met(&need)); i++) {
            clock_relax();
            spins++;
        }
    } while (!can && !has_other_work(w) && !is_over(w->s) && clock_ticks() - start < w->s->spin_ticks);
    m->spins += spins;
    return can;
}

// Keys come from outside: a thread of its own waits for them, started on first
// use.  A machine that waits for one counts as active, it is no deadlock.
static void *wait_for_keys(void *argument)
{
    Scheduler *s = argument;
    pthread_mutex_lock(&s->key_lock);
    while (!atomic_load(&s->end)) {
        Machine *m = s->key_waiter;
        if (!m) {
            pthread_cond_wait(&s->key_asked, &s->key_lock);
            continue;
        }
        pthread_mutex_unlock(&s->key_lock);
        while (!atomic_load(&s->end) && !input_wait(m->input, KEY_LOOK_MS))
            ;
        pthread_mutex_lock(&s->key_lock);
        s->key_waiter = NULL;
        push_common(s, m);
    }
    pthread_mutex_unlock(&s->key_lock);
    return NULL;
}

static void ask_for_key(Scheduler *s, Machine *m)
{
    output_flush(&m->output, true);
    pthread_mutex_lock(&s->key_lock);
    if (!s->has_key_thread)
        s->has_key_thread = pthread_create(&s->key_thread, NULL, wait_for_keys, s) == 0;
    s->key_waiter = m;
    pthread_cond_signal(&s->key_asked);
    pthread_mutex_unlock(&s->key_lock);
}

static void end_key_thread(Scheduler *s)
{
    if (!s->has_key_thread)
        return;
    pthread_mutex_lock(&s->key_lock);
    pthread_cond_signal(&s->key_asked);
    pthread_mutex_unlock(&s->key_lock);
    pthread_join(s->key_thread, NULL);
}

// Sleeps for a while; whoever has work for this worker wakes it.
static void sleep_for(Worker *w, uint64_t ns)
{
    Scheduler *s = w->s;
    const struct timespec time = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
    const uint32_t calls = atomic_load(&s->calls);
    atomic_fetch_add(&s->idle, 1);
    atomic_fetch_add(&s->sleepers, 1);
    if (!has_common(w) && !is_over(s))
        syscall(SYS_futex, (uint32_t *)&s->calls, FUTEX_WAIT_PRIVATE, calls, &time, NULL, 0);
    atomic_fetch_sub(&s->sleepers, 1);
    atomic_fetch_sub(&s->idle, 1);
}

// Sleeps until a frame may be about to come, as far as that can be known.
static void sleep_for_frame(Worker *w, NicPort *port)
{
    const uint64_t ns = nic_port_wait_ns(port);
    if (ns != UINT64_MAX) {
        if (ns > FRAME_EARLY_NS)
            sleep_for(w, ns - FRAME_EARLY_NS < FRAME_SLEEP_NS ? ns - FRAME_EARLY_NS : FRAME_SLEEP_NS);
        return;
    }
    if (w->s->count > 1) {
        sleep_for(w, FRAME_LOOK_NS);
        return;
    }
    struct pollfd fd = { .fd = nic_port_fd(port), .events = POLLIN };
    poll(&fd, 1, FRAME_SLEEP_NS / 1000000);
}

// Frames come from outside, so this is never a deadlock.  Looks for a while, which
// is the fastest answer, then sleeps.  Returns when there may be a frame, or when
// other machines want the worker.
static void wait_for_frame(Worker *w, Machine *m)
{
    const uint64_t start = clock_ticks();
    do {
        if (!nic_port_wait_ns(m->nic) || has_other_work(w) || is_over(w->s))
            return;
        m->spins++;
        clock_relax();
    } while (clock_ticks() - start < w->s->spin_ticks);
    output_flush(&m->output, false);
    m->waits++;
    sleep_for_frame(w, m->nic);
}

// Leaves the machine to whoever wakes it.  False: it can go on after all.
static bool park(Worker *w, Machine *m)
{
    Scheduler *s = w->s;
    m->waits++;
    if (m->wait.kind == WAIT_KEY) {
        ask_for_key(s, m);
        return true;
    }
    const Need need = need_of(m);
    atomic_store_explicit(&m->schedule, VM_WAITING, memory_order_release);
    if (need.need)
        ring_announce_writer(need.ring);
    else
        ring_announce_reader(need.ring);
    if (is_met(&need) && claim(m))
        return false; // else woken in between: somebody has it, and counted it, already
    leave_active(s);
    return true;
}

// ----------------------------------------------------------------- running

static void record_slice(Machine *m, uint64_t ticks)
{
    if (ticks > m->slice->max)
        metric_exemplar_store(&m->slowest, ticks, m->s.instructions);
    histogram_record(m->slice, ticks); // of SLICE_SAMPLE instructions
}

// One slice: a measured stretch, then the rest.
static Run run_measured(Worker *w, Machine *m, uint64_t left)
{
    const bool is_alone = !w->s->is_crowded;
    m->slices++;
    if (w->s->options->has_histograms && (is_alone || m->slices % 4 == 0)) {
        const uint64_t start = clock_ticks();
        const Run run = machine_run(m, SLICE_SAMPLE);
        if (run != RUN_BUDGET)
            return run;
        record_slice(m, clock_ticks() - start);
        left -= SLICE_SAMPLE;
    }
    return machine_run(m, left);
}

static Run run_slice(Worker *w, Machine *m)
{
    const uint64_t slice = w->s->is_crowded ? SLICE : SLICE_ALONE;
    if (!m->profile)
        return run_measured(w, m, slice);
    const Run early = profile_before(m);
    if (early != RUN_BUDGET)
        return early;
    const Run why = run_measured(w, m, profile_length(m, slice));
    profile_after(m, why);
    return why;
}

static void flush_old_output(Machine *m)
{
    Output *out = &m->output;
    if (out->len && (out->is_terminal || ++out->age >= FLUSH_AGE))
        output_flush(out, false);
}

// Runs a machine until another one's turn has come or it has gone.
static void run(Worker *w, Machine *m)
{
    for (;;) {
        const Run why = run_slice(w, m);
        if (why == RUN_ENDED) {
            finish(w, m);
            return;
        }
        settle(w, m, why == RUN_WAIT);
        if (m->s.instructions >= m->pause_at)
            decide(w->s, SCHEDULE_PAUSED);
        if (is_over(w->s))
            return;
        if (why == RUN_WAIT && m->wait.kind == WAIT_FRAME) {
            wait_for_frame(w, m);
            if (!has_other_work(w))
                continue;
            push_common(w->s, m); // they are first
            return;
        }
        if (why == RUN_WAIT) {
            if (m->wait.kind != WAIT_KEY && !has_other_work(w)) {
                if (spin(w, m))
                    continue;
                output_flush(&m->output, false); // it may be a long time
            }
            if (is_over(w->s) || park(w, m))
                return;
            continue;
        }
        flush_old_output(m);
        donate(w, 0); // a whole slice has passed, they have waited long enough
        if (has_other_work(w)) {
            push_common(w->s, m);
            return;
        }
        if (why == RUN_YIELD)
            clock_relax();
    }
}

// -------------------------------------------------------------- being idle

static void sleep_until_called(Worker *w)
{
    Scheduler *s = w->s;
    const uint32_t calls = atomic_load(&s->calls);
    atomic_fetch_add(&s->sleepers, 1);
    if (!has_common(w) && !is_over(s))
        futex(&s->calls, FUTEX_WAIT_BITSET, calls, group_of(w->number));
    atomic_fetch_sub(&s->sleepers, 1);
}

static Machine *wait_for_work(Worker *w)
{
    Scheduler *s = w->s;
    Machine *m = NULL;
    atomic_fetch_add(&s->idle, 1);
    uint64_t start = clock_ticks();
    while (!is_over(s) && !(m = pop_common(w))) {
        clock_relax();
        if (clock_ticks() - start >= s->spin_ticks) {
            sleep_until_called(w);
            start = clock_ticks();
        }
    }
    atomic_fetch_sub(&s->idle, 1);
    return m;
}

// Own machines first, for they are warm; the common queue gets its turn too.
static Machine *take(Worker *w)
{
    Machine *m = NULL;
    donate(w, 1);
    if (++w->turns >= LOCAL_TURNS) {
        w->turns = 0;
        m = pop_common(w);
    }
    if (!m)
        m = queue_pop(&w->own);
    if (w->s->count > CROWD)
        warm_up(w->own.first);
    if (!m)
        m = pop_common(w);
    return m ? m : wait_for_work(w);
}

static void *work(void *argument)
{
    Worker *w = argument;
    Machine *m;
    while (!is_over(w->s) && (m = take(w)))
        run(w, m);
    return NULL;
}

// ---------------------------------------------------------------- starting

static uint32_t list_cores(int *cpus, uint32_t most)
{
    cpu_set_t set;
    uint32_t count = 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (int cpu = 0; cpu < CPU_SETSIZE && count < most; cpu++)
            if (CPU_ISSET(cpu, &set))
                cpus[count++] = cpu;
    if (!count)
        cpus[count++] = -1;
    return count;
}

// The affinity goes into the attributes: a thread inherits its parent's.
static int start_thread(Worker *w)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (w->cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(w->cpu, &set);
        pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
    }
    const int error = pthread_create(&w->thread, &attributes, work, w);
    pthread_attr_destroy(&attributes);
    return error;
}

// This thread is worker 0, so that one machine needs no second one.
static bool run_workers(Scheduler *s, Worker *workers, Error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); // signals go to this thread
    uint32_t started = 1;
    int error = 0;
    while (started < s->workers && !(error = start_thread(&workers[started])))
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    cpu_set_t old;
    const bool is_pinned = s->workers > 1 && workers[0].cpu >= 0 && sched_getaffinity(0, sizeof old, &old) == 0;
    if (is_pinned) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(workers[0].cpu, &set);
        sched_setaffinity(0, sizeof set, &set);
    }
    if (error)
        decide(s, SCHEDULE_STOPPED);
    work(&workers[0]);
    for (uint32_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    if (is_pinned)
        sched_setaffinity(0, sizeof old, &old);
    return error ? fail(err, "cannot start %u threads: %s", s->workers, strerror(error)) : true;
}

enum { CORES_MAX = 1024, THREADS_MAX = 1024 };

static void choose_waiting(Scheduler *s, uint32_t cores)
{
    double ns = s->options->wait == WAIT_SPIN ? SPIN_LONG_NS : s->options->wait == WAIT_PARK ? 0 : SPIN_NS;
    if (s->workers > cores && s->options->wait == WAIT_ADAPTIVE)
        ns = 0; // looking would only keep another worker from its core
    // A rough rate is enough, and measuring a good one takes longer than small programs run.
    s->spin_ticks = (uint64_t)(ns * 2.5);
}

void schedule_guest_enters(void)
{
    pthread_mutex_lock(&outside_lock);
    guests++;
    pthread_mutex_unlock(&outside_lock);
}

void schedule_guest_leaves(void)
{
    pthread_mutex_lock(&outside_lock);
    guests--;
    if (running)
        leave_active(running);
    pthread_mutex_unlock(&outside_lock);
}

static void set_running(Scheduler *s)
{
    pthread_mutex_lock(&outside_lock);
    running = s;
    if (s)
        atomic_fetch_add(&s->active, guests);
    pthread_mutex_unlock(&outside_lock);
}

static void end_the_others(Scheduler *s, ScheduleResult *result)
{
    for (uint32_t i = 0; i < s->count; i++) {
        Machine *m = s->machines[i];
        if (!m->end)
            machine_end(m, result->end == SCHEDULE_DEADLOCK ? END_BLOCKED : END_LIMIT);
        output_flush(&m->output, true);
    }
}

// A machine that has its worker to itself may wait for a key inside, unless a bridge
// wants to hear what it has sent.
static void admit(Scheduler *s, Machine *m)
{
    m->link.wake = wake_machine;
    m->waits_inside = s->count == 1 && !m->in_count && !m->out_count && !m->profile; // a wait is told apart
    if (m->end)
        return; // before a pause
    const uint64_t after = s->options->pause_after;
    m->pause_at = after ? m->s.instructions + after : UINT64_MAX;
    m->looks = s->is_crowded || !s->spin_ticks ? 0 : LOOKS;
    m->schedule = VM_READY;
    queue_push(&s->ready, m);
}

bool schedule(Machine **machines, uint32_t count, const ScheduleOptions *options, ScheduleResult *result, Error *err)
{
    int cpus[CORES_MAX] = { -1 };
    const uint32_t wanted = options->threads ? options->threads : count;
    const uint32_t cores = count > 1 || options->threads > 1 ? list_cores(cpus, CORES_MAX) : 1;
    Scheduler s = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .key_lock = PTHREAD_MUTEX_INITIALIZER,
        .key_asked = PTHREAD_COND_INITIALIZER, .machines = machines, .count = count, .options = options,
    };
    s.workers = wanted < count ? wanted : count;
    if (!options->threads && s.workers > cores)
        s.workers = cores;
    if (s.workers > THREADS_MAX)
        s.workers = THREADS_MAX;
    s.is_crowded = count > s.workers;
    choose_waiting(&s, cores);
    Worker workers[s.workers];
    memset(workers, 0, sizeof workers);
    for (uint32_t i = 0; i < s.workers; i++)
        workers[i] = (Worker){ .s = &s, .number = i, .cpu = s.workers <= cores ? cpus[i] : -1 };
    for (uint32_t i = 0; i < count; i++)
        admit(&s, machines[i]);
    s.ready_count = s.active = s.live = s.ready.count;
    set_running(&s);
    if (!s.active)
        decide(&s, SCHEDULE_DONE);
    const uint64_t start = clock_ns();
    const bool good = run_workers(&s, workers, err);
    end_key_thread(&s);
    set_running(NULL);
    result->elapsed_ns += clock_ns() - start;
    result->end = (ScheduleEnd)(s.end - 1);
    result->workers = s.workers;
    if (result->end != SCHEDULE_PAUSED)
        end_the_others(&s, result);
    return good;
}
