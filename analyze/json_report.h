/* analyze/json_report.h - events as NDJSON, one object a line (diag-report(1), JSON) */
#ifndef ANALYZE_JSON_REPORT_H
#define ANALYZE_JSON_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/totals.h"
#include "analyze/visitor.h"

struct json_report {
	FILE *out;
	bool stacks;        /* write them */
	bool out_of_memory; /* why the visitor stopped, if it is not the stream */
};

/* A visitor that writes each event; stops when the stream reports an error. */
struct visitor json_report_visitor(struct json_report *report);

/* The last line. `complete`: nothing is damaged or missing. False without memory. */
bool json_report_summary(struct json_report *report, const struct trace *trace,
			 const struct totals *totals, bool complete);

#endif
