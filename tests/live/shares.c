/* tests/live/shares.c - uses the CPU in three functions, 60, 30 and 10 % of the time
 *
 * shares SECONDS: ends when it has used so much CPU time. Prints the CPU time that each function
 * has used, in nanoseconds. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)
#define TURN_NS  UINT64_C(10000000)

static volatile uint64_t work;

static uint64_t cpu_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Few readings of the clock, so that nearly all of the time is spent here. */
static __attribute__((always_inline)) inline void use(uint64_t percent)
{
	const uint64_t end_ns = cpu_ns() + TURN_NS * percent / 100;

	do {
		for (int i = 0; i < 20000; i++)
			work += (uint64_t)i;
	} while (cpu_ns() < end_ns);
}

static __attribute__((noinline)) void most(void)
{
	use(60);
	work++;
}

static __attribute__((noinline)) void some(void)
{
	use(30);
	work++;
}

static __attribute__((noinline)) void little(void)
{
	use(10);
	work++;
}

int main(int argc, char **argv)
{
	static void (*const functions[])(void) = {most, some, little};
	const uint64_t end_ns = NS_PER_S * (argc > 1 ? strtoull(argv[1], NULL, 10) : 1);
	uint64_t used_ns[3] = {0};

	while (cpu_ns() < end_ns) {
		for (int i = 0; i < 3; i++) {
			uint64_t begin_ns = cpu_ns();

			functions[i]();
			used_ns[i] += cpu_ns() - begin_ns;
		}
	}
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", used_ns[0], used_ns[1], used_ns[2]);
	return 0;
}
