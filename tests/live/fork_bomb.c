/* tests/live/fork_bomb.c - makes processes that each make two more and end, for a given time
 *
 * fork_bomb MILLISECONDS NAME: when all have ended, it prints how many there were, itself included.
 * Run it in a control group with a limit of processes, or it exhausts the machine.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ll

static int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Whether this process is the new one. The parent counts it. */
static bool multiply(_Atomic uint64_t *made)
{
	pid_t pid = fork();

	if (pid > 0)
		atomic_fetch_add(made, 1);
	return pid == 0;
}

/* Of each new process: it makes two, which begin here as well, and ends. */
static void go_on(_Atomic uint64_t *made, int64_t end_ns)
{
	for (int children = 0; children < 2 && now_ns() < end_ns; children++) {
		if (multiply(made))
			children = -1;
	}
	_exit(0);
}

static void *shared(size_t size)
{
	const int flags = MAP_SHARED | MAP_ANONYMOUS;

	/* cppcheck-suppress invalidFunctionArg ; without a file there is no descriptor */
	return mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
}

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int64_t end_ns = now_ns() + (argc == 3 ? strtoll(argv[1], NULL, 10) : 0) * 1000000;
	_Atomic uint64_t *made = shared(sizeof(*made));

	if (argc != 3 || made == MAP_FAILED) {
		fputs("usage: fork_bomb MILLISECONDS NAME\n", stderr);
		return 2;
	}
	(void)prctl(PR_SET_NAME, argv[2]);
	/* The orphans come here, and the kernel reaps them. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)signal(SIGCHLD, SIG_IGN);
	while (now_ns() < end_ns) {
		if (multiply(made))
			go_on(made, end_ns);
		(void)nanosleep(&pause, NULL);
	}
	while (wait(NULL) > 0)
		;
	printf("%llu\n", (unsigned long long)atomic_load(made) + 1);
	return EXIT_SUCCESS;
}
