/* analyze/sections/section_text.h - what a section spent its time with, in words */
#ifndef ANALYZE_SECTIONS_SECTION_TEXT_H
#define ANALYZE_SECTIONS_SECTION_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/sections/section_group.h"
#include "analyze/sections/section_interval.h"

/* One letter for each condition, as in the bar of phases. */
char interval_state_letter(enum interval_state state);

/* "blocked in read", "running in user mode"; `name` is that of the system call, if it is in one. */
void section_text_state(FILE *out, enum interval_state state, struct trace_text name);

/* The same of an interval, with who woke it or ran instead. */
void section_text_interval(FILE *out, const struct trace_file *file,
			   const struct section_interval *interval);

/* "UUUUBBBBBBWU": one letter for each of `width` equal parts of the section, for what most of it
 * was. */
void section_text_bar(FILE *out, const struct section_interval *intervals, size_t count,
		      size_t width);

#endif
