#include <criterion/criterion.h>

#include "clock.h"

enum { SECOND = 1000000000 };

Test(clock, what_is_still_to_come_is_not_long_ago)
{
    const uint64_t now = clock_ns();
    cr_expect(clock_since(now + SECOND) == 0);
    cr_expect(clock_since(now - SECOND) >= SECOND);
    cr_expect(clock_since(now - SECOND) < 100ull * SECOND);
}
