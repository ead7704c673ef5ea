/* record/attach/rings.c - reads the ring buffers of the BPF programs
 *
 * Rings are the largest mappings of diag-record, and libbpf maps each twice, so that no record
 * wraps. Here they are mapped once; a record that wraps is copied to a buffer.
 */
#include "record/attach/rings.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/probes/probe_programs.h"
#include "record/profile/event_sums.h"

#define RINGS_TURN_COUNT 20000 /* most records from one ring before the next ring is read */

/* Positions count bytes since the ring was created. */
struct ring {
	int fd;
	size_t bytes;                  /* of data; a power of two */
	unsigned long *consumed;       /* in a separate page, which the kernel reads */
	void *mapped;                  /* a page with the producer position, then the data */
	const unsigned long *produced; /* in `mapped` */
	const uint8_t *data;           /* in `mapped` */
	unsigned long looked;          /* producer position when the hits of probes were counted */
};

struct rings {
	struct rings_consumer consumer;
	struct ring rings[PROGRAMS_BUFFERS_MAX];
	size_t count;
	uint8_t *whole;         /* space for a record that wraps */
	struct hit_queue *hits; /* NULL: no probes are recorded */
	struct event_sums *sums;
	uint64_t waited_bytes; /* read, of records that could wait */
};

static void ring_unmap(const struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (ring->consumed != MAP_FAILED)
		munmap(ring->consumed, page);
	if (ring->mapped != MAP_FAILED)
		munmap(ring->mapped, page + ring->bytes);
}

static bool ring_map(int fd, struct ring *ret_ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	struct ring ring = {.fd = fd};
	int saved_errno;

	if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0)
		return false;
	ring.bytes = info.max_entries;
	ring.consumed = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ring.mapped = mmap(NULL, page + ring.bytes, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (ring.consumed == MAP_FAILED || ring.mapped == MAP_FAILED) {
		saved_errno = errno;
		ring_unmap(&ring);
		errno = saved_errno;
		return false;
	}
	ring.produced = ring.mapped;
	ring.data = (const uint8_t *)ring.mapped + page;
	*ret_ring = ring;
	return true;
}

static size_t largest_ring(const struct rings *rings)
{
	size_t bytes = 1;

	for (size_t i = 0; i < rings->count; i++)
		bytes = rings->rings[i].bytes > bytes ? rings->rings[i].bytes : bytes;
	return bytes;
}

static bool rings_open_hits(struct rings *rings, const struct programs *programs,
			    struct problem *ret_problem)
{
	struct probe_programs *probes = programs_probes(programs);
	struct hit_queue_memory memory;

	if (!probes)
		return true;
	if (!probe_programs_map_queue(probes, &memory, ret_problem))
		return false;
	rings->hits = hit_queue_new(&memory);
	return rings->hits || problem_set(ret_problem, "out of memory");
}

bool rings_open(struct programs *programs, const struct rings_consumer *consumer,
		struct rings **ret_rings, struct problem *ret_problem)
{
	struct rings *rings = calloc(1, sizeof(*rings));
	int fd;

	if (!rings)
		return problem_set(ret_problem, "out of memory");
	rings->consumer = *consumer;
	rings->sums = programs_sums(programs);
	while (rings->count < PROGRAMS_BUFFERS_MAX &&
	       (fd = programs_ring_fd(programs, rings->count)) >= 0) {
		if (!ring_map(fd, &rings->rings[rings->count])) {
			problem_set(ret_problem, "cannot map a ring buffer: %s", strerror(errno));
			rings_free(rings);
			return false;
		}
		rings->count++;
	}
	rings->whole = malloc(largest_ring(rings));
	if (!rings->whole) {
		rings_free(rings);
		return problem_set(ret_problem, "out of memory");
	}
	if (!rings_open_hits(rings, programs, ret_problem)) {
		rings_free(rings);
		return false;
	}
	*ret_rings = rings;
	return true;
}

bool rings_watch(const struct rings *rings, int epoll_fd, struct problem *ret_problem)
{
	for (size_t i = 0; i < rings->count; i++) {
		struct epoll_event event = {.events = EPOLLIN};

		if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, rings->rings[i].fd, &event) != 0)
			return problem_set(ret_problem, "cannot wait for a ring buffer: %s",
					   strerror(errno));
	}
	return true;
}

/* Returns the bytes of a record in one piece. */
static const void *make_whole(const struct rings *rings, const struct ring *ring, size_t at,
			      size_t size)
{
	size_t before_end;

	at &= ring->bytes - 1;
	before_end = ring->bytes - at;
	if (size <= before_end)
		return ring->data + at;
	memcpy(rings->whole, ring->data + at, before_end);
	memcpy(rings->whole + before_end, ring->data, size - before_end);
	return rings->whole;
}

/* Whether a record can wait until sums are read: a sample, or a stack that was walked. Its event
 * wakes diag-record unless it can wait too. A stack that was only copied cannot: its files must be
 * opened while its process is there. */
static bool can_wait(const void *record, size_t size)
{
	const struct event_header *header = record;
	const struct event_user_stack *stack = record;

	if (size < sizeof(*header) || header->kind == EVENT_CPU)
		return size >= sizeof(*header);
	return header->kind == EVENT_USER_STACK && size >= sizeof(*stack) && stack->frame_count;
}

