/* bpf/count.bpf.h - counts what happened, also if its record is lost or a filter excludes it */
#ifndef BPF_COUNT_BPF_H
#define BPF_COUNT_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/filter.bpf.h"

struct count_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVENT_COUNTS);
	__type(key, __u32);
	__type(value, __u64);
};

extern struct count_map counts SEC(".maps");

/* Adds 1 to a count; always returns 0. Neither inlined nor static, like count_exit(), so that the
 * verifier checks it once, and not on each path to it (shared.bpf.c). */
int count_add(__u32 what);

/* Counts the end of a process with this status, as wait4() returns it. Always returns 0. */
int count_exit(__u32 status);

/* Events of diag-record itself are no events. */
static __always_inline void count_skipped(enum event_count what, struct task_struct *task)
{
	if (!filter_is_own(filter_tgid(task)))
		count_add(what);
}

#endif
