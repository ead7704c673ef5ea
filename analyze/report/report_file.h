/* analyze/report/report_file.h - what diag-report tells about files rather than events */
#ifndef ANALYZE_REPORT_REPORT_FILE_H
#define ANALYZE_REPORT_REPORT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/replay/totals.h"
#include "analyze/replay/visitor.h"
#include "analyze/trace/trace.h"

/* Where and when a file was recorded, how large it is, and how it ended. */
void report_file_header(const struct trace_file *file, bool utc, FILE *out);

struct report_notes {
	FILE *out;
};

/* A visitor that writes what was noted while recording: command, host, filters, cost. */
struct visitor report_notes_visitor(struct report_notes *notes);

/* Records by kind, and what one of them takes of the files. */
void report_file_totals(const struct trace *trace, const struct totals *totals, FILE *out);

/* Decodes every block and writes what is wrong with it. False without memory or if the file cannot
 * be read any more. */
bool report_file_verify(const struct trace_file *file, FILE *out);

#endif
