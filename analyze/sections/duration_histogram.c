/* analyze/sections/duration_histogram.c - durations of all sections, by process, source and label
 */
#include "analyze/sections/duration_histogram.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static bool is_of(const struct duration_histogram *histogram, const struct visitor_event *event)
{
	const struct dz_section_histogram *row = event->event->row;

	return histogram->file == event->file && histogram->source == row->source &&
	       histogram->label == row->label && event->task &&
	       histogram->task.pid == event->task->pid &&
	       histogram->task.process_start == event->task->process_start;
}

static struct duration_histogram *histogram_of(struct duration_histograms *histograms,
					       const struct visitor_event *event)
{
	const struct dz_section_histogram *row = event->event->row;
	struct duration_histogram **grown;
	struct duration_histogram *histogram;

	/* Newest first: rows of one histogram follow each other. */
	for (size_t i = histograms->count; i-- > 0;) {
		if (is_of(histograms->histograms[i], event))
			return histograms->histograms[i];
	}
	grown = array_grow(histograms->histograms, &histograms->capacity, histograms->count + 1,
			   sizeof(struct duration_histogram *), ARRAY_NO_LIMIT);
	if (!grown)
		return NULL;
	histograms->histograms = grown;
	histogram = calloc(1, sizeof(*histogram));
	if (!histogram)
		return NULL;
	histogram->file = event->file;
	histogram->source = row->source;
	histogram->label = row->label;
	if (event->task)
		histogram->task = *event->task;
	histograms->histograms[histograms->count++] = histogram;
	return histogram;
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct duration_histograms *histograms = context;
	const struct dz_section_histogram *row = event->event->row;
	struct duration_histogram *histogram;

	if (!row || row->bucket >= DURATION_HISTOGRAM_BUCKETS)
		return true;
	histogram = histogram_of(histograms, event);
	if (!histogram) {
		histograms->out_of_memory = true;
		return false;
	}
	histogram->buckets[row->bucket] = *row;
	return true;
}

struct visitor duration_histograms_visitor(struct duration_histograms *histograms)
{
	return (struct visitor){
		.context = histograms,
		.kinds = VISITOR_KIND(DZ_KIND_SECTION_HISTOGRAM),
		.visit = visit,
	};
}

void duration_histograms_release(struct duration_histograms *histograms)
{
	for (size_t i = 0; i < histograms->count; i++)
		free(histograms->histograms[i]);
	free(histograms->histograms);
	*histograms = (struct duration_histograms){0};
}

struct duration_histogram_summary
duration_histogram_summarize(const struct duration_histogram *histogram)
{
	struct duration_histogram_summary summary = {.min_ns = UINT64_MAX};

	for (size_t i = 0; i < DURATION_HISTOGRAM_BUCKETS; i++) {
		const struct dz_section_histogram *bucket = &histogram->buckets[i];

		if (bucket->count == 0)
			continue;
		summary.count += bucket->count;
		summary.kept += bucket->kept;
		summary.sum_ns += bucket->sum;
		if (bucket->min < summary.min_ns)
			summary.min_ns = bucket->min;
		if (bucket->max > summary.max_ns)
			summary.max_ns = bucket->max;
	}
	if (summary.count == 0)
		summary.min_ns = 0;
	return summary;
}

uint64_t duration_histogram_percentile(const struct duration_histogram *histogram, double share)
{
	struct duration_histogram_summary summary = duration_histogram_summarize(histogram);
	double rank = share * (double)summary.count;
	double before = 0;

	if (share <= 0)
		return summary.min_ns;
	for (size_t i = 0; i < DURATION_HISTOGRAM_BUCKETS; i++) {
		const struct dz_section_histogram *bucket = &histogram->buckets[i];
		double count = (double)bucket->count;

		if (bucket->count == 0)
			continue;
		if (before + count >= rank && bucket->max >= bucket->min)
			return bucket->min + (uint64_t)((double)(bucket->max - bucket->min) *
							((rank - before) / count));
		before += count;
	}
	return summary.max_ns;
}
