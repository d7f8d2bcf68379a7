#include "replay.h"

enum { WATCHED = 50000 }; // last instructions; eight jumps are among them but for rare programs

static const uint64_t longest = 2000000000; // instructions: a second or two

// The program up to where it ended, the last part watched.
static bool go_again(Machine *again, const Machine *m, Watch *w)
{
    const uint64_t end = m->s.instructions, watched = end < WATCHED ? end : WATCHED;
    if (end > watched && machine_run(again, end - watched) != RUN_BUDGET)
        return false;
    watch_start(w, again, &(WatchOptions){ 0 });
    const Run run = machine_run(again, watched + 1);
    return run == RUN_ENDED && again->end == m->end && again->s.instructions == end && again->s.PC == m->s.PC;
}

bool replay_fault(Machine *m, Watch *w, const MachineOptions *options)
{
    if (m->out_count || m->in_count || m->nic || m->s.instructions > longest)
        return false;
    Input keys = { 0 };
    if (m->input && !input_replay(&keys, m->input))
        return false;
    Machine **machines;
    Image *image = (Image *)m->image;
    Error err;
    if (!machines_open(&machines, 1, &image, options, &err))
        return false;
    machines[0]->output.file = -1;
    machines[0]->input = m->input ? &keys : NULL;
    machines[0]->waits_inside = true;
    const bool found = go_again(machines[0], m, w);
    machines_close(machines, 1);
    if (found)
        m->watch = w;
    return found;
}
