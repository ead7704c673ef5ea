/* record/stacks/perf_ring.c - the perf ring buffer of one CPU: mappings, execs, forks and exits */
#include "record/stacks/perf_ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "record/privilege/cpu_hotplug.h"

/* Larger than any record, with a path of 4096 bytes. */
#define LARGEST_BYTES 8192u

/* A dummy event counts nothing; only its side records are needed. attr.build_id stays 0: while any
 * event requests build IDs, the kernel also marks the records of other programs, such as perf, as
 * if they had one, and these read wrong data. */
static int open_dummy(int cpu, size_t data_bytes, struct cpu_hotplug *hotplug)
{
	struct perf_event_attr attributes = {
		.size = sizeof(attributes),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TIME,
		.sample_id_all = 1,
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.use_clockid = 1,
		.clockid = CLOCK_BOOTTIME,
		.watermark = 1,
		/* On a busy machine the reader comes late. */
		.wakeup_watermark = (uint32_t)(data_bytes / 4),
	};

	if (hotplug)
		return cpu_hotplug_open(hotplug, &attributes, cpu);
	return (int)syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

enum symbols_status perf_ring_open(int cpu, size_t data_bytes, struct cpu_hotplug *hotplug,
				   struct perf_ring *ret_ring)
{
	struct perf_ring ring = {
		.control_bytes = (size_t)sysconf(_SC_PAGESIZE),
		.data_bytes = data_bytes,
	};
	void *mapped;

	ring.fd = open_dummy(cpu, data_bytes, hotplug);
	if (ring.fd < 0)
		return SYMBOLS_IO;
	mapped = mmap(NULL, ring.control_bytes + data_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		      ring.fd, 0);
	if (mapped == MAP_FAILED) {
		int saved_errno = errno;

		close(ring.fd);
		errno = saved_errno;
		return SYMBOLS_IO;
	}
	ring.control = mapped;
	ring.joined = malloc(PERF_RECORD_MAX_BYTES);
	if (!ring.joined) {
		perf_ring_close(&ring);
		return SYMBOLS_NO_MEMORY;
	}
	*ret_ring = ring;
	return SYMBOLS_OK;
}

void perf_ring_close(struct perf_ring *ring)
{
	if (!ring->control)
		return;
	munmap(ring->control, ring->control_bytes + ring->data_bytes);
	close(ring->fd);
	free(ring->joined);
	*ring = (struct perf_ring){.fd = -1};
}

/* Returns the bytes at a position of the stream, joined if they wrap around the end of the ring. */
static const void *bytes_at(struct perf_ring *ring, uint64_t position, size_t size_bytes)
{
	const uint8_t *data = (const uint8_t *)ring->control + ring->control_bytes;
	size_t offset = (size_t)(position & (ring->data_bytes - 1));
	size_t until_end = ring->data_bytes - offset;

	if (size_bytes <= until_end)
		return data + offset;
	memcpy(ring->joined, data + offset, until_end);
	memcpy(ring->joined + until_end, data, size_bytes - until_end);
	return ring->joined;
}

/* Returns the size of the visited record, 0 if it is not whole. */
static size_t visit_one(struct perf_ring *ring, uint64_t position, uint64_t head,
			void (*visit)(void *context, const struct perf_record *record),
			void *context)
{
	struct perf_event_header header;
	struct perf_record record;

	if (head - position < sizeof(header))
		return 0;
	memcpy(&header, bytes_at(ring, position, sizeof(header)), sizeof(header));
	if (header.size < sizeof(header) || header.size > head - position)
		return 0;
	if (perf_record_decode(bytes_at(ring, position, header.size), header.size, &record)) {
		record.after_ns = ring->last_ns;
		ring->last_ns = record.time_ns;
		visit(context, &record);
	}
	return header.size;
}

bool perf_ring_is_full(const struct perf_ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);

	return head - ring->control->data_tail + LARGEST_BYTES > ring->data_bytes;
}

bool perf_ring_drain(struct perf_ring *ring,
		     void (*visit)(void *context, const struct perf_record *record), void *context)
{
	uint64_t head = __atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);
	uint64_t position = ring->control->data_tail;
	bool valid = true;

	while (position < head && valid) {
		size_t size_bytes = visit_one(ring, position, head, visit, context);

		valid = size_bytes > 0;
		position += size_bytes;
	}
	__atomic_store_n(&ring->control->data_tail, head, __ATOMIC_RELEASE);
	return valid;
}
