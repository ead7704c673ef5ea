/* ctl/connection.c - the connection of diag-ctl to a recorder */
#include "ctl/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTION_WAIT_S     10
#define CONNECTION_END_S      60
#define CONNECTION_ANSWER_MAX (1u << 20)

static void set_wait(int fd, time_t seconds)
{
	const struct timeval wait = {.tv_sec = seconds};

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

static const char *reason_of(int error, const char *path)
{
	struct stat status;

	if (error == ECONNREFUSED && lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		return "not a socket";
	if (error == ECONNREFUSED)
		return "stale socket: its recorder has ended without removing it";
	if (error == ENOENT || error == ENOTDIR)
		return "no recorder: start diag-record with --control";
	if (error == EACCES || error == EPERM)
		return "permission denied: only root and the recorder's user can use it";
	if (error == EAGAIN)
		return "the recorder does not answer";
	return strerror(error);
}

bool connection_open(const char *path, int *ret_fd, struct problem *ret_problem)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return problem_set(ret_problem, "%s: name too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return problem_set(ret_problem, "cannot create a socket: %s", strerror(errno));
	set_wait(fd, CONNECTION_WAIT_S);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		problem_set(ret_problem, "%s: %s", path, reason_of(errno, path));
		(void)close(fd);
		return false;
	}
	*ret_fd = fd;
	return true;
}

/* Whether the last line is the end of an answer. */
static bool is_whole(const char *text, size_t size)
{
	const char *last;

	if (size == 0 || text[size - 1] != '\n')
		return false;
	last = memrchr(text, '\n', size - 1);
	last = last ? last + 1 : text;
	return strncmp(last, "ok\n", 3) == 0 || strncmp(last, "ok ", 3) == 0 ||
	       strncmp(last, "error: ", 7) == 0;
}

/* Returns whether the answer is complete. */
static bool receive(int fd, FILE *stream, char **text, const size_t *size,
		    struct problem *ret_problem)
{
	char bytes[4096];
	ssize_t received;

	while (*size < CONNECTION_ANSWER_MAX) {
		received = recv(fd, bytes, sizeof(bytes), 0);
		if (received < 0 && errno == EINTR)
			continue;
		if (received < 0 && errno == EAGAIN)
			return problem_set(ret_problem, "the recorder does not answer");
		if (received <= 0)
			return problem_set(ret_problem, "the recorder ended without an answer");
		if (fwrite(bytes, (size_t)received, 1, stream) != 1 || fflush(stream) != 0)
			return problem_set(ret_problem, "out of memory");
		if (is_whole(*text, *size))
			return true;
	}
	return problem_set(ret_problem, "the answer is longer than 1 MiB: not a recorder");
}

char *connection_ask(int fd, const char *line, struct problem *ret_problem)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	bool is_complete;

	if (!stream) {
		problem_set(ret_problem, "out of memory");
		return NULL;
	}
	/* If it cannot be sent, the recorder has sent the reason and closed the connection. */
	(void)send(fd, line, strlen(line), MSG_NOSIGNAL);
	is_complete = fflush(stream) == 0 && receive(fd, stream, &text, &size, ret_problem);
	if (fclose(stream) == 0 && is_complete)
		return text;
	free(text);
	return NULL;
}

bool connection_await_end(int fd, struct problem *ret_problem)
{
	char bytes[256];
	ssize_t received;

	set_wait(fd, CONNECTION_END_S);
	do
		received = recv(fd, bytes, sizeof(bytes), 0);
	while (received > 0 || (received < 0 && errno == EINTR));
	return received == 0 || errno != EAGAIN ||
	       problem_set(ret_problem, "the recorder has not ended after 60 seconds");
}
