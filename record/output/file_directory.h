/* record/output/file_directory.h - a directory of recordings, with limits that outlive a recorder
 *
 * With -o DIR/ each file is called diag-HOST-YYYYmmdd-HHMMSS.dz. The recorder counts a file as one
 * of this directory's own if all of these hold: it is a regular file; its name has this form, with
 * this HOST; the second half of the uuid in its valid header is the stream id of the directory.
 * Files that are renamed, files of other hosts, and all other files are never removed. A file that
 * is being written (flock(2)) counts, but is not removed either.
 *
 * The stream id is random. It is kept in DIR/.diag-stream, as 16 hexadecimal digits.
 */
#ifndef RECORD_OUTPUT_FILE_DIRECTORY_H
#define RECORD_OUTPUT_FILE_DIRECTORY_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/problem.h"

#define FILE_DIRECTORY_HOST_BYTES 256u

/* What is kept of the own files of a directory. 0: no such limit. */
struct file_directory_limits {
	uint64_t count; /* files, with the current one */
	uint64_t bytes; /* of all own files */
	uint64_t age_s; /* a file older than this is removed; its age counts from its last write */
};

struct file_directory {
	char path[PATH_MAX]; /* ends with a slash */
	char host[FILE_DIRECTORY_HOST_BYTES];
	uint64_t stream_id; /* never 0 */
	int fd;             /* of the directory; -1: not open */
	struct file_directory_limits limits;
};

/* Returns whether an operand of -o means a directory: it ends with a slash, or is one. */
bool file_directory_is_meant(const char *path);

/* Opens the directory, creates it with mode 0700 if it does not exist, and reads or creates its
 * stream id. On success the caller must call file_directory_close(). Returns false and sets
 * *ret_problem on failure. */
bool file_directory_open(const char *path, const char *host,
			 const struct file_directory_limits *limits,
			 struct file_directory *ret_directory, struct problem *ret_problem);

/* Writes the path of a file that begins at `when`. `number` is 1, and more if the name is taken.
 * Returns false if it does not fit. */
bool file_directory_path(const struct file_directory *directory, time_t when, unsigned int number,
			 char *path, size_t capacity);

/*
 * Removes own files, the oldest first, until the limits hold with `new_files` more of
 * `reserved_bytes` in all. A file without a header yet is not an own one, so that a file that was
 * just created is not counted twice. Allocates nothing. Returns false and sets *ret_problem if a
 * file cannot be removed; the limits may then not hold.
 */
bool file_directory_prune(const struct file_directory *directory, unsigned int new_files,
			  uint64_t reserved_bytes, struct problem *ret_problem);

/* Closes the directory; can be called again. */
void file_directory_close(struct file_directory *directory);

#endif
