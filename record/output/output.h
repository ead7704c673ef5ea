/* record/output/output.h - the file of a recording: created safely, appended to, synced
 *
 * base/new_file creates the file, with mode 0600, and holds a lock (flock(2)) on it while it is
 * open, so that another recorder never replaces it. After a failed write the file is truncated to
 * its last complete block, and nothing more is written.
 */
#ifndef RECORD_OUTPUT_OUTPUT_H
#define RECORD_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/new_file.h"
#include "base/problem.h"
#include "record/output/disk_writer.h"
#include <dz/writer.h>

struct output {
	struct new_file file;
	uint64_t bytes_max;         /* 0: no limit; a write beyond it fails with EFBIG */
	uint64_t bytes;             /* of complete blocks */
	uint64_t synced_bytes;      /* how many of these are on the disk */
	struct disk_writer *writer; /* of a file that was passed on; NULL: this process writes */
	uint32_t number;            /* of the file there */
	int error;                  /* errno of the write or sync that failed; 0: none did */
	uint64_t stream_id;         /* of its directory, see file_directory.h; 0: none */
};

/*
 * Creates the file. An existing one is refused, unless `force` is set: then a temporary file
 * replaces it in output_publish(). Never replaces a file that another recorder is writing.
 *
 * Returns false and sets *ret_problem on failure. On success the caller must call output_close() or
 * output_discard(). *ret_output must not move while a sink of it is in use.
 */
bool output_open(const char *path, bool force, struct output *ret_output,
		 struct problem *ret_problem);

/* Syncs the file and its directory, and gives a temporary file its name. Returns false and sets
 * *ret_problem on failure. */
bool output_publish(struct output *output, struct problem *ret_problem);

/* Passes the file to `writer`, which is borrowed. From then on no function below waits for the
 * disk, and failures are seen later. Returns false and sets *ret_problem on failure. */
bool output_pass_on(struct output *output, struct disk_writer *writer, struct problem *ret_problem);

/* Opens the file a second time, for reading only. Returns the descriptor, which the caller closes;
 * -1 and errno on failure. */
int output_open_to_read(const struct output *output);

/* Returns a sink that appends to the file. A failure is stored in output->error. */
struct dz_sink output_sink(struct output *output);

/* Truncates the file to its first `bytes` bytes; ignores an error. */
void output_truncate(struct output *output, uint64_t bytes);

/* Syncs what was written since the last sync. Waits for it, unless the file was passed on. This
 * function and the next two return false if any write or sync has failed so far: see output->error.
 */
bool output_sync(struct output *output);

/* Starts such a sync without waiting for it, if the file was passed on; otherwise the same. */
bool output_begin_sync(struct output *output);

/* Looks for a failure of the process that writes the file. */
bool output_check(struct output *output);

/* Returns whether the last sync has ended. If not, begin it again later: one that is asked for
 * while another is under way is left out. */
bool output_is_synced(const struct output *output);

/* Sets *ret_problem to the failure in output->error. Always returns false. */
bool output_problem(const struct output *output, struct problem *ret_problem);

/* Syncs the file and closes it. Returns false if that, or any write or sync before, has failed. */
bool output_close(struct output *output);

/* Removes the file, unless something else has its name by now, and closes it. One that was passed
 * on is only closed. */
void output_discard(struct output *output);

#endif
