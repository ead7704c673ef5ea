/* tests/live/switches.c - pairs of processes that wake each other, for live/switches
 *
 *	usage: switches SECONDS PAIRS
 *
 * Both processes of a pair run on one CPU and pass a byte through two pipes. At the end it prints
 * how often all of them left their CPU by themselves, and the time that this took in nanoseconds.
 */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S  INT64_C(1000000000)
#define PAIRS_MAX 64

/* Shared: the switches of each process. */
static long *counts;

static int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static long switches(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw;
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned int)cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

/* The first of a pair ends at the time, the second when its pipe is closed. */
static _Noreturn void pass(int from, int to, int64_t until_ns, long *count)
{
	char byte = 'x';
	long before;

	(void)prctl(PR_SET_NAME, "sw-pair");
	before = switches();
	if (until_ns)
		(void)!write(to, &byte, 1);
	while (read(from, &byte, 1) == 1) {
		if (until_ns && now_ns() >= until_ns)
			break;
		if (write(to, &byte, 1) != 1)
			break;
	}
	*count = switches() - before;
	_exit(0);
}

static void start_pair(int cpu, int64_t until_ns, long *pair_counts)
{
	int there[2], back[2];

	if (pipe(there) != 0 || pipe(back) != 0)
		exit(1);
	if (fork() == 0) {
		stay_on(cpu);
		(void)close(there[0]);
		(void)close(back[1]);
		pass(back[0], there[1], until_ns, &pair_counts[0]);
	}
	if (fork() == 0) {
		stay_on(cpu);
		(void)close(there[1]);
		(void)close(back[0]);
		pass(there[0], back[1], 0, &pair_counts[1]);
	}
	for (int i = 0; i < 2; i++) {
		(void)close(there[i]);
		(void)close(back[i]);
	}
}

int main(int count, char **words)
{
	int64_t begin_ns = now_ns();
	double seconds = count > 1 ? strtod(words[1], NULL) : 1;
	int pairs = count > 2 ? (int)strtol(words[2], NULL, 10) : 1;
	long sum = 0;

	(void)signal(SIGPIPE, SIG_IGN);
	if (pairs < 1 || pairs > PAIRS_MAX)
		return 2;
	counts = mmap(NULL, sizeof(*counts) * 2 * PAIRS_MAX, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		return 1;
	for (int i = 0; i < pairs; i++)
		start_pair(i, begin_ns + (int64_t)(seconds * 1e9), &counts[2 * i]);
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < 2 * pairs; i++)
		sum += counts[i];
	printf("%ld %lld\n", sum, (long long)(now_ns() - begin_ns));
	return 0;
}
