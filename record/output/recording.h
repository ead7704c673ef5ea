/* record/output/recording.h - a file that is being recorded, or the pieces of a flight window */
#ifndef RECORD_OUTPUT_RECORDING_H
#define RECORD_OUTPUT_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/common/clock.h"
#include "record/output/flight_window.h"
#include "record/output/output.h"
#include "record/output/piece_copy.h"
#include <dz/writer.h>

/* Must not move while it is open. */
struct recording {
	struct output output;
	struct flight_window *window; /* used instead of the output; NULL: none */
	struct piece_copy *copy;      /* of the pieces of the window; borrowed; NULL: none */
	struct dz_writer *writer;
	struct clock_reading clock; /* last one that was written */
	uint32_t generation;        /* of that clock record */
	uint64_t flush_ns;          /* interval of flushes; 0: the default */
	uint64_t flushed_ns;        /* CLOCK_BOOTTIME */
	uint64_t synced_ns;         /* when a sync last began */
	uint64_t synced_bytes;      /* of the file then */
};

/* Creates the file and writes its header. Returns false and sets *ret_problem on failure. On
 * success the caller must call recording_close(), recording_abandon() or recording_discard(). */
bool recording_open(const char *path, bool force, struct recording *ret_recording,
		    struct problem *ret_problem);

/* The same with a file that is open already. Takes ownership of *output, and closes it on failure.
 * The recording starts at `begin`, or now if that is NULL. */
bool recording_open_made(const struct output *output, const struct clock_reading *begin,
			 struct recording *ret_recording, struct problem *ret_problem);

/* Records into a flight window, and into copies of its pieces unless `copy` is NULL. Borrows both;
 * the path is for messages. Returns false and sets *ret_problem on failure. On success the caller
 * must call recording_abandon(). */
bool recording_open_window(struct flight_window *window, struct piece_copy *copy, const char *path,
			   struct recording *ret_recording, struct problem *ret_problem);

/* Ends the current piece of the window and starts another one, with a new writer. Returns false and
 * sets *ret_problem on failure. */
bool recording_next_piece(struct recording *recording, struct problem *ret_problem);

/* Counts lost events of a lost record, for a window; does nothing for a file. Borrows the name. */
void recording_note_loss(struct recording *recording, const char *kind, uint64_t count);

/* Adds an info record, such as recorder.version. Returns false and sets *ret_problem on failure. */
bool recording_add_info(struct recording *recording, const char *key, const char *value,
			struct problem *ret_problem);
bool recording_add_info_number(struct recording *recording, const char *key, uint64_t value,
			       struct problem *ret_problem);

/* Sets *ret_problem to the failure of the writer or its file. Always returns false. */
bool recording_problem(const struct recording *recording, enum dz_status status,
		       struct problem *ret_problem);

/* Writes all pending records, so that the totals of the writer include them. Returns false and sets
 * *ret_problem on failure. */
bool recording_flush(struct recording *recording, struct problem *ret_problem);

/* Flushes, syncs and records the clocks, each at its interval. Call a few times a second. Starts no
 * piece of a window. Returns false and sets *ret_problem on failure. */
bool recording_tick(struct recording *recording, struct problem *ret_problem);

/* Returns when recording_tick() must be called again if nothing more is added; UINT64_MAX: not
 * before. CLOCK_BOOTTIME. */
uint64_t recording_due_ns(const struct recording *recording);

/* Has the next recording_tick() record the clocks if they have moved. */
void recording_note_clock_set(struct recording *recording);

/* Writes index and trailer, and closes the file, also on failure. Sets *ret_totals to those of the
 * whole file. Returns false and sets *ret_problem on failure. */
bool recording_close(struct recording *recording, struct dz_writer_totals *ret_totals,
		     struct problem *ret_problem);

/* Closes the file without a trailer: it is not complete. */
void recording_abandon(struct recording *recording);

/* Closes and removes the file. */
void recording_discard(struct recording *recording);

#endif
