/* symbols/safe_open.h - opens files whose names somebody else chose */
#ifndef SYMBOLS_SAFE_OPEN_H
#define SYMBOLS_SAFE_OPEN_H

#include <sys/types.h>

#include "symbols/status.h"

/* Opens `path` for reading as it is seen by a process whose root directory is `root_fd`: absolute
 * symbolic links and ".." stay below it, magic links are not followed. Only a regular file is ever
 * opened; a FIFO or a device is REFUSED without being touched, so this neither blocks nor has side
 * effects. The caller closes *ret_fd. */
MUST_CHECK enum symbols_status safe_open_below(int root_fd, const char *path, int *ret_fd);

/* The same for a name whose own links are trusted, such as /proc/PID/map_files/... */
MUST_CHECK enum symbols_status safe_open_trusted(const char *path, int *ret_fd);

#endif
