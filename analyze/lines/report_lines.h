/* analyze/lines/report_lines.h - a report whose stacks have lines out of debug files
 *
 * Each trace is copied in memory with what is found (source_lines.h), and the copy is reported.
 */
#ifndef ANALYZE_LINES_REPORT_LINES_H
#define ANALYZE_LINES_REPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/lines/line_broker.h"
#include "analyze/trace/trace.h"

struct report_lines {
	const char *program;
	struct line_broker broker;
	int *copies; /* memory files, -1 for those that were given away */
	size_t count;
};

/* Before the program locks itself in, for so many files. Prints why it cannot and returns false. */
bool report_lines_open(const char *program, const struct line_broker_places *places, size_t files,
		       struct report_lines *ret_lines);

/* Adds lines to all files of a loaded trace. A file that this cannot be done with is told and stays
 * as it is. False without memory. */
bool report_lines_add(struct report_lines *lines, struct trace *trace);

/* A zeroed one is allowed. */
void report_lines_close(struct report_lines *lines);

#endif
