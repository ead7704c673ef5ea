/* analyze/counts/counts_diff.h - ends that are more or less frequent in one trace than in another
 *
 * Ends of one class, name and cause are compared by their number an hour. In names, each run of
 * digits counts as N. Ends with code 0 are not compared.
 */
#ifndef ANALYZE_COUNTS_COUNTS_DIFF_H
#define ANALYZE_COUNTS_COUNTS_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/replay/selection.h"
#include "analyze/trace/trace.h"

struct counts_diff {
	struct trace *before, *after; /* loaded */
	const struct selection *selection;
	bool json;
	FILE *out;
};

/* How a number has changed, in the order in which changes are printed. */
enum counts_change {
	COUNTS_NEW,
	COUNTS_MORE,
	COUNTS_LESS,
	COUNTS_GONE,
	COUNTS_SAME,
};

/* Writes the report, and sets *ret_worse to whether it has an end that is new or more frequent.
 * Returns false on allocation failure. Write errors are in the stream, problems of the files in the
 * traces. */
bool counts_diff_write(const struct counts_diff *diff, bool *ret_worse);

/*
 * Compares two numbers of ends, in recordings of these lengths. More or less: the numbers an hour
 * differ by more than three standard deviations, if ends are independent of each other (Poisson),
 * and by at least 5 in the time of the second recording.
 */
enum counts_change counts_diff_compare(const uint64_t counts[static 2],
				       const uint64_t lengths_ns[static 2]);

#endif
