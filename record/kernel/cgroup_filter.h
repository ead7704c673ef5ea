/* record/kernel/cgroup_filter.h - the control group of --cgroup */
#ifndef RECORD_KERNEL_CGROUP_FILTER_H
#define RECORD_KERNEL_CGROUP_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"

/*
 * Finds a control group. `path` is a directory below a mount of cgroup or cgroup2, or a path as in
 * /proc/PID/cgroup, which is searched in the default hierarchy and then in those of version 1. Sets
 * *ret_tree to its hierarchy (FILTER_CGROUP_..., bpf/event.h) and *ret_id to its ID there. Returns
 * false and sets *ret_problem on failure.
 */
bool cgroup_filter_resolve(const char *path, uint32_t *ret_tree, uint64_t *ret_id,
			   struct problem *ret_problem);

#endif
