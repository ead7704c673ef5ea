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

/* The upper half of a buffer is shared. A record may use as much of what is free there as its owner
 * already has: so one owner alone gets half of it, and there is always space for one who has none.
 * Records that are most and matter least may use half as much: behind them, there is space for
 * the deaths of the same owner. */
enum ring_part {
	RING_PART_DEATHS = 1,
	RING_PART_OTHERS = 2,
};

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

/* An ordinary user can make any number of pid namespaces, and counts as one; the root of each
 * container has user ID 0. */
#define RING_OWNER(uid, pid_namespace) ((uid) ? (__u64)(uid) << 32 : (__u64)(pid_namespace))

/* An owner, and a buffer: ring_key(). */
struct ring_share_key {
	__u64 owner;
	__u64 ring;
};

/* What an owner has written to the upper half. It is halved whenever diag-record has read as much
 * as half a buffer holds. */
struct ring_share {
	__u64 halves_read;
	__u64 bytes;
};

struct ring_share_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct ring_share_key);
	__type(value, struct ring_share);
};

extern struct ring_share_map ring_shares SEC(".maps");

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
 * of sections, of probes and of user stacks have one buffer (record/attach/programs.c). */
static __always_inline __u32 ring_key(__u32 number)
{
	if (number == EVENT_SECTION || number == EVENT_PROBE || number == EVENT_USER_STACK)
		return number;
	return number | ring_group() << 16;
}

/* Returns the buffer of this CPU. NULL: no events of this ring are recorded. */
static __always_inline void *ring_of_cpu(void *rings)
{
	__u32 entry = bpf_get_smp_processor_id() % RING_ENTRIES;

	return bpf_map_lookup_elem(rings, &entry);
}

/* Takes `size` bytes of the upper half for an owner who may have `limit`. Returns false if it has
 * more. Neither inlined nor static, so that the verifier checks it once (shared.bpf.c). */
int ring_share_take(__u64 owner, __u32 ring, __u64 size, __u64 limit, __u64 halves_read);

/* Who pays for a record. Read only when the buffer is more than half full. */
struct ring_payer {
	const __u32 *uid;
	const __u32 *pid_namespace;
	__u32 number; /* of the ring, for ring_key() */
	enum ring_part part;
};

static __always_inline struct ring_payer ring_payer(const struct event_task *task, __u32 number,
						    bool is_death)
{
	return (struct ring_payer){
		.uid = &task->uid,
		.pid_namespace = &task->pid_namespace,
		.number = number,
		.part = is_death ? RING_PART_DEATHS : RING_PART_OTHERS,
	};
}

/* What is in a buffer before a record is written. */
struct ring_fill {
	__u64 bytes;
	__u64 used;
};

static __always_inline struct ring_fill ring_fill(void *ring)
{
	return (struct ring_fill){
		.bytes = bpf_ringbuf_query(ring, BPF_RB_RING_SIZE),
		.used = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA),
	};
}

static __always_inline __u64 ring_flags_of_fill(const struct ring_fill *fill, __u64 size)
{
	/* A power of two, as the size of a ring is. */
	const __u64 part = fill->bytes / RING_WAKE_PARTS;

	if ((fill->used ^ (fill->used + size)) & -part)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

static __always_inline __u64 ring_flags(void *ring, __u64 size)
{
	const struct ring_fill fill = ring_fill(ring);

	return ring_flags_of_fill(&fill, size);
}

/* Whether the payer may write so much. Does nothing while the buffer is less than half full. */
static __always_inline bool ring_has_share(void *ring, const struct ring_fill *fill, __u64 size,
					   const struct ring_payer *payer)
{
	const __u64 half = fill->bytes / 2;

	if (!payer || fill->used <= half || !half)
		return true;
	return ring_share_take(RING_OWNER(*payer->uid, *payer->pid_namespace),
			       ring_key(payer->number), size,
			       (fill->bytes - fill->used) / payer->part,
			       bpf_ringbuf_query(ring, BPF_RB_CONS_POS) / half);
}

enum ring_result {
	RING_SENT,
	RING_FULL,
	RING_NO_SHARE,
};

/* payer: NULL: the record may use all of the buffer. A record that can wait is read when sums are
 * (record/attach/rings.c): it wakes a reader that sleeps for long only if the ring fills. For
 * others the flag is read after the record is there: diag-record sets it before it looks whether
 * the rings are empty, so that one of both sees the other. */
static __always_inline enum ring_result ring_send(void *rings, struct event_header *record,
						  __u64 size, const struct ring_payer *payer,
						  bool can_wait)
{
	void *ring = ring_of_cpu(rings);
	struct ring_fill fill;

	if (!ring)
		return RING_FULL;
	fill = ring_fill(ring);
	if (!ring_has_share(ring, &fill, size, payer))
		return RING_NO_SHARE;
	if (bpf_ringbuf_output(ring, record, size, ring_flags_of_fill(&fill, size)) != 0)
		return RING_FULL;
	if (ring_reader_is_idle && !can_wait)
		ring_wake_reader();
	return RING_SENT;
}

/* Returns whether the record is in the ring. */
static __always_inline bool ring_try_output(void *rings, struct event_header *record, __u64 size)
{
	return ring_send(rings, record, size, NULL, false) == RING_SENT;
}

/* The same. If it is not there, counts it as a loss of that kind. */
static __always_inline bool ring_output_as(void *rings, struct event_header *record, __u64 size,
					   __u32 kind)
{
	if (ring_try_output(rings, record, size))
		return true;
	loss_add(kind, LOSS_RING_FULL);
	return false;
}

static __always_inline bool ring_output(void *rings, struct event_header *record, __u64 size)
{
	return ring_output_as(rings, record, size, record->kind);
}

/* The same, if the share of the payer allows it. */
static __always_inline bool ring_output_of(void *rings, struct event_header *record, __u64 size,
					   const struct ring_payer *payer, bool can_wait)
{
	const enum ring_result result = ring_send(rings, record, size, payer, can_wait);

	if (result == RING_SENT)
		return true;
	loss_add(record->kind, result == RING_FULL ? LOSS_RING_FULL : LOSS_USER_SHARE);
	return false;
}

#endif
