/* bpf/copy_limit.bpf.h - limits the copies of user stacks that events with many stacks make
 *
 * Copying each stack of a switch would cost more than all else.
 */
#ifndef BPF_COPY_LIMIT_BPF_H
#define BPF_COPY_LIMIT_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#define COPY_LIMIT_NS  100000000ull
#define COPY_LIMIT_MAX 20 /* in that time, on each CPU */

struct copy_count {
	__u64 since_ns;
	__u64 count;
};

/* Each kind of event has one. */
struct copy_count_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct copy_count);
};

/* Counts a copy at now_ns. Returns whether it may be made. */
static __always_inline bool copy_limit_allows(void *counts, __u64 now_ns)
{
	__u32 zero = 0;
	struct copy_count *copies = bpf_map_lookup_elem(counts, &zero);

	if (!copies)
		return false;
	if (now_ns - copies->since_ns >= COPY_LIMIT_NS) {
		copies->since_ns = now_ns;
		copies->count = 0;
	}
	return copies->count++ < COPY_LIMIT_MAX;
}

#endif
