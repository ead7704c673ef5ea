/* tests/live/traced.c - a tracer that ends its tracee: kill, exit-kill, seize-exit or change
 *
 * Prints the pid of the tracee. With change, the tracee sends itself SIGUSR1, which the tracer
 * replaces by SIGTERM. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_traced(bool signals_itself)
{
	(void)prctl(PR_SET_NAME, "tracee");
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0 || raise(SIGSTOP) != 0)
		_exit(9);
	if (signals_itself)
		(void)kill(getpid(), SIGUSR1);
	for (;;)
		(void)pause();
}

static void wait_for(pid_t tracee)
{
	int status;

	(void)waitpid(tracee, &status, 0);
}

/* The tracee runs when its tracer ends. */
static int seize_and_exit(void)
{
	pid_t tracee = fork();

	if (tracee == 0) {
		(void)prctl(PR_SET_NAME, "tracee");
		for (;;)
			(void)pause();
	}
	(void)ptrace(PTRACE_SEIZE, tracee, 0, PTRACE_O_EXITKILL);
	printf("%d\n", (int)tracee);
	return 0;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	bool changes = strcmp(way, "change") == 0;
	pid_t tracee;

	if (strcmp(way, "seize-exit") == 0)
		return seize_and_exit();
	tracee = fork();
	if (tracee == 0)
		be_traced(changes);
	printf("%d\n", (int)tracee);
	(void)fflush(stdout);
	wait_for(tracee);
	(void)ptrace(PTRACE_SETOPTIONS, tracee, 0, PTRACE_O_EXITKILL);
	if (strcmp(way, "exit-kill") == 0)
		_exit(0);
	if (changes) {
		(void)ptrace(PTRACE_CONT, tracee, 0, 0);
		wait_for(tracee);
		(void)ptrace(PTRACE_CONT, tracee, 0, SIGTERM);
	} else {
		(void)ptrace(PTRACE_KILL, tracee, 0, 0);
	}
	wait_for(tracee);
	return 0;
}
