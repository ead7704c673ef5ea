/* analyze/report/time_report.h - where the time of tasks went: on CPUs, runnable, blocked
 */
#ifndef ANALYZE_REPORT_TIME_REPORT_H
#define ANALYZE_REPORT_TIME_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/replay/replay.h"
#include "text/layout.h"

struct time_report;

/* Returns NULL on allocation failure. */
struct time_report *time_report_new(void);

/* Returns the visitor of samples, waits for a CPU and blocked times; borrows the report. */
struct visitor time_report_visitor(struct time_report *report);

/* Writes the shares, which add up to the time for which the threads were seen, and the three
 * largest causes. Kernel threads are left out. `kinds` are those that are selected, by bit; 0: all.
 * Writes nothing if no other task was blocked. Returns false on allocation failure, also in the
 * visitor. */
bool time_report_write(const struct time_report *report, const struct layout *layout,
		       uint64_t kinds, FILE *out);

/* NULL is allowed. */
void time_report_free(struct time_report *report);

#endif
