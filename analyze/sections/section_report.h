/* analyze/sections/section_report.h - what sections that took too long spent their time with, for
 * people */
#ifndef ANALYZE_SECTIONS_SECTION_REPORT_H
#define ANALYZE_SECTIONS_SECTION_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/sections/duration_histogram.h"
#include "analyze/sections/section_group.h"

struct section_report;

struct section_report_style {
	size_t top;  /* sections shown, the longest ones first; 0: all */
	bool stacks; /* below the longest steps */
	bool utc;
};

/* False without memory. */
bool section_report_new(const struct section_report_style *style,
			struct section_report **ret_report);

/* Two visitors, for one replay. */
void section_report_visitors(struct section_report *report, struct visitor visitors[static 2]);

/* Writes the sections, then the causes over all of them, then the durations by label. False without
 * memory. */
bool section_report_write(struct section_report *report, FILE *out);

/* NULL is allowed. */
void section_report_free(struct section_report *report);

#endif
