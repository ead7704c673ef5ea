/* record/attach/ring_buffers.h - the buffers of a ring, for groups of CPUs */
#ifndef RECORD_ATTACH_RING_BUFFERS_H
#define RECORD_ATTACH_RING_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "bpf/event.h"

struct ring_buffers {
	size_t count;
	int fds[RING_ENTRIES];
};

/* Returns the number of groups, a power of two of at most RING_ENTRIES, for that many CPUs: at most
 * 16 CPUs share a group while there are fewer than RING_ENTRIES groups, and a ring of
 * smallest_bytes, a power of two, has no buffer of less than 256 KiB. */
uint32_t ring_buffers_groups(uint32_t cpus, uint64_t smallest_bytes);

/* Returns the least size of a ring, a power of two of at most bytes_max, whose buffers have at
 * least wanted_bytes each if all rings have this size; bytes_max if none has. */
uint64_t ring_buffers_larger(uint32_t cpus, uint64_t wanted_bytes, uint64_t bytes_max);

/* Returns the size of a ring for which `bytes` were asked, both powers of two: the kernel creates
 * none of less than a page. */
uint64_t ring_buffers_bytes(uint64_t bytes, uint64_t page_bytes);

/* Sets *ret_cpus to the number of CPUs that are online, or to what the environment variable
 * DIAG_ONLINE_CPUS has in its place. Returns false if that is no number from 1 to 65536. */
bool ring_buffers_cpus(uint32_t *ret_cpus, struct problem *ret_problem);

/* Creates `groups` buffers of together `bytes`, and puts them into the RING_ENTRIES entries of the
 * map `ring`, in turn. groups: a power of two of at most RING_ENTRIES. bytes: a power of two of at
 * least a page for each group. On failure returns false with errno set, and *buffers has those that
 * were created. */
bool ring_buffers_create(struct ring_buffers *buffers, int ring, const char *name, uint64_t bytes,
			 uint32_t groups);

/* Closes the descriptors. */
void ring_buffers_close(struct ring_buffers *buffers);

#endif
