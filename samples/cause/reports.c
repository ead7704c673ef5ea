/* samples/cause/reports.c - errs in ways that sanitizers report: PROGRAM WAY */
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static volatile int one = 1;
static int *volatile null;

NOINLINE int write_beyond(void)
{
	volatile int words[4] = {0};

	words[4 + one] = 1;
	return words[0];
}

NOINLINE int write_null(void)
{
	__builtin_memset((void *)&one, 1, sizeof(one));
	*(volatile char *)(null + 1) = 1;
	return 0;
}

NOINLINE int shift_too_far(void)
{
	return one << (40 * one);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";

	if (strcmp(way, "beyond") == 0)
		return write_beyond();
	if (strcmp(way, "null") == 0)
		return write_null();
	if (strcmp(way, "shift") == 0)
		return shift_too_far();
	return 2;
}
