/* analyze/report/histogram.c - durations counted by powers of two */
#include "analyze/report/histogram.h"

unsigned int histogram_bucket(uint64_t value_ns)
{
	return value_ns ? 63u - (unsigned int)__builtin_clzll(value_ns) : 0;
}

void histogram_add(struct histogram *histogram, uint64_t value_ns)
{
	histogram->buckets[histogram_bucket(value_ns)]++;
	if (histogram->count == 0 || value_ns < histogram->min)
		histogram->min = value_ns;
	if (value_ns > histogram->max)
		histogram->max = value_ns;
	if (__builtin_add_overflow(histogram->sum, value_ns, &histogram->sum))
		histogram->sum = UINT64_MAX;
	histogram->count++;
}

uint64_t histogram_most(const struct histogram *histogram)
{
	uint64_t most = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		most = histogram->buckets[i] > most ? histogram->buckets[i] : most;
	return most;
}

uint64_t histogram_bucket_start(unsigned int bucket)
{
	return bucket ? UINT64_C(1) << bucket : 0;
}

uint64_t histogram_percentile(const struct histogram *histogram, unsigned int percent)
{
	uint64_t wanted = histogram->count - histogram->count / 100 * (100 - percent) -
			  histogram->count % 100 * (100 - percent) / 100;
	uint64_t seen = 0, end;
	unsigned int bucket = 0;

	if (histogram->count == 0)
		return 0;
	while (bucket < HISTOGRAM_BUCKETS - 1 && seen + histogram->buckets[bucket] < wanted)
		seen += histogram->buckets[bucket++];
	end = bucket == HISTOGRAM_BUCKETS - 1 ? UINT64_MAX : (UINT64_C(2) << bucket) - 1;
	return end < histogram->max ? end : histogram->max;
}
