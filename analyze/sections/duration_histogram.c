/* analyze/sections/duration_histogram.c - durations of all sections, by process, source and label
 */
#define _GNU_SOURCE
#include "analyze/sections/duration_histogram.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/search.h"

static int compare_numbers(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

/* Files of one recording have one histogram. */
static int compare(const void *left, const void *right)
{
	const struct duration_histogram *a = left, *b = right;
	int order = compare_numbers(a->task.pid, b->task.pid);

	order = order ? order : compare_numbers(a->task.process_start, b->task.process_start);
	order = order ? order : compare_numbers(a->source, b->source);
	order = order ? order : compare_numbers(a->file->recording, b->file->recording);
	return order ? order : trace_text_compare(a->label, b->label);
}

static void free_histogram(void *node)
{
	struct duration_histogram *histogram = node;

	/* NOLINTNEXTLINE(performance-no-int-to-ptr): add() allocated it */
	free((void *)(uintptr_t)histogram->label.bytes);
	free(histogram->buckets);
	free(histogram->earlier);
	free(histogram);
}

static struct duration_histogram *add(struct duration_histograms *histograms,
				      const struct duration_histogram *key)
{
	struct duration_histogram *histogram = malloc(sizeof(*histogram));
	char *label = malloc(key->label.size + 1);

	if (histogram && label) {
		*histogram = *key;
		memcpy(label, key->label.bytes, key->label.size);
		histogram->label.bytes = label;
		histogram->number = histograms->count;
		if (tsearch(histogram, &histograms->tree, compare)) {
			histograms->count++;
			return histogram;
		}
	}
	free(histogram);
	free(label);
	return NULL;
}

static struct duration_histogram *histogram_of(struct duration_histograms *histograms,
					       const struct visitor_event *event)
{
	const struct dz_section_histogram *row = event->event->row;
	struct duration_histogram key = {
		.file = event->file,
		.source = row->source,
		.label = trace_text(event->file, row->label),
	};
	struct duration_histogram *const *found;

	if (event->task)
		key.task = *event->task;
	found = tfind(&key, &histograms->tree, compare);
	return found ? *found : add(histograms, &key);
}

static bool is_below(const void *table, size_t index, uint64_t bucket)
{
	return ((const struct dz_section_histogram *)table)[index].bucket < bucket;
}

/* Makes place for one more bucket in both arrays. */
static bool grow(struct duration_histogram *histogram)
{
	size_t capacity = histogram->capacity ? 2 * histogram->capacity : 1;
	struct dz_section_histogram *buckets, *earlier;

	if (histogram->bucket_count < histogram->capacity)
		return true;
	buckets = reallocarray(histogram->buckets, capacity, sizeof(*buckets));
	if (buckets)
		histogram->buckets = buckets;
	earlier = reallocarray(histogram->earlier, capacity, sizeof(*earlier));
	if (earlier)
		histogram->earlier = earlier;
	if (!buckets || !earlier)
		return false;
	histogram->capacity = capacity;
	return true;
}

static uint64_t add_saturated(uint64_t sum, uint64_t part)
{
	return __builtin_add_overflow(sum, part, &sum) ? UINT64_MAX : sum;
}

/* Adds the counts of one bucket. */
static void add_counts(struct dz_section_histogram *sum, const struct dz_section_histogram *part)
{
	if (part->count == 0)
		return;
	if (sum->count == 0 || part->min < sum->min)
		sum->min = part->min;
	if (sum->count == 0 || part->max > sum->max)
		sum->max = part->max;
	sum->count = add_saturated(sum->count, part->count);
	sum->kept = add_saturated(sum->kept, part->kept);
	sum->sum = add_saturated(sum->sum, part->sum);
}

static bool set_bucket(struct duration_histogram *histogram, const struct dz_section_histogram *row)
{
	size_t at = search_lower_bound(histogram->buckets, histogram->bucket_count, row->bucket,
				       is_below);
	size_t after = histogram->bucket_count - at;

	if (after > 0 && histogram->buckets[at].bucket == row->bucket) {
		if (row->count < histogram->buckets[at].count)
			add_counts(&histogram->earlier[at], &histogram->buckets[at]);
		histogram->buckets[at] = *row;
		return true;
	}
	if (!grow(histogram))
		return false;
	memmove(&histogram->buckets[at + 1], &histogram->buckets[at], after * sizeof(*row));
	memmove(&histogram->earlier[at + 1], &histogram->earlier[at], after * sizeof(*row));
	histogram->buckets[at] = *row;
	histogram->earlier[at] = (struct dz_section_histogram){.bucket = row->bucket};
	histogram->bucket_count++;
	return true;
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct duration_histograms *histograms = context;
	const struct dz_section_histogram *row = event->event->row;
	struct duration_histogram *histogram;

	if (!row || row->bucket >= DURATION_HISTOGRAM_BUCKETS)
		return true;
	histogram = histogram_of(histograms, event);
	if (histogram && set_bucket(histogram, row))
		return true;
	histograms->out_of_memory = true;
	return false;
}

struct visitor duration_histograms_visitor(struct duration_histograms *histograms)
{
	return (struct visitor){
		.context = histograms,
		.kinds = VISITOR_KIND(DZ_KIND_SECTION_HISTOGRAM),
		.visit = visit,
	};
}

static void collect(const void *node, VISIT order, void *context)
{
	struct duration_histogram **list = context;
	struct duration_histogram *histogram = *(struct duration_histogram *const *)node;

	if (order == postorder || order == leaf)
		list[histogram->number] = histogram;
}

struct duration_histogram **duration_histograms_list(const struct duration_histograms *histograms)
{
	struct duration_histogram **list =
		calloc(histograms->count + 1, sizeof(struct duration_histogram *));

	if (list)
		twalk_r(histograms->tree, collect, list);
	return list;
}

void duration_histograms_release(struct duration_histograms *histograms)
{
	tdestroy(histograms->tree, free_histogram);
	*histograms = (struct duration_histograms){0};
}

struct dz_section_histogram duration_histogram_bucket(const struct duration_histogram *histogram,
						      size_t index)
{
	struct dz_section_histogram bucket = histogram->earlier[index];

	add_counts(&bucket, &histogram->buckets[index]);
	return bucket;
}

struct duration_histogram_summary
duration_histogram_summarize(const struct duration_histogram *histogram)
{
	struct dz_section_histogram sum = {0};

	for (size_t i = 0; i < histogram->bucket_count; i++) {
		const struct dz_section_histogram bucket = duration_histogram_bucket(histogram, i);

		add_counts(&sum, &bucket);
	}
	return (struct duration_histogram_summary){
		.count = sum.count,
		.kept = sum.kept,
		.sum_ns = sum.sum,
		.min_ns = sum.min,
		.max_ns = sum.max,
	};
}

uint64_t duration_histogram_percentile(const struct duration_histogram *histogram, double share)
{
	struct duration_histogram_summary summary = duration_histogram_summarize(histogram);
	double rank = share * (double)summary.count;
	double before = 0;

	if (share <= 0)
		return summary.min_ns;
	for (size_t i = 0; i < histogram->bucket_count; i++) {
		const struct dz_section_histogram bucket = duration_histogram_bucket(histogram, i);
		double count = (double)bucket.count;

		if (bucket.count == 0)
			continue;
		if (before + count >= rank && bucket.max >= bucket.min)
			return bucket.min + (uint64_t)((double)(bucket.max - bucket.min) *
						       ((rank - before) / count));
		before += count;
	}
	return summary.max_ns;
}
