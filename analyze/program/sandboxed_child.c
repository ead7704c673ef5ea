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

/* Children that run, and how those that ended did. */
struct children {
	pid_t *pids; /* 0: ended */
	size_t count, running;
	struct sandboxed_child_end end;
};

static void kill_all(const struct children *children)
{
	for (size_t i = 0; i < children->count; i++)
		if (children->pids[i] > 0)
			kill(children->pids[i], SIGKILL);
}

/* Notes the worst end: a signal, then a failure, then what was incomplete. */
static void note_end(struct children *children, int result)
{
	static const int weights[] = {[PROGRAM_OK] = 0,
				      [PROGRAM_INCOMPLETE] = 1,
				      [PROGRAM_USAGE] = 2,
				      [PROGRAM_FAILURE] = 3};
	enum program_status status = PROGRAM_FAILURE;

	if (WIFSIGNALED(result) && children->end.signal == 0)
		children->end.signal = WTERMSIG(result);
	else if (WIFEXITED(result) && WEXITSTATUS(result) <= PROGRAM_INCOMPLETE)
		status = (enum program_status)WEXITSTATUS(result);
	if (weights[status] > weights[children->end.status])
		children->end.status = status;
}

static void reap(struct children *children)
{
	for (size_t i = 0; i < children->count; i++) {
		pid_t gone = 0;
		int result = 0;

		if (children->pids[i] > 0)
			gone = waitpid(children->pids[i], &result, WNOHANG);
		if (gone == 0 || (gone < 0 && errno == EINTR))
			continue;
		children->pids[i] = 0;
		children->running--;
		if (gone > 0)
			note_end(children, result);
		else
			children->end.status = PROGRAM_FAILURE;
	}
}

/* Waits for the end of the children. Kills them if this process receives an ending signal. */
static void wait_for(struct children *children, const sigset_t *waited)
{
	int asked = 0;

	for (reap(children); children->running > 0; reap(children)) {
		int number = sigwaitinfo(waited, NULL);

		if (number < 0 || number == SIGCHLD)
			continue;
		asked = number;
		kill_all(children);
	}
	if (asked != 0)
		children->end =
			(struct sandboxed_child_end){.status = PROGRAM_FAILURE, .signal = asked};
}

/* Starts them all, or none. */
static bool start(struct children *children, const sigset_t *mask,
		  enum program_status (*work)(void *), void *const *contexts)
{
	for (size_t i = 0; i < children->count; i++) {
		pid_t child = fork();

		if (child == 0)
			run_child(mask, work, contexts[i]);
		if (child < 0) {
			kill_all(children);
			return false;
		}
		children->pids[i] = child;
		children->running++;
	}
	return true;
}

struct sandboxed_child_end sandboxed_children_run(const char *program,
						  enum program_status (*work)(void *context),
						  void *const *contexts, size_t count)
{
	pid_t pids[SANDBOXED_CHILDREN_MAX] = {0};
	struct children children = {.pids = pids, .count = count};
	sigset_t waited = waited_signals();
	struct sigaction was;
	sigset_t mask;
	bool started;
	int reason;

	/* SIGCHLD can be ignored when this program starts. The child then could not be waited
	 * for. */
	sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, &was);
	sigprocmask(SIG_BLOCK, &waited, &mask);
	fflush(stdout);
	started = start(&children, &mask, work, contexts);
	reason = errno;
	wait_for(&children, &waited);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGCHLD, &was, NULL);
	if (!started) {
		fprintf(stderr, "%s: cannot start a child process: %s\n", program,
			strerror(reason));
		children.end = (struct sandboxed_child_end){.status = PROGRAM_FAILURE};
	}
	return children.end;
}

struct sandboxed_child_end
sandboxed_child_run(const char *program, enum program_status (*work)(void *context), void *context)
{
	return sandboxed_children_run(program, work, &context, 1);
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
