/* record/kernel/cgroup_filter.h - the control group of --cgroup */
#ifndef RECORD_KERNEL_CGROUP_FILTER_H
#define RECORD_KERNEL_CGROUP_FILTER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"

/* The group of --cgroup. Zeroed: none. */
struct cgroup_filter {
	uint32_t tree; /* FILTER_CGROUP_..., bpf/event.h */
	uint64_t id;   /* in its hierarchy; 0: it is gone */
	char directory[PATH_MAX];
};

enum cgroup_change {
	CGROUP_SAME,
	CGROUP_GONE,
	CGROUP_NEW, /* made anew under the same path */
};

/* Looks at the directory again, and sets the ID of the group that is there now. */
enum cgroup_change cgroup_filter_follow(struct cgroup_filter *filter);

/*
 * Finds a control group. `path` is a directory below a mount of cgroup or cgroup2, or a path as in
 * /proc/PID/cgroup, which is searched in the default hierarchy and then in those of version 1. Sets
 * *ret_filter. Returns false and sets *ret_problem on failure.
 */
bool cgroup_filter_resolve(const char *path, struct cgroup_filter *ret_filter,
			   struct problem *ret_problem);

#endif
