/* symbols/safe_open.c - opens files by untrusted names */
#include "symbols/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The O_PATH descriptor gives the type of the file without opening it, so that a device has no side
 * effects and a FIFO does not block. Then the same file is opened for reading through it. */
static enum symbols_status reopen_regular(int path_fd, int *ret_fd)
{
	char name[sizeof("/proc/self/fd/") + 12];
	struct stat status;
	int fd;

	if (fstat(path_fd, &status) != 0)
		return SYMBOLS_IO;
	if (!S_ISREG(status.st_mode))
		return SYMBOLS_REFUSED;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", path_fd);
	fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return SYMBOLS_IO;
	*ret_fd = fd;
	return SYMBOLS_OK;
}

static enum symbols_status finish(int path_fd, int *ret_fd)
{
	enum symbols_status status;
	int saved_errno;

	if (path_fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? SYMBOLS_NOT_FOUND : SYMBOLS_IO;
	status = reopen_regular(path_fd, ret_fd);
	saved_errno = errno;
	close(path_fd);
	errno = saved_errno;
	return status;
}

enum symbols_status safe_open_below(int root_fd, const char *path, int *ret_fd)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return finish((int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how)), ret_fd);
}

enum symbols_status safe_open_trusted(const char *path, int *ret_fd)
{
	return finish(open(path, O_PATH | O_CLOEXEC), ret_fd);
}
