/* text/progress.h - a progress line on a terminal */
#ifndef TEXT_PROGRESS_H
#define TEXT_PROGRESS_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PROGRESS_LINE_MAX 192u

/* The fields are private. */
struct progress {
	FILE *stream;
	const char *program;
	uint64_t total_bytes;
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	uint64_t next_ns;  /* earliest time of the next update */
	bool enabled;
	bool drawn;
};

/*
 * Starts the clock. Nothing is drawn if `stream` is not a terminal, or during the first second.
 * Borrows `program` until progress_end(). `total_bytes` 0: unknown, no percentage.
 */
void progress_begin(struct progress *progress, FILE *stream, const char *program,
		    uint64_t total_bytes);

/* Draws the line at most five times a second. Call it per block or buffer, not per event. */
void progress_update(struct progress *progress, uint64_t done_bytes, uint64_t items);

/* Clears the line for the next output. */
void progress_end(struct progress *progress);

/* Formats the line, without control characters:
 * "12.0 MiB of 1.1 GiB (1 %), 3.4 M items, 42.0 s left" */
void progress_describe(const struct progress *progress, uint64_t elapsed_ns, uint64_t done_bytes,
		       uint64_t items, char line[static PROGRESS_LINE_MAX]);
#endif
