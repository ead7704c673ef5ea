/* analyze/program/file_opener.c - opens the files of a command line for a sandboxed process */
#define _GNU_SOURCE
#include "analyze/program/file_opener.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for one descriptor, aligned for its header. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	errno = ESTALE;
	return -1;
}

/* Sends errno, 0 for none, and the descriptor if there is one. */
static bool answer(int socket, int fd)
{
	int error = fd < 0 ? errno : 0;
	struct iovec data = {.iov_base = &error, .iov_len = sizeof(error)};
	union control control;
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

	memset(&control, 0, sizeof(control));
	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(error);
}

static _Noreturn void serve(int socket, char *const *paths, size_t count)
{
	uint64_t number;

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	while (read(socket, &number, sizeof(number)) == (ssize_t)sizeof(number) && number < count) {
		int fd = open_regular(paths[number]);
		bool sent = answer(socket, fd);

		if (fd >= 0)
			close(fd);
		if (!sent)
			break;
	}
	_exit(0);
}

bool file_opener_start(const char *program, char *const *paths, size_t count,
		       struct file_opener *ret_opener)
{
	int sockets[2];
	pid_t process;

	*ret_opener = (struct file_opener){.fd = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) {
		fprintf(stderr, "%s: cannot start a process that opens files: %s\n", program,
			strerror(errno));
		return false;
	}
	process = fork();
	if (process == 0) {
		close(sockets[0]);
		/* The reader of a pipe must see its end when the program ends. */
		close(STDOUT_FILENO);
		serve(sockets[1], paths, count);
	}
	close(sockets[1]);
	if (process < 0) {
		fprintf(stderr, "%s: cannot start a process that opens files: %s\n", program,
			strerror(errno));
		close(sockets[0]);
		return false;
	}
	*ret_opener = (struct file_opener){sockets[0], process};
	return true;
}

int file_opener_open(const struct file_opener *opener, size_t number)
{
	const uint64_t request = number;
	int error = 0, fd = -1;
	struct iovec data = {.iov_base = &error, .iov_len = sizeof(error)};
	union control control;
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	const struct cmsghdr *header;

	errno = EPIPE;
	if (write(opener->fd, &request, sizeof(request)) != (ssize_t)sizeof(request) ||
	    recvmsg(opener->fd, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(error))
		return -1;
	errno = error;
	header = CMSG_FIRSTHDR(&message);
	if (error || !header || header->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

void file_opener_stop(struct file_opener *opener)
{
	if (opener->fd >= 0)
		close(opener->fd);
	opener->fd = -1;
}
