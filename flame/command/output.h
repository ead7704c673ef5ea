/* flame/command/output.h - standard output, or a new file that is whole or not there */
#ifndef FLAME_COMMAND_OUTPUT_H
#define FLAME_COMMAND_OUTPUT_H
#include <stdbool.h>
#include <stdio.h>

#include "base/new_file.h"

struct output {
	const char *path;     /* borrowed; NULL: standard output */
	struct new_file file; /* open unless path is NULL */
	FILE *stream;         /* after output_start() */
};

/*
 * Opens a new file, or with path NULL does nothing. A flame graph of diag-flame that has the name
 * is replaced; any other regular file only with `force`; a device or a pipe is written as it is.
 * Prints a message and returns false on failure. The caller must call output_close() on success.
 */
bool output_open(struct output *output, const char *path, bool force);

/* Whether the output becomes visible only by output_publish(). */
bool output_is_new_file(const struct output *output);

/* Opens the stream. Call in the process that writes. Returns false and sets errno on failure. */
bool output_start(struct output *output);

/* Flushes and closes the stream. Returns false and sets errno if not every byte was written. */
bool output_finish(struct output *output);

/* Gives a new file its name. Call in the process that opened it, after output_finish() in the one
 * that writes. Prints a message and returns false on failure. */
bool output_publish(struct output *output);

/* Closes the output, and removes a new file that has no name yet. */
void output_close(struct output *output);
#endif
