/* record/stacks/perf_ring.h - one CPU's ring of perf records about mappings, execs, forks and ends
 */
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
	uint8_t *joined;  /* PERF_RECORD_MAX_BYTES, for a record that goes over the end */
	uint64_t last_ns; /* time of the last record that was visited, 0 before */
};

/*
 * Opens and enables a ring for all processes on that CPU, its times in CLOCK_BOOTTIME. `data_bytes`
 * is a power of two of at least a page. The descriptor becomes readable when the ring is half full.
 * `events` is who opens it when this process has given up the rights to, else NULL. IO with errno
 * if the kernel refuses: ENODEV for a CPU that is offline.
 */
MUST_CHECK enum symbols_status
perf_ring_open(int cpu, size_t data_bytes, struct cpu_hotplug *events, struct perf_ring *ret_ring);

/* A zeroed or closed ring may be closed again. */
void perf_ring_close(struct perf_ring *ring);

/* Whether there was so little room that a record may have been missed after the last one that is
 * there: the kernel tells of that only with the next one. To be asked before it is drained. */
bool perf_ring_is_full(const struct perf_ring *ring);

/* Visits the records that have come since the last time, oldest first, and makes room for new
 * ones. Strings in a record live during its visit. False if the ring did not hold together; the
 * rest of it is then skipped. */
bool perf_ring_drain(struct perf_ring *ring,
		     void (*visit)(void *context, const struct perf_record *record), void *context);

#endif
