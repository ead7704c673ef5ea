/* record/kernel/cgroup_filter.h - which control group --cgroup names */
#ifndef RECORD_KERNEL_CGROUP_FILTER_H
#define RECORD_KERNEL_CGROUP_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"

/*
 * `path` is a directory below a mount of cgroup or cgroup2, or a path as /proc/PID/cgroup shows it,
 * which is looked for in the default hierarchy and then in those of version 1. Gives where to look
 * for it (FILTER_CGROUP_..., bpf/event.h) and its id there.
 */
bool cgroup_filter_resolve(const char *path, uint32_t *ret_tree, uint64_t *ret_id,
			   struct problem *ret_problem);

#endif
