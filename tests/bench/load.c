/* tests/bench/load.c - makes short processes at a steady rate, and prints how many
 *
 * load RATE SECONDS: each process has a different stack, some ten functions deep. It ends in
 * exit(), or now and then in abort(). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICKS_A_SECOND 100
#define NS_PER_S       1000000000L
#define ABORT_EACH     16

static volatile unsigned int sink;

/* NOLINTNEXTLINE(misc-no-recursion): is what is wanted */
static __attribute__((noinline)) unsigned int descend(unsigned int depth, unsigned int number)
{
	volatile unsigned int room[64];

	room[number % 64] = number;
	if (depth == 0) {
		if (sink % ABORT_EACH == 0)
			abort();
		exit((int)(sink & 0x7f));
	}
	if (depth > 1000)
		return 0;
	return descend(depth - 1, number * 7 + depth) + room[number % 64];
}

static void make_process(unsigned int number)
{
	pid_t pid = fork();

	if (pid == 0) {
		sink = number;
		sink = descend(4 + number % 13, number);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
		perror("load");
		exit(EXIT_FAILURE);
	}
}

static void wait_until(struct timespec *when)
{
	when->tv_nsec += NS_PER_S / TICKS_A_SECOND;
	when->tv_sec += when->tv_nsec / NS_PER_S;
	when->tv_nsec %= NS_PER_S;
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, when, NULL);
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = {0, 0};
	long rate = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	long seconds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	unsigned int number = 0;
	struct timespec when;

	if (rate < TICKS_A_SECOND || seconds <= 0) {
		fputs("usage: load RATE SECONDS\n", stderr);
		return 2;
	}
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)prctl(PR_SET_NAME, "load");
	clock_gettime(CLOCK_MONOTONIC, &when);
	for (long tick = 0; tick < seconds * TICKS_A_SECOND; tick++) {
		for (long i = 0; i < rate / TICKS_A_SECOND; i++)
			make_process(++number);
		wait_until(&when);
	}
	printf("%u\n", number);
	return 0;
}
