/* bpf/ring.bpf.h - gives finished records to diag-record */
#ifndef BPF_RING_BPF_H
#define BPF_RING_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/loss.bpf.h"

/* The reader is woken whenever the fill crosses one of so many equal parts of the ring; otherwise
 * it comes by itself a few times a second. A wake-up for each event costs ten times the event. */
#define RING_WAKE_PARTS 8

/* User space sets the size of each ring before it loads the programs. */
struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

/* Signals and what belongs to them; exits have a ring of their own. */
extern struct ring_map signal_ring SEC(".maps");

static __always_inline __u64 ring_flags(void *ring, __u64 size)
{
	__u64 part = bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / RING_WAKE_PARTS;
	__u64 before = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

	if (part && before / part != (before + size) / part)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

/* Returns whether the record is in the ring; if not, it is counted as lost, as that kind. */
static __always_inline bool ring_output_as(void *ring, struct event_header *record, __u64 size,
					   __u32 kind)
{
	if (bpf_ringbuf_output(ring, record, size, ring_flags(ring, size)) == 0)
		return true;
	loss_add(kind, LOSS_RING_FULL);
	return false;
}

static __always_inline bool ring_output(void *ring, struct event_header *record, __u64 size)
{
	return ring_output_as(ring, record, size, record->kind);
}

#endif
