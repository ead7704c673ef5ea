/* analyze/report/probe_report.h - hits of probes, counted by task name and stack */
#ifndef ANALYZE_REPORT_PROBE_REPORT_H
#define ANALYZE_REPORT_PROBE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"
#include "text/layout.h"

struct probe_report;

/* Prints at most `top` names and stacks for each probe; 0: all. Returns NULL on allocation failure.
 */
struct probe_report *probe_report_new(size_t top);

/* Returns the visitor that counts hits and skipped hits. It stops on allocation failure. */
struct visitor probe_report_visitor(struct probe_report *report);

/* Writes the report. Call once, after the replay. Returns false on allocation failure. */
bool probe_report_write(struct probe_report *report, FILE *out);

/* Writes two lines for each of the most frequent probes instead: hits, and by whom. Call once,
 * after the replay. Returns false on allocation failure. */
bool probe_report_write_brief(struct probe_report *report, const struct layout *layout, FILE *out);

/* Frees everything. NULL is allowed. */
void probe_report_free(struct probe_report *report);

#endif
