/* analyze/report/histogram.h - durations counted by powers of two */
#ifndef ANALYZE_REPORT_HISTOGRAM_H
#define ANALYZE_REPORT_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 64u

/* Bucket n counts 2^n to 2^(n+1)-1 ns; bucket 0 also 0 ns. All zero at first. */
struct histogram {
	uint64_t buckets[HISTOGRAM_BUCKETS];
	uint64_t count;
	uint64_t sum; /* stays at its largest value instead of overflowing */
	uint64_t min;
	uint64_t max;
};

/* Counts a value. */
void histogram_add(struct histogram *histogram, uint64_t value_ns);

/* Returns the bucket of a value. From that of .min to that of .max are all that are not empty. */
unsigned int histogram_bucket(uint64_t value_ns);

/* Returns the largest count of a bucket. */
uint64_t histogram_most(const struct histogram *histogram);

/* Returns the smallest value that a bucket counts; 0 for the first one. */
uint64_t histogram_bucket_start(unsigned int bucket);

/* Returns a value that `percent` (1 to 100) of the values do not exceed: the end of their bucket,
 * but at most the largest value. Returns 0 if there are none. */
uint64_t histogram_percentile(const struct histogram *histogram, unsigned int percent);

#endif
