/* analyze/report/runq_report.h - waits for a CPU: how long, of whom, and who ran instead */
#ifndef ANALYZE_REPORT_RUNQ_REPORT_H
#define ANALYZE_REPORT_RUNQ_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/replay/replay.h"
#include "text/layout.h"

struct runq_report;

/* Returns NULL on allocation failure. `top` limits the length of each list; 0: no limit. */
struct runq_report *runq_report_new(size_t top, bool utc);

/* The visitor of the events; borrows the report. */
struct visitor runq_report_visitor(struct runq_report *report);

/* Writes the waits in full. Returns false on allocation failure, also in the visitor. */
bool runq_report_write(const struct runq_report *report, FILE *out);

/* Writes the waits in two lines: their lengths, and the longest. Returns false as above. */
bool runq_report_write_brief(const struct runq_report *report, const struct layout *layout,
			     FILE *out);

/* NULL is allowed. */
void runq_report_free(struct runq_report *report);

#endif
