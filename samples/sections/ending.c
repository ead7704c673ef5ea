/* samples/sections/ending.c - sections one after the other, with the times that it measured
 *
 *   usage: ending SLEEP-MS
 *
 * A section is from ending_begin() to ending_end(). For each one the program prints a line of four
 * times of CLOCK_BOOTTIME in ns: before and after ending_begin(), before and after ending_end().
 * SIGTERM ends it after the section that is open.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static volatile sig_atomic_t is_ending;

static void end(int number)
{
	(void)number;
	is_ending = 1;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static __attribute__((noinline)) void ending_begin(uint64_t time_ns)
{
	__asm__ __volatile__("" ::"r"(time_ns));
}

static __attribute__((noinline)) void ending_end(uint64_t time_ns)
{
	__asm__ __volatile__("nop" ::"r"(time_ns));
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = end};
	long ms = argc > 1 ? strtol(argv[1], NULL, 10) : 100;
	struct timespec length = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	uint64_t times_ns[4];

	(void)sigaction(SIGTERM, &action, NULL);
	while (!is_ending) {
		times_ns[0] = now_ns();
		ending_begin(times_ns[0]);
		times_ns[1] = now_ns();
		(void)nanosleep(&length, NULL);
		times_ns[2] = now_ns();
		ending_end(times_ns[2]);
		times_ns[3] = now_ns();
		(void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", times_ns[0],
			     times_ns[1], times_ns[2], times_ns[3]);
		(void)fflush(stdout);
	}
	return 0;
}
