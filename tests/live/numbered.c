/* tests/live/numbered.c - makes processes with the names n0, n1, ... until it is ended
 *
 * numbered PERIOD_US: makes one each period. Prints for each its number and a time by which it had
 * ended (CLOCK_BOOTTIME, nanoseconds). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000L

static int make_process(const char *name)
{
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): is what is tested */
	pid_t pid = vfork();

	if (pid == 0) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): Linux allows it */
		(void)prctl(PR_SET_NAME, name);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

/* What came too late does not make the next one late as well. */
static void wait_for_next(struct timespec *next, long period_us)
{
	next->tv_nsec += period_us * 1000;
	next->tv_sec += next->tv_nsec / NS_PER_S;
	next->tv_nsec %= NS_PER_S;
	(void)clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, next, NULL);
}

int main(int argc, char **argv)
{
	long period_us = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	struct timespec next;

	(void)clock_gettime(CLOCK_BOOTTIME, &next);
	for (unsigned long number = 0;; number++) {
		char name[16];
		struct timespec now;

		(void)snprintf(name, sizeof(name), "n%lu", number);
		if (!make_process(name))
			return EXIT_FAILURE;
		(void)clock_gettime(CLOCK_BOOTTIME, &now);
		printf("%lu %lld%09ld\n", number, (long long)now.tv_sec, now.tv_nsec);
		fflush(stdout);
		wait_for_next(&next, period_us);
	}
}
