/* record/privilege/workload.c - the command that is recorded */
#include "record/privilege/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The statuses that shells use. */
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND  127
#define STATUS_SIGNALED   128

/* In the child. It becomes the command when a byte comes, and goes away if none does. */
static void command_become(char *const arguments[], int release_fd, int failure_fd)
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

bool command_start(char *const arguments[], struct command *ret_command,
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
		/* Else the child would keep its own hold open. */
		(void)close(release[1]);
		command_become(arguments, release[0], failure[1]);
	}
	(void)close(release[0]);
	(void)close(failure[1]);
	if (pid < 0) {
		problem_set(ret_problem, "%s: cannot start: %s", arguments[0], strerror(errno));
		(void)close(release[1]);
		(void)close(failure[0]);
		return false;
	}
	*ret_command =
		(struct command){.pid = pid, .release_fd = release[1], .failure_fd = failure[0]};
	return true;
}

static void command_wait(struct command *command)
{
	while (waitpid(command->pid, &command->status, 0) < 0 && errno == EINTR)
		;
	command->ended = true;
}

/* What keeps the command from running, as an errno; 0 if it runs. */
static int command_let_go(struct command *command)
{
	int error = 0;

	if (write(command->release_fd, "", 1) != 1)
		error = errno;
	(void)close(command->release_fd);
	command->release_fd = -1;
	if (!error && read(command->failure_fd, &error, sizeof(error)) != (ssize_t)sizeof(error))
		error = 0;
	return error;
}

bool command_release(struct command *command, const char *name, struct problem *ret_problem)
{
	int error = command_let_go(command);

	if (!error)
		return true;
	/* It ends by itself now: a signal from us would change its status. */
	command_wait(command);
	return problem_set(ret_problem, "%s: cannot run it: %s", name, strerror(error));
}

bool command_has_ended(struct command *command)
{
	if (command->pid && !command->ended &&
	    waitpid(command->pid, &command->status, WNOHANG) == command->pid)
		command->ended = true;
	return command->ended;
}

void command_finish(struct command *command)
{
	if (command->pid == 0)
		return;
	if (command->release_fd >= 0)
		(void)close(command->release_fd);
	if (command->failure_fd >= 0)
		(void)close(command->failure_fd);
	command->release_fd = command->failure_fd = -1;
	if (command_has_ended(command))
		return;
	(void)kill(command->pid, SIGTERM);
	command_wait(command);
}

int command_exit_status(const struct command *command)
{
	if (WIFSIGNALED(command->status))
		return STATUS_SIGNALED + WTERMSIG(command->status);
	return WEXITSTATUS(command->status);
}
