/* record/attach/losses.h - lost events, from the kernel's counters to the file */
#ifndef RECORD_ATTACH_LOSSES_H
#define RECORD_ATTACH_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/attach/programs.h"
#include "record/output/recording.h"

#define LOSSES_RINGS_MAX 8

/* What was lost because a ring buffer was full. */
struct loss_of_ring {
	const char *name;      /* such as "user stack" */
	uint64_t ring_bytes;   /* of all its buffers */
	uint64_t buffer_bytes; /* of each */
	uint64_t larger_bytes; /* a --ring-size to try */
	uint64_t count;
	uint64_t full_ns; /* sum of the times between the first and last loss of each collection */
};

struct losses;

/* Borrows the programs. Returns NULL on allocation failure. */
struct losses *losses_new(struct programs *programs);

/* Returns when to call losses_collect() while there are no events: at once if a BPF program has
 * counted a loss, which also wakes an idle recorder; else 10 s after the last call, since what the
 * kernel counts is found by looking only. CLOCK_BOOTTIME. */
uint64_t losses_due_ns(const struct losses *losses);

/* Has the next losses_collect() read all counters: at the end of a file nothing may be missing. On
 * arm64 a program can see the flag of an earlier loss that is being cleared before its own count
 * can be read. */
void losses_read_all(struct losses *losses);

/* Adds records of kind lost for all events lost since the last call. */
bool losses_collect(struct losses *losses, struct recording *recording,
		    struct problem *ret_problem);

/* Adds the user stacks that diag-record itself could not unwind, as a count since the start, to the
 * next call of losses_collect(). */
void losses_set_user_stacks(struct losses *losses, uint64_t count);

/* Returns the i-th ring that was full, as far as losses were collected; false beyond the last. */
bool losses_of_ring(const struct losses *losses, size_t index, struct loss_of_ring *ret_loss);

/* Returns the number of lost events found so far. */
uint64_t losses_total(const struct losses *losses);

/* NULL is allowed. Does not free the programs. */
void losses_free(struct losses *losses);

#endif
