/* record/output/size_limit.h - keeps a file below its size limit
 *
 * An event that does not fit starts the next file. Until that one is there, events are counted as
 * lost. If there is to be no next file, the file is full then: this
 * and all later events are counted as lost, so that recorded and lost events are all that happened
 * until the end of the recording.
 */
#ifndef RECORD_OUTPUT_SIZE_LIMIT_H
#define RECORD_OUTPUT_SIZE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/output/recording.h"
#include <dz/schema.h>

/* Smallest limit: the info records and some events must fit. */
#define SIZE_LIMIT_BYTES_MIN (64u << 10)

#define SIZE_LIMIT_KINDS 64u

struct size_limit_loss {
	uint64_t count;
	uint64_t first_ns; /* CLOCK_BOOTTIME */
	uint64_t last_ns;
};

/*
 * Starts the next file, for which it calls size_limit_begin() again. If there cannot be a next
 * file, it removes the limit (bytes_max becomes 0), and the event goes to the current file. Returns
 * false if there is no next file yet: the event is lost then.
 */
struct size_limit_next {
	void *context;
	bool (*begin)(void *context);
};

/* Zeroed: no limit. */
struct size_limit {
	uint64_t bytes_max;          /* 0: no limit */
	const char *option;          /* that sets it, such as --max-size */
	struct size_limit_next next; /* begin is NULL: there is no next file */
	struct recording *recording;
	uint64_t end_bytes;    /* reserved for what is written at the end */
	uint64_t record_bytes; /* reserved for an event, its strings and stacks */
	bool is_full;
	uint64_t lost; /* in all files */
	struct size_limit_loss losses[SIZE_LIMIT_KINDS];
};

/*
 * Applies the limit to this recording, which it borrows. Reserves end_bytes for the info records
 * and counts at its end. Returns false and sets *ret_problem if no space is left for events.
 */
bool size_limit_begin(struct size_limit *limit, struct recording *recording, uint64_t end_bytes,
		      struct problem *ret_problem);

/*
 * Returns whether an event of this kind and time fits; if it does not, counts it as lost. Can
 * flush, which makes references stale, or start the next file, which also replaces the writer.
 * Steps and histograms do not start a file: they stay with their section, and can exceed the limit.
 */
bool size_limit_admits(struct size_limit *limit, enum dz_kind kind, uint64_t time_ns);

/* Writes lost records for the events that did not fit, and clears the counts. Returns false and
 * sets *ret_problem on failure. */
bool size_limit_note_losses(struct size_limit *limit, struct problem *ret_problem);

#endif
