/* record/output/output.h - the file that a recording goes to: made safely, appended to, never
 * overwritten
 *
 * The file is made by its own directory's descriptor, exclusively, never through a symbolic link,
 * with mode 0600 whatever the umask, and locked (flock) as long as it is open: a file that another
 * recorder writes is never replaced. After a failed write it is cut back to the last complete
 * block, and nothing more is written.
 */
#ifndef RECORD_OUTPUT_OUTPUT_H
#define RECORD_OUTPUT_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/output/disk_sync.h"
#include <dz/writer.h>

struct output {
	char path[PATH_MAX]; /* as people are told */
	char name[NAME_MAX + 1];
	char temporary[NAME_MAX + 1]; /* the name until output_publish(), empty if there is none */
	int directory_fd;
	int fd;
	uint64_t bytes_max;    /* 0: none; a write beyond it fails as EFBIG */
	uint64_t bytes;        /* of complete blocks */
	uint64_t synced_bytes; /* of these, on the disk */
	/* What is bringing the file to the disk now, NULL if nothing is; and how much of it. */
	struct disk_sync *syncing;
	uint64_t syncing_bytes;
	int error; /* errno of the write or sync that failed, 0 if none did */
};

/*
 * Makes the file. An existing one is refused, unless `force` is set and it is a regular file: then
 * a temporary file takes its place at output_publish(). On success output_close() or
 * output_discard() has to follow. *ret_output must not move while a sink of it is in use.
 */
bool output_open(const char *path, bool force, struct output *ret_output,
		 struct problem *ret_problem);

/* Gives a temporary file its name. After this the file stays. */
bool output_publish(struct output *output, struct problem *ret_problem);

/* Appends to the file; a failure is kept in output->error. */
struct dz_sink output_sink(struct output *output);

/* Takes everything beyond the first `bytes` away again, as far as that can be done. */
void output_truncate(struct output *output, uint64_t bytes);

/* Brings what was written to the disk, if there is anything new, and waits for it. This and the two
 * that follow return false once anything has failed: output->error. */
bool output_sync(struct output *output);

/* Begins to do so without waiting for it, unless it is being done already. `sync` is borrowed until
 * the file is closed, and of no other use meanwhile; NULL does it at once. */
bool output_begin_sync(struct output *output, struct disk_sync *sync);

/* Takes notice of the end of a sync that was begun, if it has ended. */
bool output_check_sync(struct output *output);

/* Says what went wrong with the file. Returns false. */
bool output_problem(const struct output *output, struct problem *ret_problem);

/* Brings the file to the disk and closes it; false if either, or anything before, has failed. */
bool output_close(struct output *output);

/* Closes the file and removes it. */
void output_discard(struct output *output);

#endif
