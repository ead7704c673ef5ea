/* analyze/sections/duration_histogram.h - how long sections took, kept or not, by process, source
 * and label
 */
#ifndef ANALYZE_SECTIONS_DURATION_HISTOGRAM_H
#define ANALYZE_SECTIONS_DURATION_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"

#define DURATION_HISTOGRAM_BUCKETS 64u

/* The newest counts of one process, source and label; a bucket that was never counted is 0. */
struct duration_histogram {
	const struct trace_file *file;
	struct dz_task task;
	uint64_t source;
	uint64_t label; /* string of the file */
	struct dz_section_histogram buckets[DURATION_HISTOGRAM_BUCKETS];
};

/* All zero at first. */
struct duration_histograms {
	struct duration_histogram **histograms; /* in order of appearance */
	size_t count;
	size_t capacity;
	bool out_of_memory;
};

/* The visitor that collects rows of kind histogram; it stops for lack of memory. */
struct visitor duration_histograms_visitor(struct duration_histograms *histograms);

/* They are all zero after it. */
void duration_histograms_release(struct duration_histograms *histograms);

struct duration_histogram_summary {
	uint64_t count;
	uint64_t kept;
	uint64_t sum_ns;
	uint64_t min_ns;
	uint64_t max_ns;
};

/* Of all buckets together; all 0 if there are no sections. */
struct duration_histogram_summary
duration_histogram_summarize(const struct duration_histogram *histogram);

/* The duration that `share` (0 to 1) of the sections do not exceed; exact at 0 and 1, between the
 * shortest and the longest of its bucket otherwise. 0 if there are none. */
uint64_t duration_histogram_percentile(const struct duration_histogram *histogram, double share);

#endif
