/* ring.pml -- the ring's protocol for Spin: head, close and park.
 *
 *     spin -a ring.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
 *
 * Stores become visible late: each side has a buffer of its slot or head stores,
 * which a process of its own carries to memory.  A release store waits until the
 * buffer is empty; so does an exchange.  Compiled with one of
 *     -DRELAXED_CLOSE   the writer's close does not wait       (order D)
 *     -DRELAXED_PARK    exchanges do not wait                  (order E)
 *     -DEARLY_HEAD      the head is published before the load  (order C)
 *     -DNO_SECOND_LOOK  a sleeper does not look again
 * the model must fail.  run_model.py does all that.
 */
#define CAP 2
#define WORDS 4
#define NONE 255

byte slot[CAP] = NONE;     /* the position whose word stands there: its lap is known by it */
byte head_public;
bool writer_closed, reader_closed;
bool reader_waits, writer_waits;   /* park */
bool reader_roused, writer_roused; /* the futex */
byte written;              /* final tail, stored before the close */

chan slots = [3] of { byte };      /* stores on their way: positions */
chan heads = [2] of { byte };

#ifdef RELAXED_CLOSE
#define RELEASED true
#else
#define RELEASED (len(slots) == 0)
#endif
#ifdef RELAXED_PARK
#define DRAINED(c) true
#else
#define DRAINED(c) (len(c) == 0)
#endif

active proctype memory() {
    byte p;
end:
    do
    :: atomic { slots?p -> slot[p % CAP] = p }
    :: atomic { heads?p -> head_public = p }
    od
}

inline wake_reader() { /* by the writer */
    atomic {
        DRAINED(slots);
        if
        :: reader_waits -> reader_waits = false; reader_roused = true
        :: else
        fi
    }
}

inline wake_writer() { /* by the reader */
    atomic {
        DRAINED(heads);
        if
        :: writer_waits -> writer_waits = false; writer_roused = true
        :: else
        fi
    }
}

active proctype writer() {
    byte tail = 0, seen = 0;
    bool closed;
    do
    :: tail == WORDS -> break
    :: tail < WORDS && tail - seen < CAP ->
        slots!tail; tail++;
        if
        :: wake_reader()
        :: skip
        fi
    :: tail < WORDS && tail - seen == CAP ->
        closed = reader_closed;
        seen = head_public;
        if
        :: tail - seen < CAP
        :: tail - seen == CAP && closed -> break
        :: else ->
            wake_reader();
            atomic { DRAINED(slots); writer_waits = true };
#ifndef NO_SECOND_LOOK
            closed = reader_closed;
            seen = head_public;
            if
            :: tail - seen < CAP || closed ->
                atomic { /* taken back, or the reader has it already */
                    DRAINED(slots);
                    if
                    :: writer_waits -> writer_waits = false
                    :: else -> writer_roused; writer_roused = false
                    fi
                }
            :: else -> atomic { writer_roused; writer_roused = false }
            fi
#else
            atomic { writer_roused; writer_roused = false }
#endif
        fi
    od;
    written = tail;
    RELEASED;
    writer_closed = true;
    wake_reader()
}

inline look(found) {
    found = (slot[head % CAP] == head)
}

active proctype reader() {
    byte head = 0, published = 0;
    bool found, closed;
    do
    :: true ->
        look(found);
        if
        :: found ->
#ifdef EARLY_HEAD
            heads!(head + 1); published = head + 1;
#endif
            assert(slot[head % CAP] == head); /* nobody overtook */
            head++;
            if
            :: published != head -> heads!head; published = head /* sometimes at once */
            :: skip
            fi
        :: else ->
            closed = writer_closed;
            look(found);
            if
            :: found
            :: !found && closed -> assert(head == written); break /* after the last word */
            :: else ->
                if
                :: published != head -> heads!head; published = head
                :: else
                fi;
                wake_writer();
                atomic { DRAINED(heads); reader_waits = true };
#ifndef NO_SECOND_LOOK
                closed = writer_closed;
                look(found);
                if
                :: found || closed ->
                    atomic {
                        DRAINED(heads);
                        if
                        :: reader_waits -> reader_waits = false
                        :: else -> reader_roused; reader_roused = false
                        fi
                    }
                :: else -> atomic { reader_roused; reader_roused = false }
                fi
#else
                atomic { reader_roused; reader_roused = false }
#endif
            fi
        fi
    :: head > 0 -> break /* it may end at any time */
    od;
    if
    :: published != head -> heads!head
    :: else
    fi;
    len(heads) == 0; /* release */
    reader_closed = true;
    wake_writer()
}
