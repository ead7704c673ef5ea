/* analyze/report/report.h - the reports of diag-report */
#ifndef ANALYZE_REPORT_REPORT_H
#define ANALYZE_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/replay/selection.h"
#include "analyze/trace/trace.h"
#include "text/progress.h"

enum report_mode {
	REPORT_ANSWERS, /* answers, then tables */
	REPORT_EVENTS,
	REPORT_JSON,
	REPORT_INFO,
	REPORT_VERIFY,
};

struct report_options {
	enum report_mode mode;
	struct selection selection;
	size_t top;     /* number of answers that are printed; 0: all */
	bool stacks;    /* print whole call stacks below rows and events; print any in JSON */
	bool no_stacks; /* print no stacks, not even in answers */
	bool colour;
};

struct report {
	const struct report_options *options;
	struct trace *trace; /* loaded */
	struct progress *progress;
	FILE *out;
};

/*
 * Writes the report. Returns false on allocation failure. After it, trace_problem() returns the
 * problems of the files, also why they could not be read to the end. Write errors are in the
 * stream.
 */
bool report_write(const struct report *report);

#endif
