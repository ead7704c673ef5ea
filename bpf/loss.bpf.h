/* bpf/loss.bpf.h - counts lost events by kind and reason */
#ifndef BPF_LOSS_BPF_H
#define BPF_LOSS_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

struct loss_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVENT_KIND_COUNT *LOSS_REASON_COUNT);
	__type(key, __u32);
	__type(value, struct loss);
};

extern struct loss_map losses SEC(".maps");
extern volatile __u64 loss_epoch;
extern volatile __u32 loss_is_new;

/* Set by diag-record before it sleeps for long. */
extern volatile __u32 ring_reader_is_idle;

/* Wakes diag-record. Call only if ring_reader_is_idle, after what it must read is in place. */
int ring_wake_reader(void);

static __always_inline void loss_add(enum event_kind kind, enum loss_reason reason)
{
	__u32 key = kind * LOSS_REASON_COUNT + reason;
	__u64 now_ns = bpf_ktime_get_boot_ns();
	__u64 epoch = loss_epoch;
	struct loss *loss = bpf_map_lookup_elem(&losses, &key);
	__u64 before;

	if (!loss)
		return;
	/* An interrupt can count in between. Only the count must be exact, and it is. */
	if (loss->epoch != epoch || loss->count == 0) {
		loss->epoch = epoch;
		loss->first_ns = now_ns;
	}
	loss->last_ns = now_ns;
	/* The old value is used: an addition without one has no order on arm64, and the flag must
	 * be read after it. */
	before = __sync_fetch_and_add(&loss->count, 1);
	barrier_var(before);
	/* CPUs that lose events at the same time share this: it is not written again and again. */
	if (loss_is_new)
		return;
	/* Before the flag is read, as diag-record sets that before it looks at this. */
	__sync_lock_test_and_set(&loss_is_new, 1);
	if (ring_reader_is_idle)
		ring_wake_reader();
}

#endif
