/* tests/live/probed_library.c - a library with functions and USDT probes, for live/user-probes */
#include "tests/live/probed_library.h"

#include <stdbool.h>
#include <sys/sdt.h>
#include <time.h>

#define MS_PER_S  1000
#define NS_PER_MS 1000000

/* The compiler must neither inline a function nor leave out a call. */
#define PROBED __attribute__((noinline, noipa))

PROBED int probed_add(int number, long large, const char *text)
{
	return text ? number + (int)(large % MS_PER_S) : -1;
}

/* NOLINTNEXTLINE(readability-function-size): one of each type */
PROBED short probed_typed(signed char small, bool flag, double decimal, const char *text,
			  const long *place, unsigned int last)
{
	return (short)(text && place && flag && decimal > 1 && last ? small - 300 : 0);
}

/* NOLINTNEXTLINE(readability-function-size): more than fit into registers */
PROBED long probed_many(long a, long b, long c, long d, long e, long f, short g, unsigned long h)
{
	return a + b + c + d + e + f + g + (long)h;
}

PROBED long probed_sleep(long ms)
{
	struct timespec time = {ms / MS_PER_S, ms % MS_PER_S * NS_PER_MS};

	(void)nanosleep(&time, NULL);
	return -ms;
}

PROBED long probed_fibonacci(int number)
{
	long sum = number;

	if (number >= 2)
		sum = probed_fibonacci(number - 1) + probed_fibonacci(number - 2);
	/* Otherwise the compiler makes a loop of the second call. */
	__asm__ volatile("" : "+r"(sum));
	return sum;
}

PROBED void probed_mark(int number, const char *text)
{
	signed char small = (signed char)-number;
	unsigned short middle = (unsigned short)(60000 + number);
	long large = -1000000000000L * number;

	DTRACE_PROBE6(probed, mark, number, small, middle, large, text, 77L);
}
