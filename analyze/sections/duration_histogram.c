/* analyze/sections/duration_histogram.c - how long sections took, kept or not, by process, source
 * and label
 */
#include "analyze/sections/duration_histogram.h"

#include <stdlib.h>
#include <string.h>

static bool is_of(const struct run_tally *tally, const struct visitor_event *event)
{
	const struct dz_tally *row = event->event->row;

	return tally->file == event->file && tally->source == row->source &&
	       tally->label == row->label && event->task && tally->task.pid == event->task->pid &&
	       tally->task.process_start == event->task->process_start;
}

static struct run_tally *tally_of(struct run_tallies *tallies, const struct visitor_event *event)
{
	const struct dz_tally *row = event->event->row;
	struct run_tally **grown;
	struct run_tally *tally;

	/* The last ones first: rows come in runs. */
	for (size_t i = tallies->count; i-- > 0;) {
		if (is_of(tallies->tallies[i], event))
			return tallies->tallies[i];
	}
	grown = reallocarray(tallies->tallies, tallies->count + 1, sizeof(struct run_tally *));
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
	struct run_tallies *tallies = context;
	const struct dz_tally *row = event->event->row;
	struct run_tally *tally;

	if (!row || row->bucket >= RUN_TALLY_BUCKETS)
		return true;
	tally = tally_of(tallies, event);
	if (!tally) {
		tallies->out_of_memory = true;
		return false;
	}
	tally->buckets[row->bucket] = *row;
	return true;
}

struct visitor run_tallies_visitor(struct run_tallies *tallies)
{
	return (struct visitor){
		.context = tallies,
		.kinds = VISITOR_KIND(DZ_KIND_TALLY),
		.visit = visit,
	};
}

void run_tallies_release(struct run_tallies *tallies)
{
	for (size_t i = 0; i < tallies->count; i++)
		free(tallies->tallies[i]);
	free(tallies->tallies);
	*tallies = (struct run_tallies){0};
}

struct run_tally_summary run_tally_summarize(const struct run_tally *tally)
{
	struct run_tally_summary summary = {.min_ns = UINT64_MAX};

	for (size_t i = 0; i < RUN_TALLY_BUCKETS; i++) {
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

uint64_t run_tally_percentile(const struct run_tally *tally, double share)
{
	struct run_tally_summary summary = run_tally_summarize(tally);
	double rank = share * (double)summary.count;
	double before = 0;

	if (share <= 0)
		return summary.min_ns;
	for (size_t i = 0; i < RUN_TALLY_BUCKETS; i++) {
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
