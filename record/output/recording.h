/* record/output/recording.h - one file being recorded: its header, what it says about itself, its
 * end; or the pieces of a flight recorder's window */
#ifndef RECORD_OUTPUT_RECORDING_H
#define RECORD_OUTPUT_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/common/clock.h"
#include "record/output/flight_window.h"
#include "record/output/output.h"
#include <dz/writer.h>

/* Must not move while it is open. */
struct recording {
	struct output output;
	struct flight_window *window; /* instead of the output; NULL: none */
	struct disk_sync
		*disk_sync; /* borrowed, for recording_tick(); NULL: it waits for the disk */
	struct dz_writer *writer;
	struct clock_reading clock; /* the last that was written */
	uint32_t generation;        /* that it was written in */
	uint64_t flushed_ns;        /* CLOCK_BOOTTIME */
	uint64_t synced_ns;
};

/* Makes the file and writes its header. On success recording_close() or recording_discard() has to
 * follow. */
bool recording_open(const char *path, bool force, struct recording *ret_recording,
		    struct problem *ret_problem);

/* The same with a file that somebody else has made. It is taken over, and closed on failure. What
 * it holds begins at `begin`, or now if that is NULL. */
bool recording_open_made(const struct output *output, const struct clock_reading *begin,
			 struct recording *ret_recording, struct problem *ret_problem);

/* Records into memory, which is borrowed; the path is the one that people are told.
 * recording_abandon() has to follow, and there is nothing else to close it. */
bool recording_open_window(struct flight_window *window, const char *path,
			   struct recording *ret_recording, struct problem *ret_problem);

/* Ends the window's present piece and begins another one, whose writer is another one, too. */
bool recording_next_piece(struct recording *recording, struct problem *ret_problem);

/* Counts what a row of this kind says was lost, for a window that has to know. The name is
 * borrowed. */
void recording_note_loss(struct recording *recording, const char *kind, uint64_t count);

/* Notes a fact, such as recorder.version. */
bool recording_add_info(struct recording *recording, const char *key, const char *value,
			struct problem *ret_problem);
bool recording_add_info_number(struct recording *recording, const char *key, uint64_t value,
			       struct problem *ret_problem);

/* Says why the writer or its file failed. Returns false. */
bool recording_problem(const struct recording *recording, enum dz_status status,
		       struct problem *ret_problem);

/* Writes everything that waits, so that the writer's totals count it. */
bool recording_flush(struct recording *recording, struct problem *ret_problem);

/* Flushes, syncs and notes the clocks, each if its time has come; to be called a few times a
 * second. Does not cut a window. */
bool recording_tick(struct recording *recording, struct problem *ret_problem);

/* Writes index and trailer and closes the file, also if it fails. *ret_totals are those of the
 * whole file. */
bool recording_close(struct recording *recording, struct dz_writer_totals *ret_totals,
		     struct problem *ret_problem);

/* Closes the file as it is, without saying that it is complete. */
void recording_abandon(struct recording *recording);

/* Removes the file. */
void recording_discard(struct recording *recording);

#endif
