/* samples/sections/documented.c - the loop of diagnose-tools' page on run-trace, unchanged
 *
 *   usage: documented [wait]
 *
 * With "wait" it prints "ready", and begins when it has read a line. The loop is between calls of
 * loop_begin() and loop_end(), as places for uprobes.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

#define ALI_DIAG_RUN_TRACE_START 761203101
#define ALI_DIAG_RUN_TRACE_STOP  761203102

static __attribute__((noinline)) void loop_begin(int count)
{
	__asm__ __volatile__("" ::"r"(count));
}

static __attribute__((noinline)) void loop_end(int count)
{
	__asm__ __volatile__("nop" ::"r"(count));
}

int main(int argc, char **argv)
{
	volatile int count = 1; /* the compiler must not make copies of the functions above */
	int i;

	(void)argv;
	if (argc > 1) {
		(void)puts("ready");
		(void)fflush(stdout);
		(void)getchar();
	}
	loop_begin(count);
	/* clang-format off */
	for (i = 0; i < count; i++) {
		syscall(ALI_DIAG_RUN_TRACE_START, 100);
		sleep(1);
		sleep(1);
		syscall(ALI_DIAG_RUN_TRACE_STOP);
	}
	/* clang-format on */
	loop_end(count);
	return 0;
}
