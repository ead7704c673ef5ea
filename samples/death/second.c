/* samples/death/second.c - a library between the program and the one that dies */
#include "death.h"

static __attribute__((noinline)) int second_prepare(const char *how)
{
	return third_check(how) + 1;
}

int second_work(const char *how)
{
	return second_prepare(how) + 1;
}
