/* record/output/size_limit.h - keeps a file below the size that was asked for: what no longer fits
 * is counted, or goes to the next file
 *
 * Without a next file, once an event did not fit the file is full: all later ones are counted as
 * lost, so that recorded and lost events are all that happened until the end of the recording.
 */
#ifndef RECORD_OUTPUT_SIZE_LIMIT_H
#define RECORD_OUTPUT_SIZE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/output/recording.h"
#include <dz/schema.h>

/* A file holds at least what it says about itself and some events. */
#define SIZE_LIMIT_BYTES_MIN (64u << 10)

#define SIZE_LIMIT_KINDS 64u

struct size_limit_loss {
	uint64_t count;
	uint64_t first_ns; /* CLOCK_BOOTTIME */
	uint64_t last_ns;
};

/*
 * Begins the next file, to which size_limit_begin() applies the limit anew. If there cannot
 * be one, it takes the limit away (bytes_max is 0): the event still goes to the present file.
 */
struct size_limit_next {
	void *context;
	void (*begin)(void *context);
};

/* Zeroed, it limits nothing. */
struct size_limit {
	uint64_t bytes_max;          /* 0: none */
	const char *option;          /* that asked for it, such as --max-size */
	struct size_limit_next next; /* without a function there is none */
	struct recording *recording;
	uint64_t end_bytes;    /* kept for what is written at the end */
	uint64_t record_bytes; /* kept for an event, its strings and stacks */
	bool is_full;
	uint64_t lost; /* in all files */
	struct size_limit_loss losses[SIZE_LIMIT_KINDS];
};

/*
 * From now on this recording, which is borrowed, takes at most bytes_max, of which end_bytes are
 * kept for facts and counts at its end. False: what has been written leaves no room for events.
 */
bool size_limit_begin(struct size_limit *limit, struct recording *recording, uint64_t end_bytes,
		      struct problem *ret_problem);

/*
 * Whether there is room for an event of this kind and time. If not, it has been counted. May flush,
 * or begin the next file, so that references given out before are stale, and with the next file the
 * writer is another one. Steps and histograms begin none: they stay with their section, in a file
 * that they make larger than it should be.
 */
bool size_limit_admits(struct size_limit *limit, enum dz_kind kind, uint64_t time_ns);

/* Writes down what did not fit. */
bool size_limit_note_losses(struct size_limit *limit, struct problem *ret_problem);

#endif
