/* analyze/program/file_opener.h - opens the files of a command line for a sandboxed process
 *
 * More files than descriptors can be named. A sandboxed process cannot open them again, so it asks
 * by number. The opener never reads them.
 */
#ifndef ANALYZE_PROGRAM_FILE_OPENER_H
#define ANALYZE_PROGRAM_FILE_OPENER_H

#include <stdbool.h>
#include <stddef.h>

struct file_opener {
	int fd; /* -1: not started */
	int process;
};

/*
 * Starts the opener for `count` paths. Call before entering the sandbox. On success, the caller
 * must call file_opener_stop(). On failure prints the reason and returns false.
 */
bool file_opener_start(const char *program, char *const *paths, size_t count,
		       struct file_opener *ret_opener);

/* Opens file `number`, which must be below `count`. Returns a descriptor, which the caller owns, or
 * -1 with errno: EPIPE if the opener has ended, ESTALE if the path is not a regular file any more.
 */
int file_opener_open(const struct file_opener *opener, size_t number);

/* Ends the opener. It is not waited for: a sandboxed process cannot. Does nothing if not started.
 */
void file_opener_stop(struct file_opener *opener);

#endif
