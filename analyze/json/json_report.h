/* analyze/json/json_report.h - events as NDJSON, one object a line (diag-report(1), JSON)
 *
 * Steps and phases are in the object of their section. */
#ifndef ANALYZE_JSON_JSON_REPORT_H
#define ANALYZE_JSON_JSON_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/json/json_sections.h"
#include "analyze/replay/totals.h"
#include "analyze/replay/visitor.h"

struct json_report {
	FILE *out;
	bool stacks;                    /* write them */
	bool out_of_memory;             /* why the visitor stopped, if it is not the stream */
	struct json_sections *sections; /* NULL at first */
};

/* A visitor that writes each event; stops when the stream reports an error. */
struct visitor json_report_visitor(struct json_report *report);

/* What is held back, and then the last line. `complete`: nothing is damaged or missing. False
 * without memory. */
bool json_report_summary(struct json_report *report, const struct trace *trace,
			 const struct totals *totals, bool complete);

/* Also after a failure, and before anything was written. May be called again. */
void json_report_release(struct json_report *report);

#endif
