/* samples/demo/aborts.c - a program that abort()s where one of its checks does not hold */
#include <stdio.h>
#include <stdlib.h>

static void check_balance(long credit, long debit)
{
	if (credit != debit) {
		(void)fprintf(stderr, "demo-aborts: %ld is not %ld\n", credit, debit);
		abort();
	}
}

int main(int argc, char **argv)
{
	(void)argv;
	check_balance(argc, argc + 1L);
	return 0;
}
