// Hosts that do nothing, for programs whose output is of no interest.
#include "svm_machine.h"

void svm_host_println(StackMachine *m, StackValue v)
{
}

void svm_host_sleep_ms(StackMachine *m, int64_t ms)
{
}

int64_t svm_host_parse_i64(StackMachine *m, const StackString *s)
{
    int64_t n = 0;
    return stack_number(s->bytes, s->size, &n) ? n : 0;
}

const StackString *svm_host_display(StackMachine *m, StackValue v)
{
    return stack_machine_string(m, "shown", 5);
}

bool svm_host_read_line(StackMachine *m, const StackString **result)
{
    return stack_machine_refuse(m, "nothing is read here");
}
