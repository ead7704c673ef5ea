/* text/progress.h - one line on a terminal that says how far a long run has come */
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
	uint64_t next_ns;  /* nothing is drawn before */
	bool enabled;
	bool drawn;
};

/*
 * Starts the clock. Nothing is ever drawn if `stream` is no terminal, and nothing during the first
 * second. `program` is borrowed until progress_end(). `total_bytes` 0: unknown, so no percentage.
 */
void progress_begin(struct progress *progress, FILE *stream, const char *program,
		    uint64_t total_bytes);

/* Draws at most five times a second; meant to be called per block or buffer, not per event. */
void progress_update(struct progress *progress, uint64_t done_bytes, uint64_t items);

/* Wipes the line, so that what is printed next starts on a clean one. */
void progress_end(struct progress *progress);

/* The line itself, without terminal control: "12.0 MiB of 1.1 GiB (1 %), 3.4 M items, 42.0 s left"
 */
void progress_describe(const struct progress *progress, uint64_t elapsed_ns, uint64_t done_bytes,
		       uint64_t items, char line[static PROGRESS_LINE_MAX]);
#endif
