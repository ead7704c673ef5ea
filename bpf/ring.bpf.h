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

struct ring_buffer_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

/* A ring: one buffer, or several for groups of CPUs. CPU n writes to entry n modulo RING_ENTRIES.
 * User space creates the buffers before it attaches a program, and puts each into as many entries
 * as it has groups. */
struct ring_map {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, RING_ENTRIES);
	__type(key, __u32);
	__array(values, struct ring_buffer_map);
};

extern struct ring_map exit_ring SEC(".maps");
/* Signals, deliveries and out-of-memory kills. */
extern struct ring_map signal_ring SEC(".maps");

/* The number of buffers of each ring that has several, less 1. Set before load. */
extern const volatile __u32 ring_group_mask;

/* The group of this CPU. What one group has sent is not in the buffers of others yet. */
static __always_inline __u32 ring_group(void)
{
	return bpf_get_smp_processor_id() & ring_group_mask;
}

/* Identifies the buffer of this CPU in a ring, which has the number of one of its kinds. The rings
 * of sections and of probes have one buffer (record/attach/programs.c). */
static __always_inline __u32 ring_key(__u32 number)
{
	if (number == EVENT_SECTION || number == EVENT_PROBE)
		return number;
	return number | ring_group() << 16;
}

/* Returns the buffer of this CPU. NULL: no events of this ring are recorded. */
static __always_inline void *ring_of_cpu(void *rings)
{
	__u32 entry = bpf_get_smp_processor_id() % RING_ENTRIES;

	return bpf_map_lookup_elem(rings, &entry);
}

static __always_inline __u64 ring_flags(void *ring, __u64 size)
{
	/* A power of two, as the size of a ring is. */
	__u64 part = bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / RING_WAKE_PARTS;
	__u64 before = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

	if ((before ^ (before + size)) & -part)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

/* Returns whether the record is in the ring. One that can wait is read when sums are
 * (record/attach/rings.c): it wakes a reader that sleeps for long only if the ring fills. For others
 * the flag is read after the record is there: diag-record sets it before it looks whether the rings
 * are empty, so that one of both sees the other. */
static __always_inline bool ring_put(void *rings, struct event_header *record, __u64 size,
				     bool can_wait)
{
	void *ring = ring_of_cpu(rings);

	if (!ring || bpf_ringbuf_output(ring, record, size, ring_flags(ring, size)) != 0)
		return false;
	if (ring_reader_is_idle && !can_wait)
		ring_wake_reader();
	return true;
}

static __always_inline bool ring_try_output(void *rings, struct event_header *record, __u64 size)
{
	return ring_put(rings, record, size, false);
}

/* The same. If it is not there, counts it as a loss of that kind. */
static __always_inline bool ring_output_as(void *rings, struct event_header *record, __u64 size,
					   __u32 kind)
{
	if (ring_put(rings, record, size, false))
		return true;
	loss_add(kind, LOSS_RING_FULL);
	return false;
}

static __always_inline bool ring_output_can_wait(void *rings, struct event_header *record,
						 __u64 size, bool can_wait)
{
	if (ring_put(rings, record, size, can_wait))
		return true;
	loss_add(record->kind, LOSS_RING_FULL);
	return false;
}

static __always_inline bool ring_output(void *rings, struct event_header *record, __u64 size)
{
	return ring_output_as(rings, record, size, record->kind);
}

#endif
