/* record/rings.c - the rings through which events come from the kernel */
#include "record/rings.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define RINGS_MAX        8
#define RINGS_TURN_COUNT 20000 /* records from one ring before it is the next one's turn */

/* What a consumer's callback returns to libbpf, which stops at a negative number. */
#define RINGS_STOP (-ECANCELED)
#define RINGS_TURN (-EAGAIN)

struct rings {
	struct rings_consumer consumer;
	struct ring_buffer *buffers[RINGS_MAX];
	size_t count;
	size_t taken; /* in this turn */
};

static int rings_take(void *context, void *record, size_t size)
{
	struct rings *rings = context;

	if (!rings->consumer.take(rings->consumer.context, record, size))
		return RINGS_STOP;
	return ++rings->taken < RINGS_TURN_COUNT ? 0 : RINGS_TURN;
}

bool rings_open(const struct programs *programs, const struct rings_consumer *consumer,
		struct rings **ret_rings, struct problem *ret_problem)
{
	struct rings *rings = calloc(1, sizeof(*rings));
	int fd;

	if (!rings)
		return problem_set(ret_problem, "out of memory");
	rings->consumer = *consumer;
	while (rings->count < RINGS_MAX && (fd = programs_ring_fd(programs, rings->count)) >= 0) {
		struct ring_buffer *buffer = ring_buffer__new(fd, rings_take, rings, NULL);

		if (!buffer) {
			problem_set(ret_problem, "cannot map a ring: %s", strerror(errno));
			rings_free(rings);
			return false;
		}
		rings->buffers[rings->count++] = buffer;
	}
	*ret_rings = rings;
	return true;
}

bool rings_watch(const struct rings *rings, int epoll_fd, struct problem *ret_problem)
{
	for (size_t i = 0; i < rings->count; i++) {
		struct epoll_event event = {.events = EPOLLIN};

		if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ring_buffer__epoll_fd(rings->buffers[i]),
			      &event) != 0)
			return problem_set(ret_problem, "cannot wait for a ring: %s",
					   strerror(errno));
	}
	return true;
}

bool rings_read(struct rings *rings, bool *ret_more)
{
	bool more = false;

	for (size_t i = 0; i < rings->count; i++) {
		int result;

		rings->taken = 0;
		result = ring_buffer__consume(rings->buffers[i]);
		if (result == RINGS_STOP)
			return false;
		more |= result == RINGS_TURN;
	}
	*ret_more = more;
	return true;
}

void rings_free(struct rings *rings)
{
	if (!rings)
		return;
	for (size_t i = 0; i < rings->count; i++)
		ring_buffer__free(rings->buffers[i]);
	free(rings);
}