enum turn {
	TURN_DONE, /* the ring is empty, or its next record is not complete yet */
	TURN_OVER, /* there are more records */
	TURN_STOPPED,
};

/* The bytes that a record takes in a ring. */
static size_t ring_bytes_of(size_t size)
{
	return (size + BPF_RINGBUF_HDR_SZ + 7) & ~(size_t)7;
}

/* Headers have 8 bytes at multiples of 8, so they never wrap. */
static enum turn read_ring(struct rings *rings, struct ring *ring)
{
	unsigned long at = __atomic_load_n(ring->consumed, __ATOMIC_ACQUIRE);

	for (size_t taken = 0; taken < RINGS_TURN_COUNT; taken++) {
		const uint8_t *header = ring->data + (at & (ring->bytes - 1));
		const void *record;
		bool wanted = true;
		uint32_t state;
		size_t size;

		if (at == __atomic_load_n(ring->produced, __ATOMIC_ACQUIRE))
			return TURN_DONE;
		state = __atomic_load_n((const uint32_t *)(const void *)header, __ATOMIC_ACQUIRE);
		if (state & BPF_RINGBUF_BUSY_BIT)
			return TURN_DONE;
		size = state & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		if (!(state & BPF_RINGBUF_DISCARD_BIT)) {
			record = make_whole(rings, ring, at + BPF_RINGBUF_HDR_SZ, size);
			if (can_wait(record, size))
				rings->waited_bytes += ring_bytes_of(size);
			wanted = rings->consumer.take(rings->consumer.context, record, size);
		}
		at += ring_bytes_of(size);
		__atomic_store_n(ring->consumed, at, __ATOMIC_RELEASE);
		if (!wanted)
			return TURN_STOPPED;
	}
	return TURN_OVER;
}

/* Notes how many hits of probes there are, and then the positions of the rings, which contain
 * everything that these hits refer to. */
static void look(struct rings *rings)
{
	hit_queue_look(rings->hits);
	for (size_t i = 0; i < rings->count; i++)
		rings->rings[i].looked =
			__atomic_load_n(rings->rings[i].produced, __ATOMIC_ACQUIRE);
}

/* Whether all of that has been read. A record that is not complete yet holds up those behind it. */
static bool has_caught_up(const struct rings *rings)
{
	for (size_t i = 0; i < rings->count; i++) {
		if (*rings->rings[i].consumed < rings->rings[i].looked)
			return false;
	}
	return true;
}

bool rings_read(struct rings *rings, bool *ret_more)
{
	const bool has_sums = event_sums_turn(rings->sums, clock_boottime_ns());
	bool more = false;

	if (rings->hits)
		look(rings);
	for (size_t i = 0; i < rings->count; i++) {
		enum turn turn = read_ring(rings, &rings->rings[i]);

		if (turn == TURN_STOPPED)
			return false;
		more |= turn == TURN_OVER;
	}
	*ret_more = more;
	if (has_sums && !more &&
	    !event_sums_read(rings->sums, rings->consumer.take, rings->consumer.context))
		return false;
	return !rings->hits || !has_caught_up(rings) ||
	       hit_queue_read(rings->hits, rings->consumer.take, rings->consumer.context);
}

/* A record that is not complete yet can be one that must not wait. */
static bool ring_can_wait(const struct rings *rings, const struct ring *ring)
{
	unsigned long at = *ring->consumed;

	while (at != __atomic_load_n(ring->produced, __ATOMIC_SEQ_CST)) {
		const uint8_t *header = ring->data + (at & (ring->bytes - 1));
		const uint32_t state =
			__atomic_load_n((const uint32_t *)(const void *)header, __ATOMIC_ACQUIRE);
		const size_t size = state & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (state & (BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT) ||
		    !can_wait(make_whole(rings, ring, at + BPF_RINGBUF_HDR_SZ, size), size))
			return false;
		at += ring_bytes_of(size);
	}
	return true;
}

bool rings_can_wait(const struct rings *rings)
{
	for (size_t i = 0; i < rings->count; i++) {
		if (!ring_can_wait(rings, &rings->rings[i]))
			return false;
	}
	return true;
}

uint64_t rings_wait_ns(const struct rings *rings, uint64_t now_ns)
{
	return event_sums_wait_ns(rings->sums, now_ns);
}

uint64_t rings_urgent_bytes(const struct rings *rings)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < rings->count; i++)
		bytes += *rings->rings[i].consumed;
	return bytes - rings->waited_bytes;
}

bool rings_read_all(struct rings *rings)
{
	bool more = true;

	while (more) {
		if (!rings_read(rings, &more))
			return false;
	}
	return event_sums_read_all(rings->sums, rings->consumer.take, rings->consumer.context);
}

void rings_free(struct rings *rings)
{
	if (!rings)
		return;
	for (size_t i = 0; i < rings->count; i++)
		ring_unmap(&rings->rings[i]);
	free(rings->whole);
	hit_queue_free(rings->hits);
	free(rings);
}
