/* record/selftest/recorder.c - a recording by a second diag-record */
#include "record/selftest/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS 120000
#define SILENT   "diag-record has printed nothing for 120 s"
#define PREFIX   "diag-record: "
#define READY    PREFIX "recording to "

/* In the new process. It ends with this one. */
static void execute(const char *const *arguments, int messages)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGINT);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)dup2(messages, STDOUT_FILENO);
	(void)dup2(messages, STDERR_FILENO);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): execv() only reads them */
	execv("/proc/self/exe", (char *const *)(uintptr_t)arguments);
	(void)dprintf(STDERR_FILENO, PREFIX "cannot start: %s\n", strerror(errno));
	_exit(EXIT_FAILURE);
}

/* Reads one line into recorder->last, without the newline; a longer one is truncated. Returns false
 * at the end, and after `timeout_ms` without a byte, which it notes. */
static bool read_line(struct recorder *recorder, int timeout_ms)
{
	struct pollfd wait = {.fd = recorder->messages, .events = POLLIN};
	size_t size = 0;
	int ready;
	char byte;

	while ((ready = poll(&wait, 1, timeout_ms)) > 0 &&
	       read(recorder->messages, &byte, 1) == 1) {
		if (byte == '\n') {
			recorder->last[size] = '\0';
			return true;
		}
		if (size + 1 < sizeof(recorder->last))
			recorder->last[size++] = byte;
	}
	recorder->is_silent = ready == 0;
	return false;
}

static const char *last_message(const struct recorder *recorder)
{
	const size_t length = sizeof(PREFIX) - 1;

	if (recorder->is_silent)
		return SILENT;
	if (recorder->last[0] == '\0')
		return "diag-record has ended without a message";
	return strncmp(recorder->last, PREFIX, length) == 0 ? recorder->last + length
							    : recorder->last;
}

/* Returns whether its exit status is 0. */
static bool reap(struct recorder *recorder)
{
	int status = -1;

	(void)close(recorder->messages);
	while (waitpid(recorder->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

bool recorder_start(const char *const *arguments, struct recorder *ret_recorder,
		    struct problem *ret_problem)
{
	int ends[2];

	*ret_recorder = (struct recorder){0};
	if (pipe2(ends, O_CLOEXEC) != 0)
		return problem_set(ret_problem, "cannot create a pipe: %s", strerror(errno));
	ret_recorder->messages = ends[0];
	ret_recorder->pid = fork();
	if (ret_recorder->pid == 0)
		execute(arguments, ends[1]);
	(void)close(ends[1]);
	if (ret_recorder->pid < 0) {
		(void)close(ends[0]);
		return problem_set(ret_problem, "cannot start a process: %s", strerror(errno));
	}
	while (read_line(ret_recorder, START_MS)) {
		if (strncmp(ret_recorder->last, READY, sizeof(READY) - 1) == 0)
			return true;
	}
	problem_set(ret_problem, "%s", last_message(ret_recorder));
	(void)kill(ret_recorder->pid, SIGKILL);
	(void)reap(ret_recorder);
	return false;
}

bool recorder_end(struct recorder *recorder, struct problem *ret_problem)
{
	(void)kill(recorder->pid, SIGINT);
	while (read_line(recorder, START_MS))
		;
	return reap(recorder) || problem_set(ret_problem, "%s", last_message(recorder));
}
