/* samples/sections/convention.c - marks sections in both forms of diagnose-tools
 *
 *   usage: convention COUNT SLEEP-MS
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ALI_DIAG_RUN_TRACE_START 761203101
#define ALI_DIAG_RUN_TRACE_STOP  761203102

static void sleep_ms(int ms)
{
	struct timespec length = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	(void)nanosleep(&length, NULL);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 3;
	int ms = argc > 2 ? atoi(argv[2]) : 150;
	int result = 0;

	for (int i = 0; i < count; i++) {
		(void)syscall(ALI_DIAG_RUN_TRACE_START, 100);
		sleep_ms(ms);
		(void)syscall(ALI_DIAG_RUN_TRACE_STOP);
	}
	for (int i = 0; i < count; i++) {
		(void)syscall(ALI_DIAG_RUN_TRACE_START, &result, 100);
		sleep_ms(ms);
		(void)syscall(ALI_DIAG_RUN_TRACE_STOP, &result);
	}
	return 0;
}
