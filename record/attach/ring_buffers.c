/* record/attach/ring_buffers.c - the buffers of a ring, for groups of CPUs */
#include "record/attach/ring_buffers.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <unistd.h>

#define GROUP_CPUS        16u
#define BUFFER_BYTES_MIN  (256u << 10)
#define POSSIBLE_CPUS_MAX 65536

uint32_t ring_buffers_groups(uint32_t cpus, uint64_t smallest_bytes)
{
	uint32_t groups = 1;

	while (groups < RING_ENTRIES && groups * GROUP_CPUS < cpus &&
	       smallest_bytes / groups / 2 >= BUFFER_BYTES_MIN)
		groups *= 2;
	return groups;
}

uint32_t ring_buffers_cpus(void)
{
	const char *text = getenv("DIAG_POSSIBLE_CPUS");
	const long asked = text ? strtol(text, NULL, 10) : 0;
	const int cpus = libbpf_num_possible_cpus();

	if (asked > 0 && asked <= POSSIBLE_CPUS_MAX)
		return (uint32_t)asked;
	return cpus > 0 ? (uint32_t)cpus : 1;
}

bool ring_buffers_create(struct ring_buffers *buffers, int ring, const char *name, uint64_t bytes,
			 uint32_t groups)
{
	buffers->count = 0;
	while (buffers->count < groups) {
		int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, name, 0, 0,
					(uint32_t)(bytes / groups), NULL);

		if (fd < 0)
			return false;
		buffers->fds[buffers->count++] = fd;
	}
	for (uint32_t entry = 0; entry < RING_ENTRIES; entry++) {
		if (bpf_map_update_elem(ring, &entry, &buffers->fds[entry % groups], BPF_ANY) != 0)
			return false;
	}
	return true;
}

void ring_buffers_close(struct ring_buffers *buffers)
{
	for (size_t i = 0; i < buffers->count; i++)
		(void)close(buffers->fds[i]);
	buffers->count = 0;
}
