/* analyze/report/report_head.h - the first line of a report: where and when it was recorded */
#ifndef ANALYZE_REPORT_REPORT_HEAD_H
#define ANALYZE_REPORT_REPORT_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/trace/trace.h"

/* Returns the number of hosts with different names in the files. */
size_t report_head_hosts(const struct trace *trace);

/* Returns whether the trace spans more than one day. */
bool report_head_has_dates(const struct trace *trace, bool utc);

/* Writes "2026-11-29 14:02:00 .. 14:03:00 UTC (60 s)" for Unix times, without a line end. */
void report_head_write_span(const struct time_range *span, bool utc, FILE *out);

/* Writes "web1  2026-11-29 14:02:00 .. 14:03:00 UTC (60 s)", without a line end. */
void report_head_write(const struct trace *trace, bool utc, FILE *out);

#endif
