/* record/kernel/memory_limit.h - the memory limit of the control groups of this process
 *
 * BPF programs and maps are charged to the control group of the process that loads them. If the
 * limit is too low, the kernel kills the process instead of returning an error.
 */
#ifndef RECORD_KERNEL_MEMORY_LIMIT_H
#define RECORD_KERNEL_MEMORY_LIMIT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* Paths of files such as /proc/self/cgroup and /proc/self/mounts. */
struct memory_limit_sources {
	const char *groups;
	const char *mounts;
};

struct memory_limit {
	uint64_t bytes;
	char file[PATH_MAX]; /* where it is set, such as /sys/fs/cgroup/a/memory.max */
};

/* Finds the lowest limit of the control groups of this process and of their ancestors, in both
 * versions of control groups. Returns false if there is none, or none can be read. */
bool memory_limit_find(const struct memory_limit_sources *sources, struct memory_limit *ret_limit);

#endif
