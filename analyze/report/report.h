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
	REPORT_ANSWERS, /* the answers, then the tables */
	REPORT_EVENTS,
	REPORT_JSON,
	REPORT_INFO,
	REPORT_VERIFY,
};

struct report_options {
	enum report_mode mode;
	struct selection selection;
	size_t top;     /* answers shown; 0: all */
	bool stacks;    /* whole call chains below rows and events; in JSON, any */
	bool no_stacks; /* none at all, not even in answers */
	bool colour;
};

struct report {
	const struct report_options *options;
	struct trace *trace; /* loaded */
	struct progress *progress;
	FILE *out;
};

/*
 * Writes the report. False without memory; what is wrong with the files, or why they could not be
 * read to the end, is then in trace_problem(), and failures of writing are in the stream.
 */
bool report_write(const struct report *report);

#endif
