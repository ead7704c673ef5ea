/* symbols/mapped_open.h - opens the file of a mapping, also of a process that has exited */
#ifndef SYMBOLS_MAPPED_OPEN_H
#define SYMBOLS_MAPPED_OPEN_H

#include <sys/types.h>

#include "symbols/mappings.h"
#include "symbols/status.h"

/* Tries in this order:
 * - /proc/PID/map_files: the mapped file itself, also if it was deleted;
 * - the path below /proc/PID/root, for containers;
 * - /proc/PID/map_files again, if the mapping is shorter than it was;
 * - the path below `root_fd`, for a process that has exited; -1 to skip this.
 *
 * A file found by its path or in a shorter mapping must have the device and inode of the mapping
 * (except on overlayfs, which shows different ones), and must not have changed since it was seen
 * mapped. The caller compares the build ID, and closes *ret_fd. Opens only regular files. Returns
 * NOT_FOUND, REFUSED or IO. */
MUST_CHECK enum symbols_status mapped_open(pid_t pid, const struct mapping *mapping, int root_fd,
					   int *ret_fd);

#endif
