/* bpf/ring.bpf.h - sends finished records to diag-record */
#ifndef BPF_RING_BPF_H
#define BPF_RING_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/loss.bpf.h"

/* diag-record is woken when the fill crosses a multiple of 1/RING_WAKE_PARTS of the ring. Otherwise
 * it reads the rings a few times a second. Waking it for each event would cost ten times the event.
 * When there were no events for some time, it sleeps longer, and the next event wakes it. */
#define RING_WAKE_PARTS 8

/* User space sets the size of each ring before load. */
struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

extern struct ring_map exit_ring SEC(".maps");
/* Signals, deliveries and out-of-memory kills. */
extern struct ring_map signal_ring SEC(".maps");

/* Set by diag-record before it sleeps for long. */
extern volatile __u32 ring_reader_is_idle;

static __always_inline __u64 ring_flags(void *ring, __u64 size)
{
	__u64 part = bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / RING_WAKE_PARTS;
	__u64 before = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

	if (ring_reader_is_idle) {
		ring_reader_is_idle = 0;
		return BPF_RB_FORCE_WAKEUP;
	}
	if (part && before / part != (before + size) / part)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

/* Returns whether the record is in the ring. If not, counts it as a loss of that kind. */
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
