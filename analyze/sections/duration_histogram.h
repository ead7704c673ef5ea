/* analyze/sections/duration_histogram.h - how long sections took, kept or not, by process, source
 * and label
 */
#ifndef ANALYZE_RUN_TALLY_H
#define ANALYZE_RUN_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"

#define RUN_TALLY_BUCKETS 64u

/* The newest counts of one process, source and label; a bucket that was never counted is 0. */
struct run_tally {
	const struct trace_file *file;
	struct dz_task task;
	uint64_t source;
	uint64_t label; /* string of the file */
	struct dz_tally buckets[RUN_TALLY_BUCKETS];
};

/* All zero at first. */
struct run_tallies {
	struct run_tally **tallies; /* in order of appearance */
	size_t count;
	bool out_of_memory;
};

/* The visitor that collects rows of kind tally; it stops for lack of memory. */
struct visitor run_tallies_visitor(struct run_tallies *tallies);

/* They are all zero after it. */
void run_tallies_release(struct run_tallies *tallies);

struct run_tally_summary {
	uint64_t count;
	uint64_t kept;
	uint64_t sum_ns;
	uint64_t min_ns;
	uint64_t max_ns;
};

/* Of all buckets together; all 0 if there are no sections. */
struct run_tally_summary run_tally_summarize(const struct run_tally *tally);

/* The duration that `share` (0 to 1) of the sections do not exceed; exact at 0 and 1, between the
 * shortest and the longest of its bucket otherwise. 0 if there are none. */
uint64_t run_tally_percentile(const struct run_tally *tally, double share);

#endif
