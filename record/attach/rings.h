/* record/attach/rings.h - the rings through which events come from the kernel */
#ifndef RECORD_ATTACH_RINGS_H
#define RECORD_ATTACH_RINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"
#include "record/attach/programs.h"

struct rings;

/* Takes one record; it is valid during the call only. False stops the reading. */
struct rings_consumer {
	void *context;
	bool (*take)(void *context, const void *record, size_t size);
};

/* Opens every ring that the programs use, which must outlive the rings. The consumer is copied. */
bool rings_open(const struct programs *programs, const struct rings_consumer *consumer,
		struct rings **ret_rings, struct problem *ret_problem);

/* Adds the rings to an epoll set, where a full one wakes up whoever waits. */
bool rings_watch(const struct rings *rings, int epoll_fd, struct problem *ret_problem);

/*
 * Reads from each ring what is there, but from none so much that the others have to wait long.
 * *ret_more tells that there is more. False if the consumer stopped.
 */
bool rings_read(struct rings *rings, bool *ret_more);

/* NULL is allowed. */
void rings_free(struct rings *rings);

#endif
