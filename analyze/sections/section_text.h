/* analyze/sections/section_text.h - what a section spent its time with, in words */
#ifndef ANALYZE_RUN_WORDING_H
#define ANALYZE_RUN_WORDING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/sections/section_group.h"
#include "analyze/sections/section_interval.h"

/* One letter for each condition, as in the bar of phases. */
char run_condition_letter(enum run_condition condition);

/* "blocked in read", "running in user mode"; `name` is that of the system call, if it is in one. */
void run_wording_condition(FILE *out, enum run_condition condition, struct trace_text name);

/* The same of an interval, with who woke it or ran instead. */
void run_wording_interval(FILE *out, const struct trace_file *file,
			  const struct run_interval *interval);

/* "UUUUBBBBBBWU": one letter for each of `width` equal parts of the section, for what most of it
 * was. */
void run_wording_bar(FILE *out, const struct run_interval *intervals, size_t count, size_t width);

#endif
