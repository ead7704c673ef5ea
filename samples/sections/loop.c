/* samples/sections/loop.c - many short sections, to measure the cost of one
 *
 *   usage: loop WAY COUNT LENGTH-NS THRESHOLD-NS
 *
 * WAY: none, empty (a system call that does nothing), function (a call of an empty function),
 * syscall, usdt. Each round spins for a time between 0.5 and 1.5 times LENGTH-NS, LENGTH-NS on
 * average. Prints "loop WAY COUNT NS-PER-ROUND".
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "samples/sections/diag/section.h"
#include "samples/sections/markers.h"

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void nothing(uint64_t threshold_ns)
{
	(void)threshold_ns;
}

static void empty_start(uint64_t threshold_ns)
{
	(void)threshold_ns;
	(void)syscall(SYS_getppid);
}

static void empty_stop(uint64_t threshold_ns)
{
	empty_start(threshold_ns);
}

static __attribute__((noinline)) void function_call(uint64_t threshold_ns)
{
	__asm__ __volatile__("" ::"r"(threshold_ns));
}

static void syscall_start(uint64_t threshold_ns)
{
	(void)syscall(761203101, threshold_ns / 1000000);
}

static void syscall_stop(uint64_t threshold_ns)
{
	(void)threshold_ns;
	(void)syscall(761203102);
}

static __attribute__((noinline)) void usdt_start(uint64_t threshold_ns)
{
	diag_section_start("loop", threshold_ns);
}

static __attribute__((noinline)) void usdt_stop(uint64_t threshold_ns)
{
	(void)threshold_ns;
	diag_section_stop();
}

static const struct way {
	const char *name;
	void (*start)(uint64_t threshold_ns);
	void (*stop)(uint64_t threshold_ns);
} ways[] = {
	{"none", nothing, nothing},
	{"empty", empty_start, empty_stop},
	{"function", function_call, function_call},
	{"syscall", syscall_start, syscall_stop},
	{"usdt", usdt_start, usdt_stop},
};

static const struct way *way_find(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	}
	return NULL;
}

/* Returns a length between 0.5 and 1.5 times the mean; the same sequence in each run. */
static uint64_t spread(uint64_t mean_ns, uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return mean_ns / 2 + (mean_ns ? (*seed >> 33) % mean_ns : 0);
}

static __attribute__((noinline)) void run(const struct way *way, uint64_t count, uint64_t length_ns,
					  uint64_t threshold_ns)
{
	uint64_t seed = 1;

	for (uint64_t i = 0; i < count; i++) {
		uint64_t end_ns;

		way->start(threshold_ns);
		if (length_ns) {
			end_ns = now_ns() + spread(length_ns, &seed);
			while (now_ns() < end_ns)
				;
		}
		way->stop(threshold_ns);
	}
}

int main(int argc, char **argv)
{
	const struct way *way = argc == 5 ? way_find(argv[1]) : NULL;
	uint64_t count = argc == 5 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t begin_ns;

	if (!way || count == 0) {
		(void)fprintf(stderr, "usage: loop WAY COUNT LENGTH-NS THRESHOLD-NS\n");
		return 2;
	}
	begin_ns = now_ns();
	run(way, count, strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	(void)printf("loop %s %" PRIu64 " %.1f\n", way->name, count,
		     (double)(now_ns() - begin_ns) / (double)count);
	return 0;
}
