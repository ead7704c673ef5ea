/* symbols/safe_open.h - opens files by untrusted names */
#ifndef SYMBOLS_SAFE_OPEN_H
#define SYMBOLS_SAFE_OPEN_H

#include <sys/types.h>

#include "symbols/status.h"

/* Opens `path` for reading, as a process with the root directory `root_fd` sees it. Absolute
 * symbolic links and ".." stay below it; magic links are not followed. Opens only regular files, so
 * it neither blocks nor has side effects. The caller closes *ret_fd. Returns NOT_FOUND, REFUSED for
 * a FIFO, device or directory, or IO with errno. */
MUST_CHECK enum symbols_status safe_open_below(int root_fd, const char *path, int *ret_fd);

/* The same, but only for a regular file that `uid` owns, that has no other name, and that is not on
 * a file system such as /proc, where reading has side effects. No symbolic link is followed. */
MUST_CHECK enum symbols_status safe_open_owned_below(int root_fd, const char *path, uid_t uid,
						     int *ret_fd);

/* The same for a path whose links are trusted, such as /proc/PID/map_files/... */
MUST_CHECK enum symbols_status safe_open_trusted(const char *path, int *ret_fd);

#endif
