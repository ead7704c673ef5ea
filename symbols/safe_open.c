/* symbols/safe_open.c - opens files by untrusted names */
#include "symbols/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
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

#define CONFIGFS_MAGIC 0x62656570u /* not in linux/magic.h */

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

/* File systems without files of users, whose files can have side effects or block when they are
 * read. */
static bool is_pseudo(int fd)
{
	static const unsigned int kinds[] = {
		PROC_SUPER_MAGIC,   SYSFS_MAGIC,        TRACEFS_MAGIC,       DEBUGFS_MAGIC,
		SECURITYFS_MAGIC,   CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,
		PSTOREFS_MAGIC,     EFIVARFS_MAGIC,     NSFS_MAGIC,          SELINUX_MAGIC,
		DEVPTS_SUPER_MAGIC, BINFMTFS_MAGIC,     CONFIGFS_MAGIC,
	};
	struct statfs status;

	if (fstatfs(fd, &status) != 0)
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((unsigned int)status.f_type == kinds[i])
			return true;
	return false;
}

enum symbols_status safe_open_owned_below(int root_fd, const char *path, uid_t uid, int *ret_fd)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	struct stat status;

	if (fd < 0 && errno == ELOOP)
		return SYMBOLS_REFUSED;
	if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
			status.st_uid != uid || status.st_nlink != 1 || is_pseudo(fd))) {
		close(fd);
		return SYMBOLS_REFUSED;
	}
	return finish(fd, ret_fd);
}

enum symbols_status safe_open_trusted(const char *path, int *ret_fd)
{
	return finish(open(path, O_PATH | O_CLOEXEC), ret_fd);
}
