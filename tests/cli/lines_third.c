/* tests/cli/lines_third.c - a third party's library with inlined functions, for lines.sh */
#include <stdlib.h>

static volatile int sink;

static inline __attribute__((always_inline)) void third_check_value(int value)
{
	if (value > 3)
		abort();
	sink = value;
}

static inline __attribute__((always_inline)) void third_check(int value)
{
	third_check_value(value + 1);
	sink++;
}

__attribute__((noinline)) void third_run(int value);
void third_run(int value)
{
	third_check(value);
	sink--;
}
