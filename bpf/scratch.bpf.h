/* bpf/scratch.bpf.h - memory for records under construction: a few slots per CPU
 *
 * A program can be interrupted or preempted by another one that takes a slot on the same CPU. So
 * slots are taken by atomic exchange; the program must release its slot before it ends.
 */
#ifndef BPF_SCRATCH_BPF_H
#define BPF_SCRATCH_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

#define SCRATCH_SLOTS 6

/* Fits the longest fixed part, and those with ancestors together with all ancestors and frames. */
#define SCRATCH_BYTES sizeof(struct event_cgroup)

#define SCRATCH_YES(name) struct event_##name name;
#define SCRATCH_NO(name)
#define SCRATCH_MEMBER(NAME, name, route, row, loss, stack, scratch) SCRATCH_##scratch(name)

struct scratch_slot {
	__u64 busy;
	union {
		struct event_header header;
		EVENT_KINDS(SCRATCH_MEMBER)
		__u8 bytes[SCRATCH_BYTES];
	};
};

_Static_assert(sizeof(struct scratch_slot) == sizeof(__u64) + SCRATCH_BYTES, "no kind is larger");

struct scratch {
	struct scratch_slot slots[SCRATCH_SLOTS];
};

struct scratch_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
};

extern struct scratch_map scratches SEC(".maps");

/*
 * Returns a value from 0 to `last` that is `number`, which the verifier does not know. It follows
 * the rest of a program once for each value that it knows: with SCRATCH_SLOTS numbers of a slot, as
 * many times. It does not know what is in a map.
 */
static __always_inline __u64 scratch_hide(const struct scratch *scratch, __u64 number, __u64 last)
{
	__u64 unknown = *(const volatile __u64 *)&scratch->slots[0].busy;
	__u64 same = unknown;

	barrier_var(same);
	number += unknown - same;
	barrier_var(number);
	if (number > last)
		number = last;
	return number;
}

/* Returns a slot, or NULL if every slot of this CPU is taken. The slot contains bytes of an earlier
 * record. */
static __always_inline struct scratch_slot *scratch_acquire(void)
{
	__u32 zero = 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &zero);

	if (!scratch)
		return NULL;
#pragma unroll
	for (int i = 0; i < SCRATCH_SLOTS; i++) {
		if (__sync_lock_test_and_set(&scratch->slots[i].busy, 1) == 0)
			return &scratch->slots[scratch_hide(scratch, (__u64)i, SCRATCH_SLOTS - 1)];
	}
	return NULL;
}

static __always_inline void scratch_release(struct scratch_slot *slot)
{
	__sync_lock_test_and_set(&slot->busy, 0);
}

#endif
