/* tests/live/numbered.c - numbered PAUSE_US: makes processes with the names n0, n1, ... until it is
 * ended, and prints for each its number and a time by which it had ended (CLOCK_BOOTTIME,
 * nanoseconds) */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

int main(int argc, char **argv)
{
	useconds_t pause_us = argc == 2 ? (useconds_t)strtoul(argv[1], NULL, 10) : 0;

	for (unsigned long number = 0;; number++) {
		char name[16];
		struct timespec now;

		(void)snprintf(name, sizeof(name), "n%lu", number);
		if (!make_process(name))
			return EXIT_FAILURE;
		(void)clock_gettime(CLOCK_BOOTTIME, &now);
		printf("%lu %lld%09ld\n", number, (long long)now.tv_sec, now.tv_nsec);
		fflush(stdout);
		if (pause_us)
			(void)usleep(pause_us);
	}
}
