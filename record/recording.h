/* record/recording.h - one file being recorded: its header, what it says about itself, its end */
#ifndef RECORD_RECORDING_H
#define RECORD_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "format/writer.h"
#include "record/clock.h"
#include "record/output/output.h"
#include "record/problem.h"

/* Must not move while it is open. */
struct recording {
	struct output output;
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

/* The same with a file that somebody else has made. It is taken over, and closed on failure. */
bool recording_open_made(const struct output *output, struct recording *ret_recording,
			 struct problem *ret_problem);

/* Notes a fact, such as recorder.version. */
bool recording_note(struct recording *recording, const char *key, const char *value,
		    struct problem *ret_problem);
bool recording_note_number(struct recording *recording, const char *key, uint64_t value,
			   struct problem *ret_problem);

/* Says why the writer or its file failed. Returns false. */
bool recording_problem(const struct recording *recording, enum dz_status status,
		       struct problem *ret_problem);

/* Writes everything that waits, so that the writer's totals count it. */
bool recording_flush(struct recording *recording, struct problem *ret_problem);

/* Flushes, syncs and notes the clocks, each if its time has come; to be called a few times a
 * second. */
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
