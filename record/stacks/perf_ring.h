/* record/stacks/perf_ring.h - the perf ring buffer of one CPU: mappings, execs, forks and exits */
#ifndef RECORD_STACKS_PERF_RING_H
#define RECORD_STACKS_PERF_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/perf_record.h"
#include "symbols/status.h"

struct cpu_hotplug;
struct perf_event_mmap_page;

struct perf_ring {
	int fd;
	struct perf_event_mmap_page *control; /* the ring's data follow it */
	size_t control_bytes;
	size_t data_bytes;
	uint8_t *joined;  /* PERF_RECORD_MAX_BYTES, for a record that wraps around the end */
	uint64_t last_ns; /* time of the last record that was visited; 0: none */
};

/*
 * Opens and enables a ring for all processes on that CPU, with times of CLOCK_BOOTTIME.
 * `data_bytes` is a power of two of at least a page. The descriptor is readable when the ring is
 * a quarter full. `hotplug` opens the event after this process has dropped privileges; NULL before.
 * Returns IO and sets errno if the kernel refuses: ENODEV if the CPU is offline.
 */
MUST_CHECK enum symbols_status
perf_ring_open(int cpu, size_t data_bytes, struct cpu_hotplug *hotplug, struct perf_ring *ret_ring);

/* A zeroed or closed ring can be closed again. */
void perf_ring_close(struct perf_ring *ring);

/* Returns whether the ring is so full that the kernel may have dropped a record after the last one:
 * it reports that only with the next record. Call before perf_ring_drain(). */
bool perf_ring_is_full(const struct perf_ring *ring);

/* Visits all new records, the oldest first, and frees their space. The strings of a record are
 * valid during the visit. Returns false if a record is invalid; then the rest of the ring is
 * skipped. */
bool perf_ring_drain(struct perf_ring *ring,
		     void (*visit)(void *context, const struct perf_record *record), void *context);

#endif
