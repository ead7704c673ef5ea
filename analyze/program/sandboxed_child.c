/* analyze/program/sandboxed_child.c - processing of untrusted input in a child process */
#define _GNU_SOURCE
#include "analyze/program/sandboxed_child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Signals that ask a program to end. */
static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

static bool is_ending(int number)
{
	for (size_t i = 0; i < sizeof(ending_signals) / sizeof(ending_signals[0]); i++)
		if (ending_signals[i] == number)
			return true;
	return false;
}

static sigset_t waited_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof(ending_signals) / sizeof(ending_signals[0]); i++)
		sigaddset(&set, ending_signals[i]);
	return set;
}

_Noreturn static void run_child(const sigset_t *mask, enum program_status (*work)(void *context),
				void *context)
{
	enum program_status status;

	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	program_enter_sandbox();
	status = work(context);
	if (fflush(stdout) != 0 || ferror(stdout))
		status = PROGRAM_FAILURE;
	fflush(stderr);
	_exit((int)status);
}

/* Waits for the end of the child. Kills it if this process receives an ending signal. */
static struct sandboxed_child_end wait_for(pid_t child, const sigset_t *waited)
{
	struct sandboxed_child_end end = {.status = PROGRAM_FAILURE};
	int result = 0;
	pid_t gone;

	while ((gone = waitpid(child, &result, WNOHANG)) == 0 || (gone < 0 && errno == EINTR)) {
		int number = sigwaitinfo(waited, NULL);

		if (number < 0 || number == SIGCHLD)
			continue;
		end.signal = number;
		kill(child, SIGKILL);
	}
	if (gone < 0 || end.signal != 0)
		return end;
	if (WIFSIGNALED(result))
		end.signal = WTERMSIG(result);
	else if (WEXITSTATUS(result) <= PROGRAM_INCOMPLETE)
		end.status = (enum program_status)WEXITSTATUS(result);
	return end;
}

struct sandboxed_child_end
sandboxed_child_run(const char *program, enum program_status (*work)(void *context), void *context)
{
	struct sandboxed_child_end end = {.status = PROGRAM_FAILURE};
	sigset_t waited = waited_signals();
	struct sigaction was;
	sigset_t mask;
	pid_t child;

	/* SIGCHLD can be ignored when this program starts. The child then could not be waited
	 * for. */
	sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, &was);
	sigprocmask(SIG_BLOCK, &waited, &mask);
	fflush(stdout);
	child = fork();
	if (child == 0)
		run_child(&mask, work, context);
	if (child > 0)
		end = wait_for(child, &waited);
	else
		fprintf(stderr, "%s: cannot start a child process: %s\n", program, strerror(errno));
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGCHLD, &was, NULL);
	return end;
}

enum program_status sandboxed_child_finish(const char *program,
					   const struct sandboxed_child_end *end)
{
	if (end->signal == 0)
		return end->status;
	if (is_ending(end->signal)) {
		signal(end->signal, SIG_DFL);
		raise(end->signal);
	}
	fprintf(stderr, "%s: child process ended by signal %d (%s) while reading its input\n",
		program, end->signal, strsignal(end->signal));
	return PROGRAM_FAILURE;
}
