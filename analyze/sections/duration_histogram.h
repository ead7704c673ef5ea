/* analyze/sections/duration_histogram.h - durations of all sections, by process, source and label
 */
#ifndef ANALYZE_SECTIONS_DURATION_HISTOGRAM_H
#define ANALYZE_SECTIONS_DURATION_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"

#define DURATION_HISTOGRAM_BUCKETS 64u

/* The newest counts of one process, source and label of a recording, from all of its files. Counts
 * that decrease are those of another recording, and added. Sums stay at UINT64_MAX. */
struct duration_histogram {
	const struct trace_file *file; /* of the first row */
	struct dz_task task;
	uint64_t source;
	struct trace_text label; /* owned */
	uint64_t number;         /* in the order of appearance */
	/* By ascending bucket; buckets without a row are absent. */
	struct dz_section_histogram *buckets;
	struct dz_section_histogram *earlier; /* for each bucket: sums of other recordings */
	size_t bucket_count;
	size_t capacity;
};

/* All zero at first. */
struct duration_histograms {
	void *tree; /* of tsearch(3): struct duration_histogram */
	size_t count;
	bool out_of_memory;
};

/* Returns the histograms in order of appearance, histograms->count of them. The caller frees the
 * array. Returns NULL on allocation failure. */
struct duration_histogram **duration_histograms_list(const struct duration_histograms *histograms);

/* Returns the visitor that collects rows of kind section_histogram. It stops on allocation
 * failure. */
struct visitor duration_histograms_visitor(struct duration_histograms *histograms);

/* Frees the histograms; *histograms is all zero then. */
void duration_histograms_release(struct duration_histograms *histograms);

struct duration_histogram_summary {
	uint64_t count; /* sections */
	uint64_t kept;  /* of them: in the file, since they reached the threshold */
	uint64_t sum_ns;
	uint64_t min_ns;
	uint64_t max_ns;
};

/* Returns the counts of bucket `index`, below histogram->bucket_count, over all recordings. */
struct dz_section_histogram duration_histogram_bucket(const struct duration_histogram *histogram,
						      size_t index);

/* Sums up all buckets; all zero if there are no sections. */
struct duration_histogram_summary
duration_histogram_summarize(const struct duration_histogram *histogram);

/* Returns the duration that `share` (0 to 1) of the sections do not exceed. It is exact at 0 and 1.
 * Otherwise it is interpolated between the shortest and the longest duration of its bucket. Returns
 * 0 if there are no sections. */
uint64_t duration_histogram_percentile(const struct duration_histogram *histogram, double share);

#endif
