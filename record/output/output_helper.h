/* record/output/output_helper.h - the helper process that creates the further files of a recording
 *
 * diag-record drops privileges before it records. This process keeps those to create the next file
 * and to remove the socket of --control. A request holds no name: names are fixed when it starts,
 * or made from the time. It removes the oldest files after it has created one, if there is a limit.
 */
#ifndef RECORD_OUTPUT_OUTPUT_HELPER_H
#define RECORD_OUTPUT_OUTPUT_HELPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/output/file_directory.h"
#include "record/output/output.h"
#include "record/output/socket_place.h"

/* The helper borrows the names while it runs. */
struct output_helper_names {
	const char *output;                 /* of the first file */
	const struct socket_place *control; /* of the socket, opened before; NULL: none */
	bool ascending;                     /* each new file has a greater number than all before */
	uint32_t kept_count; /* most files of this recording, with the current one; 0: no limit */
	/* Names files by time in this directory, and keeps its limits; NULL: names after `output`,
	 * keeps kept_count. */
	const struct file_directory *directory;
};

#define OUTPUT_HELPER_KEPT_MAX 10000u

struct output_helper;

/* Starts the process. Call before starting any thread, and before opening anything that the process
 * must not keep open. Returns false and sets *ret_problem on failure. On success the caller must
 * call output_helper_end(). */
bool output_helper_start(const struct output_helper_names *names, struct output_helper **ret_helper,
			 struct problem *ret_problem);

/* Reports that the first file has its name, so that it counts as one of the files to keep. In a
 * directory, removes files beyond its limits, so that a file of `bytes` can be created. Call once,
 * before output_helper_next(). Returns false and sets *ret_problem if a file cannot be removed. */
bool output_helper_count_first(struct output_helper *helper, uint64_t bytes,
			       struct problem *ret_problem);

/*
 * Creates a file as output_open() does, under the first free name: that of the first file, if it
 * was moved away, otherwise a numbered one. With `ascending` it takes the first free name after
 * that of the previous file. In a directory the name is made from the time. Then it removes the
 * oldest file if there are too many, unless another file has its name by now; in a directory it
 * counts the new file as `bytes`. Returns false and sets *ret_problem if the file cannot be
 * created. Returns true with a text in *ret_problem if the oldest cannot be removed; otherwise the
 * text is empty.
 *
 * Waits a second at most. If the process has not answered by then, output_helper_is_late() returns
 * true: the next call returns that file when it is there, and does not wait.
 */
bool output_helper_next(struct output_helper *helper, uint64_t bytes, struct output *ret_output,
			struct problem *ret_problem);

/* Returns whether the file that output_helper_next() has asked for is still being created. */
bool output_helper_is_late(const struct output_helper *helper);

/* Returns the file that was created last, open for reading only; -1: it could not be opened. The
 * caller closes it. Returns -1 if called again. */
int output_helper_take_reader(struct output_helper *helper);

/* Removes the file that was created last. */
void output_helper_discard(struct output_helper *helper);

/* Removes the socket of --control, if it still has this inode. */
void output_helper_remove_control(struct output_helper *helper, ino_t inode);

/* Reports if the process has ended or is stopped. NULL is allowed. */
void output_helper_watch(const struct output_helper *helper);

/* Ends the process. NULL is allowed. */
void output_helper_end(struct output_helper *helper);

#endif
