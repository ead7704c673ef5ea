/* record/output/piece_copy.h - copies of the pieces of a flight window, as files in memory
 *
 * Another program reads them while they are written. A copy is a complete file: unlike the piece in
 * the window it has a file header and an end. Writing to it never waits for its reader.
 *
 * A piece without events and losses has no file, since its reader would have nothing to show: the
 * file is created with the first of them.
 */
#ifndef RECORD_OUTPUT_PIECE_COPY_H
#define RECORD_OUTPUT_PIECE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include <dz/sink.h>

#include "base/buffer.h"

/* A copy that would become larger is left without its end. A piece is a sixteenth of the window, so
 * only a storm between two ticks can make it as large. */
#define PIECE_COPY_BYTES_MAX (UINT64_C(32) << 20)

/* Must not move while a sink of it is in use. */
struct piece_copy {
	/* Takes each file when it is created. Borrows the descriptor. */
	void (*begin)(void *context, int fd);
	void *context; /* borrowed */

	int fd;             /* of the current file; -1: none */
	uint64_t bytes;     /* of that file */
	bool is_held;       /* the file is not created yet */
	struct buffer held; /* what was written until now */
	bool is_ending;     /* what is written now is for the copy alone */
	struct dz_sink window;
};

/* Begins the next piece. Returns a sink that writes to its file and to `window`. If the file cannot
 * be created or written, the window alone gets everything. piece_copy_end() must follow. */
struct dz_sink piece_copy_begin(struct piece_copy *copy, const struct dz_sink *window);

/* Call before and after the end of the piece's file is written. A piece can also end without it. */
void piece_copy_begin_end(struct piece_copy *copy);
void piece_copy_end(struct piece_copy *copy);

#endif
