/* analyze/counts/counts_report.h - numbers of exits by keys, as a table or as JSON */
#ifndef ANALYZE_COUNTS_COUNTS_REPORT_H
#define ANALYZE_COUNTS_COUNTS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/counts/counts.h"
#include "analyze/replay/selection.h"
#include "analyze/trace/trace.h"
#include "text/progress.h"

struct counts_report {
	struct trace *trace; /* loaded */
	const struct selection *selection;
	struct progress *progress; /* NULL: none */
	struct counts_request request;
	size_t top; /* number of rows that are printed; 0: all */
	bool json;
	FILE *out;
};

/* Writes the report. Returns false on allocation failure. Write errors are in the stream, problems
 * of the files in the trace. */
bool counts_report_write(const struct counts_report *report);

#endif
