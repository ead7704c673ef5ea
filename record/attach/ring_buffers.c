/* record/attach/ring_buffers.c - the buffers of a ring, for groups of CPUs
 *
 * The CPUs that can ever come are often many more than those that are there, as in a virtual
 * machine. They must not split the memory, so those that are online count. One that comes later
 * belongs to a group as well: that of its number modulo the groups.
 */
#include "record/attach/ring_buffers.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "text/quantity.h"

#define GROUP_CPUS       16u
#define BUFFER_BYTES_MIN (256u << 10)
#define CPUS_MAX         65536u

uint32_t ring_buffers_groups(uint32_t cpus, uint64_t smallest_bytes)
{
	uint32_t groups = 1;

	while (groups < RING_ENTRIES && groups * GROUP_CPUS < cpus &&
	       smallest_bytes / groups / 2 >= BUFFER_BYTES_MIN)
		groups *= 2;
	return groups;
}

uint64_t ring_buffers_larger(uint32_t cpus, uint64_t wanted_bytes, uint64_t bytes_max)
{
	uint64_t bytes = 1;

	while (bytes < bytes_max && bytes / ring_buffers_groups(cpus, bytes) < wanted_bytes)
		bytes *= 2;
	return bytes;
}

uint64_t ring_buffers_bytes(uint64_t bytes, uint64_t page_bytes)
{
	return bytes > page_bytes ? bytes : page_bytes;
}

bool ring_buffers_cpus(uint32_t *ret_cpus, struct problem *ret_problem)
{
	const char *text = getenv("DIAG_ONLINE_CPUS");
	const long online = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t asked;

	*ret_cpus = online > 0 ? (uint32_t)online : 1;
	if (!text)
		return true;
	if (!quantity_parse_count(text, CPUS_MAX, &asked) || asked == 0)
		return problem_set(ret_problem, "DIAG_ONLINE_CPUS: not a number from 1 to %u",
				   CPUS_MAX);
	*ret_cpus = (uint32_t)asked;
	return true;
}

bool ring_buffers_create(struct ring_buffers *buffers, int ring, const char *name, uint64_t bytes,
			 uint32_t groups)
{
	buffers->count = 0;
	if (groups == 0 || groups > RING_ENTRIES) {
		errno = EINVAL;
		return false;
	}
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
