/* record/session/control.c - commands from a Unix socket during a recording */
#include "record/session/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONTROL_CLIENTS_MAX 8u
#define CONTROL_LINE_MAX    512u

struct client {
	int fd; /* -1: not connected */
	size_t used;
	char line[CONTROL_LINE_MAX];
};

struct control {
	const char *path;
	struct control_handler handler;
	int epoll_fd;
	int fd;
	struct client clients[CONTROL_CLIENTS_MAX];
};

static bool watch(const struct control *control, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Removes the socket of a recorder that was killed: nothing accepts connections on it. */
static void remove_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat status;

	if (fd < 0)
		return;
	if (lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
	    errno == ECONNREFUSED)
		(void)unlink(address->sun_path);
	(void)close(fd);
}

static bool listen_at(struct control *control, struct problem *ret_problem)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(control->path);
	mode_t mask;
	bool bound;

	if (length >= sizeof(address.sun_path))
		return problem_set(ret_problem, "--control %s: name too long for a socket",
				   control->path);
	memcpy(address.sun_path, control->path, length);
	remove_stale(&address);
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(S_IRWXG | S_IRWXO);
	bound = control->fd >= 0 &&
		bind(control->fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	(void)umask(mask);
	if (!bound || listen(control->fd, CONTROL_CLIENTS_MAX) != 0 || !watch(control, control->fd))
		return problem_set(ret_problem, "--control %s: cannot create a socket: %s",
				   control->path, strerror(errno));
	return true;
}

bool control_open(const char *path, const struct control_handler *handler, int epoll_fd,
		  struct control **ret_control, struct problem *ret_problem)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return problem_set(ret_problem, "out of memory");
	control->path = path;
	control->handler = *handler;
	control->epoll_fd = epoll_fd;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		control->clients[i].fd = -1;
	if (!listen_at(control, ret_problem)) {
		/* A file of that name belongs to another program: do not remove it. */
		if (control->fd >= 0)
			(void)close(control->fd);
		free(control);
		return false;
	}
	*ret_control = control;
	return true;
}

static void drop(struct client *client)
{
	(void)close(client->fd);
	client->fd = -1;
	client->used = 0;
}

/* Never waits: a client that does not take its answer at once is dropped. */
static bool answer(struct control *control, struct client *client, char *line)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	bool sent = false;

	if (!stream)
		return false;
	control->handler.run(control->handler.context, line, stream);
	if (fclose(stream) == 0)
		sent = send(client->fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
	free(text);
	return sent;
}

static bool run_lines(struct control *control, struct client *client)
{
	char *end;

	while ((end = memchr(client->line, '\n', client->used))) {
		size_t length = (size_t)(end - client->line) + 1;

		*end = '\0';
		if (!answer(control, client, client->line))
			return false;
		client->used -= length;
		memmove(client->line, client->line + length, client->used);
	}
	return client->used < sizeof(client->line);
}

static void serve(struct control *control, struct client *client)
{
	for (;;) {
		ssize_t size = recv(client->fd, client->line + client->used,
				    sizeof(client->line) - client->used, MSG_DONTWAIT);

		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size <= 0)
			break;
		client->used += (size_t)size;
		if (!run_lines(control, client))
			break;
	}
	drop(client);
}

static void admit(struct control *control, int fd)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (control->clients[i].fd >= 0)
			continue;
		if (!watch(control, fd))
			break;
		control->clients[i].fd = fd;
		return;
	}
	(void)close(fd);
}

void control_serve(struct control *control)
{
	int fd;

	while ((fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		admit(control, fd);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (control->clients[i].fd >= 0)
			serve(control, &control->clients[i]);
	}
}

bool control_close(struct control *control)
{
	bool removed;

	if (!control)
		return true;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (control->clients[i].fd >= 0)
			drop(&control->clients[i]);
	}
	removed = unlink(control->path) == 0 || errno == ENOENT;
	(void)close(control->fd);
	free(control);
	return removed;
}
