/* record/privilege/workload.c - the command that is recorded */
#include "record/privilege/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Exit statuses as in shells. */
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND  127
#define STATUS_SIGNALED   128

#define NS_PER_S      UINT64_C(1000000000)
#define CHECK_EACH_NS 5000000

/* Runs in the child. Executes the command when a byte arrives; ends if the pipe is closed first. */
static void execute_when_released(char *const arguments[], int release_fd, int failure_fd)
{
	char byte;
	int error;

	if (read(release_fd, &byte, 1) != 1)
		_exit(STATUS_CANNOT_RUN);
	(void)execvp(arguments[0], arguments);
	error = errno;
	if (write(failure_fd, &error, sizeof(error)) != (ssize_t)sizeof(error))
		_exit(STATUS_CANNOT_RUN);
	_exit(error == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
}

bool workload_start(char *const arguments[], struct workload *ret_workload,
		    struct problem *ret_problem)
{
	int release[2], failure[2];
	pid_t pid;

	if (pipe2(release, O_CLOEXEC) != 0)
		return problem_set(ret_problem, "%s: cannot start: %s", arguments[0],
				   strerror(errno));
	if (pipe2(failure, O_CLOEXEC) != 0) {
		problem_set(ret_problem, "%s: cannot start: %s", arguments[0], strerror(errno));
		(void)close(release[0]);
		(void)close(release[1]);
		return false;
	}
	pid = fork();
	if (pid == 0) {
		/* Otherwise the child would keep its own pipe open. */
		(void)close(release[1]);
		execute_when_released(arguments, release[0], failure[1]);
	}
	(void)close(release[0]);
	(void)close(failure[1]);
	if (pid < 0) {
		problem_set(ret_problem, "%s: cannot start: %s", arguments[0], strerror(errno));
		(void)close(release[1]);
		(void)close(failure[0]);
		return false;
	}
	*ret_workload =
		(struct workload){.pid = pid, .release_fd = release[1], .failure_fd = failure[0]};
	return true;
}

static void workload_wait(struct workload *workload)
{
	while (waitpid(workload->pid, &workload->status, 0) < 0 && errno == EINTR)
		;
	workload->ended = true;
}

/* Returns 0 if the command runs, otherwise an errno. */
static int workload_start_command(struct workload *workload)
{
	int error = 0;

	if (write(workload->release_fd, "", 1) != 1)
		error = errno;
	(void)close(workload->release_fd);
	workload->release_fd = -1;
	if (!error && read(workload->failure_fd, &error, sizeof(error)) != (ssize_t)sizeof(error))
		error = 0;
	return error;
}

bool workload_release(struct workload *workload, const char *name, struct problem *ret_problem)
{
	int error = workload_start_command(workload);

	if (!error)
		return true;
	/* It is ending already; a signal would change its status. */
	workload_wait(workload);
	return problem_set(ret_problem, "%s: cannot execute: %s", name, strerror(error));
}

bool workload_has_ended(struct workload *workload)
{
	if (workload->pid && !workload->ended &&
	    waitpid(workload->pid, &workload->status, WNOHANG) == workload->pid)
		workload->ended = true;
	return workload->ended;
}

static void workload_close(struct workload *workload)
{
	if (workload->release_fd >= 0)
		(void)close(workload->release_fd);
	if (workload->failure_fd >= 0)
		(void)close(workload->failure_fd);
	workload->release_fd = workload->failure_fd = -1;
}

void workload_await(struct workload *workload)
{
	if (workload->pid == 0)
		return;
	workload_close(workload);
	if (!workload_has_ended(workload))
		workload_wait(workload);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static bool ends_within(struct workload *workload, uint64_t wait_ns)
{
	const struct timespec pause = {.tv_nsec = CHECK_EACH_NS};
	const uint64_t start_ns = now_ns();

	while (!workload_has_ended(workload) && now_ns() - start_ns < wait_ns)
		(void)nanosleep(&pause, NULL);
	return workload->ended;
}

enum workload_end workload_finish(struct workload *workload, uint64_t kill_after_ns)
{
	if (workload->pid == 0)
		return WORKLOAD_ENDED;
	workload_close(workload);
	if (workload_has_ended(workload))
		return WORKLOAD_ENDED;
	(void)kill(workload->pid, SIGTERM);
	if (ends_within(workload, kill_after_ns))
		return WORKLOAD_ENDED;
	(void)kill(workload->pid, SIGKILL);
	return ends_within(workload, NS_PER_S) ? WORKLOAD_KILLED : WORKLOAD_LEFT_OVER;
}

int workload_exit_status(const struct workload *workload)
{
	if (WIFSIGNALED(workload->status))
		return STATUS_SIGNALED + WTERMSIG(workload->status);
	return WEXITSTATUS(workload->status);
}
