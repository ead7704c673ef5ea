/* symbols/mapped_open.h - opens the file behind a mapping of a process that may already be gone */
#ifndef SYMBOLS_MAPPED_OPEN_H
#define SYMBOLS_MAPPED_OPEN_H

#include <sys/types.h>

#include "symbols/mappings.h"
#include "symbols/status.h"

/* Tries, in this order: /proc/PID/map_files (the very file, also when it is deleted), the path
 * below /proc/PID/root (containers), the path below `root_fd` (a process that is gone; -1 to leave
 * this out). A file found by its path must be the one that was mapped: the same device and inode
 * (or an overlay, which shows others), and not changed since it was seen mapped. A build-id is the
 * caller's to compare. Only a regular file is opened; the caller closes *ret_fd. */
MUST_CHECK enum symbols_status mapped_open(pid_t pid, const struct mapping *mapping, int root_fd,
					   int *ret_fd);

#endif
