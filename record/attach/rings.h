/* record/attach/rings.h - reads the ring buffers of the BPF programs */
#ifndef RECORD_ATTACH_RINGS_H
#define RECORD_ATTACH_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/attach/programs.h"

struct rings;

/* Takes one record, which is valid during the call only. Returns false to stop reading. */
struct rings_consumer {
	void *context;
	bool (*take)(void *context, const void *record, size_t size);
};

/* Opens every ring that the programs use. They must outlive the rings. Copies the consumer. */
bool rings_open(struct programs *programs, const struct rings_consumer *consumer,
		struct rings **ret_rings, struct problem *ret_problem);

/* Adds the rings to an epoll set. A ring becomes readable when a BPF program wakes its reader. */
bool rings_watch(const struct rings *rings, int epoll_fd, struct problem *ret_problem);

/* Reads each ring in turn, up to a limit so that no ring waits long, and at times what programs
 * have added up. *ret_more is set if there are more records. Returns false if the consumer stopped.
 */
bool rings_read(struct rings *rings, bool *ret_more);

/* Reads everything that is left. Call when the programs are detached. Returns false if the consumer
 * stopped. */
bool rings_read_all(struct rings *rings);

/* Whether there is nothing to read that cannot wait until sums are read. Samples and walked stacks
 * can: they do not wake a reader that sleeps for long. Queues of probe hits are not looked at. */
bool rings_can_wait(const struct rings *rings);

/* Returns how long there are no sums to read; UINT64_MAX if nothing is added up. */
uint64_t rings_wait_ns(const struct rings *rings, uint64_t now_ns);

/* Returns how many bytes of records that cannot wait were read from all rings, to notice that there
 * are new ones. */
uint64_t rings_urgent_bytes(const struct rings *rings);

/* NULL is allowed. */
void rings_free(struct rings *rings);

#endif
