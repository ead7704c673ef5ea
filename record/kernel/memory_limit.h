/* record/kernel/memory_limit.h - how much memory the control groups of this process let it use
 *
 * What programs and rings take in the kernel counts as memory of the process that loads them. Where
 * there is too little of it, the kernel ends the process rather than telling it.
 */
#ifndef RECORD_KERNEL_MEMORY_LIMIT_H
#define RECORD_KERNEL_MEMORY_LIMIT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* Where to look: as /proc/self/cgroup and /proc/self/mounts. */
struct memory_limit_sources {
	const char *groups;
	const char *mounts;
};

struct memory_limit {
	uint64_t bytes;
	char file[PATH_MAX]; /* that sets it, such as /sys/fs/cgroup/a/memory.max */
};

/* The lowest limit of the groups of this process and of those around them, of either version of
 * control groups. False if there is none, or none can be read. */
bool memory_limit_find(const struct memory_limit_sources *sources, struct memory_limit *ret_limit);

#endif
