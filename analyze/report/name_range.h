/* analyze/report/name_range.h - names that differ in numbers only: w0, w1 and w4998 */
#ifndef ANALYZE_REPORT_NAME_RANGE_H
#define ANALYZE_REPORT_NAME_RANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/trace/trace.h"
#include "base/buffer.h"

/* A name has at most 15 bytes, so at most 8 numbers. Further ones of a damaged file are not
 * compared. */
#define NAME_RANGE_NUMBERS 8u

/* One number in several names. */
struct name_number {
	uint64_t least;
	uint64_t most;
	uint32_t least_digits; /* with leading zeros */
	uint32_t most_digits;
};

/* All zero at first. */
struct name_range {
	char *first; /* the first name, of first_size bytes; allocated; not NUL-terminated */
	size_t first_size;
	struct name_number numbers[NAME_RANGE_NUMBERS];
};

/* Appends a name in which each number is one 0: equal for names that differ in numbers only. */
void name_range_fold(struct buffer *key, struct trace_text name);

/* Sets the first name. Copies it. Returns false on allocation failure. */
bool name_range_start(struct name_range *range, struct trace_text name);

/* Adds a name that is equal when folded. */
void name_range_add(struct name_range *range, struct trace_text name);

/* Returns whether the names differ. */
bool name_range_is_several(const struct name_range *range);

/* Writes the name, or "w0..w4998"; if several numbers differ, "wN-N". Escapes it. */
void name_range_write(const struct name_range *range, FILE *out);

/* Frees the first name. */
void name_range_release(struct name_range *range);

#endif
