/* tests/fuzz/fuzz_control.c - any bytes from clients of the control socket
 *
 * A command is a line without a newline, and another client is served whatever they
 * send.
 *
 * Input: parts, each of a byte for the client, a byte for the size, and so many bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "record/session/control.h"

#define CLIENTS      3
#define LINE_MAX     512
#define ANSWER_BYTES 65536

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/tmp/fuzz-control.XXXXXX";
static char path[sizeof(directory) + sizeof("/control")];
static struct socket_place place;
static struct control *control;

static void answer_command(void *context, char *line, FILE *answer)
{
	(void)context;
	if (strlen(line) >= LINE_MAX || strchr(line, '\n'))
		abort();
	(void)fprintf(answer, "ok\n");
}

static void remove_socket(void)
{
	(void)control_close(control);
	(void)rmdir(directory);
}

static void open_once(void)
{
	static const struct control_handler handler = {NULL, answer_command};
	struct problem problem;

	if (control)
		return;
	if (!mkdtemp(directory))
		abort();
	(void)snprintf(path, sizeof(path), "%s/control", directory);
	if (!socket_place_open(path, &place, &problem) ||
	    !control_open(&place, &handler, epoll_create1(EPOLL_CLOEXEC), &control, &problem))
		abort();
	(void)atexit(remove_socket);
}

static int connect_client(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;

	socket_place_address(&place, &address);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		abort();
	return fd;
}

/* A command of another client has its answer. */
static void check_other(void)
{
	static const char command[] = "status\n";
	char answer[8];
	int fd = connect_client();

	if (send(fd, command, sizeof(command) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(command) - 1)
		abort();
	control_serve(control);
	if (recv(fd, answer, sizeof(answer), 0) != 3 || memcmp(answer, "ok\n", 3) != 0)
		abort();
	(void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char answers[ANSWER_BYTES];
	int clients[CLIENTS];

	open_once();
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = connect_client();
	while (size >= 2) {
		const int client = clients[data[0] % CLIENTS];
		const size_t left = size - 2;
		const size_t part = data[1] < left ? data[1] : left;

		(void)send(client, data + 2, part, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (data[0] & 0x80)
			control_serve(control);
		if (data[0] & 0x40)
			(void)recv(client, answers, sizeof(answers), MSG_DONTWAIT);
		data += 2 + part;
		size -= 2 + part;
	}
	check_other();
	for (int i = 0; i < CLIENTS; i++)
		(void)close(clients[i]);
	control_serve(control);
	return 0;
}
