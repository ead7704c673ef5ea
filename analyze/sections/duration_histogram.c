/* analyze/sections/duration_histogram.c - how long sections took, kept or not, by process, source
 * and label
 */
#include "analyze/sections/duration_histogram.h"

#include <stdlib.h>
#include <string.h>

static bool is_of(const struct duration_histogram *tally, const struct visitor_event *event)
{
	const struct dz_tally *row = event->event->row;

	return tally->file == event->file && tally->source == row->source &&
	       tally->label == row->label && event->task && tally->task.pid == event->task->pid &&
	       tally->task.process_start == event->task->process_start;
}

static struct duration_histogram *tally_of(struct duration_histograms *tallies,
					   const struct visitor_event *event)
{
	const struct dz_tally *row = event->event->row;
	struct duration_histogram **grown;
	struct duration_histogram *tally;

	/* The last ones first: rows come in runs. */
	for (size_t i = tallies->count; i-- > 0;) {
		if (is_of(tallies->tallies[i], event))
			return tallies->tallies[i];
	}
	grown = reallocarray(tallies->tallies, tallies->count + 1,
			     sizeof(struct duration_histogram *));
	tally = calloc(1, sizeof(*tally));
	if (grown)
		tallies->tallies = grown;
	if (!grown || !tally) {
		free(tally);
		return NULL;
	}
	tally->file = event->file;
	tally->source = row->source;
	tally->label = row->label;
	if (event->task)
		tally->task = *event->task;
	tallies->tallies[tallies->count++] = tally;
	return tally;
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct duration_histograms *tallies = context;
	const struct dz_tally *row = event->event->row;
	struct duration_histogram *tally;

	if (!row || row->bucket >= DURATION_HISTOGRAM_BUCKETS)
		return true;
	tally = tally_of(tallies, event);
	if (!tally) {
		tallies->out_of_memory = true;
		return false;
	}
	tally->buckets[row->bucket] = *row;
	return true;
}

struct visitor duration_histograms_visitor(struct duration_histograms *tallies)
{
	return (struct visitor){
		.context = tallies,
		.kinds = VISITOR_KIND(DZ_KIND_TALLY),
		.visit = visit,
	};
}

void duration_histograms_release(struct duration_histograms *tallies)
{
	for (size_t i = 0; i < tallies->count; i++)
		free(tallies->tallies[i]);
	free(tallies->tallies);
	*tallies = (struct duration_histograms){0};
}

struct duration_histogram_summary
duration_histogram_summarize(const struct duration_histogram *tally)
{
	struct duration_histogram_summary summary = {.min_ns = UINT64_MAX};

	for (size_t i = 0; i < DURATION_HISTOGRAM_BUCKETS; i++) {
		const struct dz_tally *bucket = &tally->buckets[i];

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

uint64_t duration_histogram_percentile(const struct duration_histogram *tally, double share)
{
	struct duration_histogram_summary summary = duration_histogram_summarize(tally);
	double rank = share * (double)summary.count;
	double before = 0;

	if (share <= 0)
		return summary.min_ns;
	for (size_t i = 0; i < DURATION_HISTOGRAM_BUCKETS; i++) {
		const struct dz_tally *bucket = &tally->buckets[i];
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
