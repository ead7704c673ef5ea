/* analyze/json/json_report.h - events as NDJSON, one object a line (diag-report(1), JSON)
 *
 * Steps and phases are inside the object of their section.
 */
#ifndef ANALYZE_JSON_JSON_REPORT_H
#define ANALYZE_JSON_JSON_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/json/json_sections.h"
#include "analyze/replay/totals.h"
#include "analyze/replay/visitor.h"

struct json_report {
	FILE *out;
	bool stacks;                    /* write call stacks */
	bool out_of_memory;             /* an allocation failed; false: see the stream */
	struct json_sections *sections; /* private; NULL before the first section */
};

/* Returns a visitor that writes each event. It stops on allocation failure, and if the stream
 * reports an error. Borrows *report, of which all but `out` and `stacks` must start zero. */
struct visitor json_report_visitor(struct json_report *report);

/* Writes the sections that are still held, then the summary as the last line. `complete`: no file
 * is damaged or unclosed. Returns false on allocation failure, and if the stream reports an error.
 */
bool json_report_summary(struct json_report *report, const struct trace *trace,
			 const struct totals *totals, bool complete);

/* Frees what the visitor allocated. Can be called at any time, and more than once. */
void json_report_release(struct json_report *report);

#endif
