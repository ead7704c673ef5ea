/* record/session/control.c - commands from a Unix socket during a recording */
#include "record/session/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTROL_CLIENTS_MAX 8u
#define CONTROL_LINE_MAX    512u
/* What one turn may take from a client, and from the queue of new ones, so that recording goes on.
 * The rest stays in the socket, for which the epoll set wakes again. */
#define CONTROL_TURN_LINES   8u
#define CONTROL_TURN_CLIENTS 16u

struct client {
	int fd; /* -1: not connected */
	size_t used;
	char line[CONTROL_LINE_MAX];
};

struct control {
	struct socket_place *place;
	struct control_handler handler;
	int epoll_fd;
	int fd;
	uid_t user; /* who may connect besides root */
	struct client clients[CONTROL_CLIENTS_MAX];
};

static bool watch(const struct control *control, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = CONTROL_EPOLL_DATA};

	return epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Removes the socket of a recorder that was killed: nothing accepts connections on it. */
static void remove_stale(const struct socket_place *place, const struct sockaddr_un *address)
{
	struct socket_place stale = *place;
	int fd;

	if (!socket_place_remember(&stale))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
	    errno == ECONNREFUSED)
		(void)socket_place_remove(&stale);
	(void)close(fd);
}

static bool bind_privately(int fd, const struct sockaddr_un *address)
{
	const mode_t mask = umask(S_IRWXG | S_IRWXO);
	const bool bound =
		fd >= 0 && bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	(void)umask(mask);
	return bound;
}

static bool listen_at(struct control *control, struct problem *ret_problem)
{
	struct socket_place *place = control->place;
	struct sockaddr_un address;

	socket_place_address(place, &address);
	remove_stale(place, &address);
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (!bind_privately(control->fd, &address))
		return problem_set(ret_problem, "--control %s: cannot create a socket: %s",
				   place->path, strerror(errno));
	if (!socket_place_remember(place))
		return problem_set(ret_problem, "--control %s: the directory was replaced",
				   place->path);
	if (listen(control->fd, CONTROL_CLIENTS_MAX) == 0 && watch(control, control->fd))
		return true;
	problem_set(ret_problem, "--control %s: cannot use the socket: %s", place->path,
		    strerror(errno));
	(void)socket_place_remove(place);
	return false;
}

bool control_open(struct socket_place *place, const struct control_handler *handler, int epoll_fd,
		  struct control **ret_control, struct problem *ret_problem)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return problem_set(ret_problem, "out of memory");
	control->place = place;
	control->handler = *handler;
	control->epoll_fd = epoll_fd;
	control->user = geteuid();
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

/* Never waits. Returns false if the text was not taken at once. */
static bool send_text(int fd, const char *text, size_t size)
{
	return send(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

static void refuse(int fd, const char *text)
{
	(void)send_text(fd, text, strlen(text));
}

/* A client that does not take its answer at once is dropped. */
static bool answer(struct control *control, struct client *client)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	bool sent = false;

	if (!stream)
		return false;
	client->line[client->used - 1] = '\0';
	if (memchr(client->line, '\0', client->used - 1))
		(void)fputs("error: the line has a null byte\n", stream);
	else
		control->handler.run(control->handler.context, client->line, stream);
	client->used = 0;
	if (fclose(stream) == 0)
		sent = send_text(client->fd, text, size);
	free(text);
	return sent;
}

enum taken {
	TAKEN_NOTHING, /* for now */
	TAKEN_PART,
	TAKEN_LINE,
	TAKEN_TOO_MUCH,
	TAKEN_END,
};

/* Takes bytes up to the end of a line. What follows stays in the socket. */
static enum taken take(struct client *client)
{
	char *rest = client->line + client->used;
	ssize_t size = recv(client->fd, rest, sizeof(client->line) - client->used,
			    MSG_DONTWAIT | MSG_PEEK);
	const char *end;

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return TAKEN_NOTHING;
	if (size <= 0)
		return TAKEN_END;
	end = memchr(rest, '\n', (size_t)size);
	if (end)
		size = end - rest + 1;
	if (recv(client->fd, rest, (size_t)size, MSG_DONTWAIT) != size)
		return TAKEN_END;
	client->used += (size_t)size;
	if (end)
		return TAKEN_LINE;
	return client->used < sizeof(client->line) ? TAKEN_PART : TAKEN_TOO_MUCH;
}

/* Returns false if the client must be dropped. */
static bool serve_part(struct control *control, struct client *client, enum taken taken)
{
	if (taken == TAKEN_LINE)
		return answer(control, client);
	if (taken == TAKEN_TOO_MUCH)
		refuse(client->fd, "error: the line is longer than 512 bytes\n");
	if (taken == TAKEN_END && client->used)
		refuse(client->fd, "error: the line has no newline\n");
	return taken == TAKEN_PART;
}

static void serve(struct control *control, struct client *client)
{
	unsigned int lines = 0;

	while (lines < CONTROL_TURN_LINES) {
		enum taken taken = take(client);

		if (taken == TAKEN_NOTHING)
			return;
		if (!serve_part(control, client, taken)) {
			drop(client);
			return;
		}
		lines += taken == TAKEN_LINE;
	}
}

static bool is_allowed(const struct control *control, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == 0 || peer.uid == control->user);
}

static void admit(struct control *control, int fd)
{
	if (!is_allowed(control, fd)) {
		refuse(fd, "error: permission denied: only root and the recorder's user\n");
		(void)close(fd);
		return;
	}
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (control->clients[i].fd >= 0)
			continue;
		if (!watch(control, fd))
			break;
		control->clients[i].fd = fd;
		serve(control, &control->clients[i]);
		return;
	}
	refuse(fd, "error: 8 clients are connected: try again later\n");
	(void)close(fd);
}

/* Clients first: those that have left make room for new ones, which are served at once, too. */
void control_serve(struct control *control)
{
	int fd;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (control->clients[i].fd >= 0)
			serve(control, &control->clients[i]);
	}
	for (unsigned int i = 0; i < CONTROL_TURN_CLIENTS; i++) {
		fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		admit(control, fd);
	}
}

bool control_close(struct control *control)
{
	bool removed;

	if (!control)
		return true;
	removed = socket_place_remove(control->place);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (control->clients[i].fd >= 0)
			drop(&control->clients[i]);
	}
	(void)close(control->fd);
	free(control);
	return removed;
}
