/* analyze/sections/section_report.h - the text report about sections */
#ifndef ANALYZE_SECTIONS_SECTION_REPORT_H
#define ANALYZE_SECTIONS_SECTION_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/sections/duration_histogram.h"
#include "analyze/sections/section_group.h"
#include "text/layout.h"

struct section_report;

struct section_report_style {
	size_t top;  /* number of sections that are printed, longest first; 0: all */
	bool stacks; /* print the stacks of the longest steps */
	bool utc;    /* for times in the brief report */
};

/* Copies *style. Returns false on allocation failure. */
bool section_report_new(const struct section_report_style *style,
			struct section_report **ret_report);

/* Sets the two visitors of one replay. */
void section_report_visitors(struct section_report *report, struct visitor visitors[static 2]);

/* Writes the sections, then the causes over all of them, then the durations by label. Call after
 * the replay, before the trace is freed. Returns false on allocation failure. */
bool section_report_write(struct section_report *report, FILE *out);

/* Writes some lines instead: how many took too long, how long they took, and the states. Call after
 * the replay, before the trace is freed. Returns false on allocation failure. */
bool section_report_write_brief(struct section_report *report, const struct layout *layout,
				FILE *out);

/* Frees everything. NULL is allowed. */
void section_report_free(struct section_report *report);

#endif
