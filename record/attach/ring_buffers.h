/* record/attach/ring_buffers.h - the buffers of a ring, for groups of CPUs */
#ifndef RECORD_ATTACH_RING_BUFFERS_H
#define RECORD_ATTACH_RING_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct ring_buffers {
	size_t count;
	int fds[RING_ENTRIES];
};

/* Returns the number of groups, a power of two, for that many possible CPUs: at most 16 CPUs share
 * a group while there are at most RING_ENTRIES groups, and a ring of smallest_bytes, a power of
 * two, has no buffer of less than 256 KiB. */
uint32_t ring_buffers_groups(uint32_t cpus, uint64_t smallest_bytes);

/* Returns the number of possible CPUs, or what the environment variable DIAG_POSSIBLE_CPUS has in
 * its place. */
uint32_t ring_buffers_cpus(void);

/* Creates `groups` buffers of together `bytes`, and puts them into the entries of the map `ring`.
 * On failure returns false with errno set, and *buffers has those that were created. */
bool ring_buffers_create(struct ring_buffers *buffers, int ring, const char *name, uint64_t bytes,
			 uint32_t groups);

/* Closes the descriptors. */
void ring_buffers_close(struct ring_buffers *buffers);

#endif
