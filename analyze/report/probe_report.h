/* analyze/report/probe_report.h - hits of probes, added up: for each probe how many, by whom, from
 * where
 */
#ifndef ANALYZE_REPORT_PROBE_REPORT_H
#define ANALYZE_REPORT_PROBE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

struct probe_report;

/* `top` names and stacks are shown of each probe; 0: all. NULL without memory. */
struct probe_report *probe_report_new(size_t top);

/* The visitor that counts hits, and sees what was left out; it stops for lack of memory. */
struct visitor probe_report_visitor(struct probe_report *report);

/* Writes what was seen, once; false without memory. */
bool probe_report_write(struct probe_report *report, FILE *out);

/* NULL is allowed. */
void probe_report_free(struct probe_report *report);

#endif
