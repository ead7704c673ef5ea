/* analyze/follow/live_lines.h - ends and signals as lines, at most 50 a second
 *
 * Events are put into slices of a tenth of a second, by their time. Of each slice the lines of the
 * worst classes are printed, in order of time. The others are counted by class, and the counts
 * follow at the end of their second. So the output depends on the events alone.
 */
#ifndef ANALYZE_FOLLOW_LIVE_LINES_H
#define ANALYZE_FOLLOW_LIVE_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

/* Lines a second. */
#define LIVE_LINES_MAX 50u

struct live_lines;

struct live_lines_options {
	FILE *out;
	bool all; /* also clean exits, ends of threads, and SIGCHLD */
	bool utc;
};

/* Copies the options. Returns NULL on allocation failure. */
struct live_lines *live_lines_new(const struct live_lines_options *options);

/* Writes the line with the heads of the columns. */
void live_lines_begin(struct live_lines *lines);

/* Returns a visitor that takes events. It stops on allocation failure, and if the stream reports an
 * error. */
struct visitor live_lines_visitor(struct live_lines *lines);

/* Prints what is complete if no event before unix_ns comes any more; UINT64_MAX: everything. */
void live_lines_advance(struct live_lines *lines, uint64_t unix_ns);

/* NULL is allowed. */
void live_lines_free(struct live_lines *lines);

#endif
