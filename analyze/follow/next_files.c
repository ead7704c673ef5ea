/* analyze/follow/next_files.c - the files of a recording that is being made, one after the other */
#define _GNU_SOURCE
#include "analyze/follow/next_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/program/sandbox.h"

#define SUFFIX  ".dz"
#define LOOK_MS 200

/* The first byte of a message; see record/session/live.c. */
#define MESSAGE_FILE_AFTER_GAP 1
#define MESSAGE_GROWN          2

#define LOOK_NEXT 64u /* numbers: the recorder may have removed files, or skipped names */

/* The file that was found last, and how the next one is called. */
struct search {
	int directory;
	int fd;
	char stem[NAME_MAX + 1]; /* "trace" of trace.dz and trace-7.dz */
	const char *suffix;
	unsigned long number;
};

static void name_of(const struct search *search, unsigned long number, char *name, size_t size)
{
	(void)snprintf(name, size, "%s-%lu%s", search->stem, number, search->suffix);
}

/* Splits "trace-7.dz". The first file has the number 1. */
static void split_name(const char *name, struct search *search)
{
	const size_t suffix = strlen(SUFFIX);
	size_t length = strlen(name);
	char *dash, *end;

	search->suffix = "";
	search->number = 1;
	if (length > suffix && strcmp(name + length - suffix, SUFFIX) == 0) {
		search->suffix = SUFFIX;
		length -= suffix;
	}
	(void)snprintf(search->stem, sizeof(search->stem), "%.*s", (int)length, name);
	dash = strrchr(search->stem, '-');
	if (!dash || dash[1] < '1' || dash[1] > '9')
		return;
	search->number = strtoul(dash + 1, &end, 10);
	if (*end != '\0' || search->number < 2)
		search->number = 1;
	else
		*dash = '\0';
}

/* A file of an older recording was last changed before the current one was created. */
static bool is_later(const struct search *search, int fd)
{
	struct statx current;
	struct stat found;

	if (statx(search->fd, "", AT_EMPTY_PATH, STATX_BTIME, &current) != 0 ||
	    !(current.stx_mask & STATX_BTIME))
		return true;
	return fstat(fd, &found) == 0 && S_ISREG(found.st_mode) &&
	       (found.st_mtim.tv_sec > current.stx_btime.tv_sec ||
		(found.st_mtim.tv_sec == current.stx_btime.tv_sec &&
		 found.st_mtim.tv_nsec >= (long)current.stx_btime.tv_nsec));
}

static int open_next(struct search *search)
{
	char name[NAME_MAX + 32];

	for (unsigned long i = 1; i <= LOOK_NEXT; i++) {
		int fd;

		name_of(search, search->number + i, name, sizeof(name));
		fd = openat(search->directory, name,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (is_later(search, fd)) {
			search->number += i;
			return fd;
		}
		(void)close(fd);
	}
	return -1;
}

static bool send_file(int socket, int fd)
{
	char byte = 0;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec part = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

/* A recorder holds a lock on its file until it has created the next one. */
static bool is_written(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK;
	(void)flock(fd, LOCK_UN);
	return false;
}

/* Returns when the reader is gone, or there is no further file. */
static void serve(struct search *search, int socket)
{
	struct pollfd reader = {.fd = socket};

	while (poll(&reader, 1, LOOK_MS) == 0) {
		const bool written = is_written(search->fd);
		int next = open_next(search);

		if (next < 0 && !written)
			return;
		if (next < 0)
			continue;
		if (!send_file(socket, next))
			return;
		(void)close(search->fd);
		search->fd = next;
	}
}

static void run_helper(const char *path, int fd, int socket)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX] = ".";
	struct search search = {.fd = fd};

	/* Keys of the terminal are for the reader. */
	(void)signal(SIGINT, SIG_IGN);
	if (slash)
		(void)snprintf(directory, sizeof(directory), "%.*s/", (int)(slash - path), path);
	split_name(slash ? slash + 1 : path, &search);
	search.directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (search.directory >= 0) {
		sandbox_enter_below(&search.directory, 1);
		serve(&search, socket);
	}
	_exit(0);
}

int next_files_start(const char *path, int fd)
{
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		run_helper(path, fd, ends[1]);
	}
	(void)close(ends[1]);
	if (child < 0) {
		(void)close(ends[0]);
		return -1;
	}
	return ends[0];
}

enum next_file next_files_receive(int socket, int timeout_ms, int *ret_fd)
{
	struct pollfd sender = {.fd = socket, .events = POLLIN};
	char byte;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	const struct cmsghdr *header;

	if (poll(&sender, 1, timeout_ms) <= 0)
		return NEXT_FILE_NONE;
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0)
		return NEXT_FILE_ENDED;
	if (byte == MESSAGE_GROWN)
		return NEXT_FILE_GROWN;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(*ret_fd)))
		return NEXT_FILE_ENDED;
	memcpy(ret_fd, CMSG_DATA(header), sizeof(*ret_fd));
	return byte == MESSAGE_FILE_AFTER_GAP ? NEXT_FILE_FOUND_LATER : NEXT_FILE_FOUND;
}
