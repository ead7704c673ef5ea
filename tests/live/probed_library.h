/* tests/live/probed_library.h - a library with functions and USDT probes, for live/user-probes */
#ifndef TESTS_LIVE_PROBED_LIBRARY_H
#define TESTS_LIVE_PROBED_LIBRARY_H

#include <stdbool.h>

int probed_add(int number, long large, const char *text);
/* Arguments of six types. */
short probed_typed(signed char small, bool flag, double decimal, const char *text,
		   const long *place, unsigned int last);
/* More arguments than registers on x86. */
long probed_many(long a, long b, long c, long d, long e, long f, short g, unsigned long h);
/* Sleeps; returns -ms. */
long probed_sleep(long ms);
/* Calls itself. */
long probed_fibonacci(int number);
/* The USDT probe probed:mark with six arguments. */
void probed_mark(int number, const char *text);

#endif
