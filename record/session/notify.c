/* record/session/notify.c - notifies the service manager of the start and the stop */
#include "record/session/notify.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int notify_open(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const size_t length = name ? strlen(name) : 0;
	int fd;

	if (length < 2 || length >= sizeof(address.sun_path) || (name[0] != '/' && name[0] != '@'))
		return -1;
	memcpy(address.sun_path, name, length);
	/* An abstract name starts with a zero byte, and ends where its length says. */
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address,
			       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* sendmsg(), as the filter of system calls allows it and not send(). */
void notify_send(int fd, const char *lines)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): sendmsg() only reads the bytes */
	struct iovec piece = {.iov_base = (void *)(uintptr_t)lines, .iov_len = strlen(lines)};
	const struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (fd >= 0)
		(void)sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}
