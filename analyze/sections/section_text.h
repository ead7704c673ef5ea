/* analyze/sections/section_text.h - states and intervals of a section as text */
#ifndef ANALYZE_SECTIONS_SECTION_TEXT_H
#define ANALYZE_SECTIONS_SECTION_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/sections/section_group.h"
#include "analyze/sections/section_interval.h"

/* Writes a state: "blocked in read", "running in user mode". `name` is the system call; empty:
 * none.
 */
void section_text_state(FILE *out, enum interval_state state, struct trace_text name);

/* Writes the state of an interval, and the task that woke the thread or ran instead of it. */
void section_text_interval(FILE *out, const struct trace_file *file,
			   const struct section_interval *interval);

/* Writes "UUUUbbbbbbwU": a letter for each of `width` equal parts of the section, for the state
 * with the largest share of that part. */
void section_text_bar(FILE *out, const struct section_interval *intervals, size_t count,
		      size_t width);

#endif
