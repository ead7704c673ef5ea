/* analyze/lines/report_lines.h - source lines from debug files for the stacks of a report
 *
 * Each trace is copied to a memory file with its source lines (source_lines.h). The report reads
 * the copy.
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
	int *copies; /* memory files; -1: owned by the trace */
	size_t count;
};

/*
 * Prepares a broker and a memory file for each of `files` traces. Call before entering the sandbox.
 * Borrows the name of the program. On success, the caller must call report_lines_close(). On
 * failure prints the reason and returns false.
 */
bool report_lines_open(const char *program, const struct line_broker_places *places, size_t files,
		       struct report_lines *ret_lines);

/* Adds lines to all files of a loaded trace. If that fails for a file, prints the reason; the file
 * stays as it is. Returns false on allocation failure. */
bool report_lines_add(struct report_lines *lines, struct trace *trace);

/* Stops the broker and closes the memory files. *lines may be all zero. */
void report_lines_close(struct report_lines *lines);

#endif
