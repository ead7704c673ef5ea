/* analyze/report/cpu_report.h - samples of CPUs: which tasks and functions ran, and how long
 */
#ifndef ANALYZE_REPORT_CPU_REPORT_H
#define ANALYZE_REPORT_CPU_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/replay/replay.h"
#include "text/layout.h"

struct cpu_report;

/* Returns NULL on allocation failure. `top` limits the length of each list; 0: no limit. */
struct cpu_report *cpu_report_new(size_t top);

/* Returns the visitor of the samples; borrows the report. */
struct visitor cpu_report_visitor(struct cpu_report *report);

/* Writes the sums in full. Returns false on allocation failure, also in the visitor. */
bool cpu_report_write(const struct cpu_report *report, FILE *out);

/* Writes them in two lines. Returns false as above. */
bool cpu_report_write_brief(const struct cpu_report *report, const struct layout *layout,
			    FILE *out);

/* NULL is allowed. */
void cpu_report_free(struct cpu_report *report);

#endif
