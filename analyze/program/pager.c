/* analyze/program/pager.c - shows the output of a program on a terminal through a pager */
#define _GNU_SOURCE
#include "analyze/program/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/program_path.h"

#define DEFAULT_PAGER "less"

/* As a shell does for a command that a signal ended. */
#define SIGNAL_STATUS 128

/* Returns the command; NULL: none. */
static const char *find_command(void)
{
	const char *command = getenv("DIAG_PAGER");

	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = DEFAULT_PAGER;
	return command[0] == '\0' || strcmp(command, "cat") == 0 ? NULL : command;
}

/* Returns whether the program of a command is there. A command that only a shell understands is
 * taken to be. */
static bool is_found(const char *command)
{
	size_t size = strcspn(command, " ");
	char name[NAME_MAX + 1], path[PATH_MAX];

	if (command[strcspn(command, "/$`\"'\\;|&<>()*?~=")] != '\0')
		return true;
	if (size == 0 || size >= sizeof(name))
		return false;
	memcpy(name, command, size);
	name[size] = '\0';
	return program_path_find(name, path);
}

/* Never returns. */
static void run_pager(const char *command, const int ends[2])
{
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	setenv("LESS", "FRX", false);
	setenv("LV", "-c", false);
	if (geteuid() == 0)
		setenv("LESSSECURE", "1", true);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(EXIT_FAILURE);
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return SIGNAL_STATUS;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	/* The pager ended before it had read everything. */
	return WTERMSIG(status) == SIGPIPE ? EXIT_SUCCESS : SIGNAL_STATUS + WTERMSIG(status);
}

/* Keys of the terminal are for the pager and the caller. Never returns. */
static void wait_for_both(pid_t pager, pid_t caller)
{
	int status;

	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	status = wait_for(caller);
	wait_for(pager);
	_exit(status);
}

static void write_to(const int ends[2])
{
	bool errors = isatty(STDERR_FILENO);

	dup2(ends[1], STDOUT_FILENO);
	if (errors)
		dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
}

bool pager_begin(void)
{
	const char *command = find_command();
	int ends[2];
	pid_t pager, caller;

	if (!command || !isatty(STDOUT_FILENO) || !is_found(command) || pipe(ends) != 0)
		return false;
	/* If they are ignored, children cannot be waited for, and an early end stays unnoticed. */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	pager = fork();
	if (pager == 0)
		run_pager(command, ends);
	caller = pager > 0 ? fork() : -1;
	if (caller > 0) {
		close(ends[0]);
		close(ends[1]);
		wait_for_both(pager, caller);
	}
	if (caller == 0) {
		write_to(ends);
		return true;
	}
	close(ends[0]);
	close(ends[1]);
	if (pager > 0)
		wait_for(pager);
	return false;
}
