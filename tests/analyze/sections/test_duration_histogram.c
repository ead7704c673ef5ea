/* tests/analyze/sections/test_duration_histogram.c - analyze/sections/duration_histogram.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/sections/duration_histogram.h"

static void show(struct duration_histograms *histograms, struct dz_section_histogram row,
		 const struct dz_task *task)
{
	struct dz_event event = {.kind = DZ_KIND_SECTION_HISTOGRAM, .row = &row};
	struct visitor_event seen = {.event = &event, .task = task};
	struct visitor visitor = duration_histograms_visitor(histograms);

	assert_true(visitor.visit(visitor.context, &seen));
}

static void only_the_newest_row_of_a_bucket_counts(void **state)
{
	const struct dz_task task = {.pid = 5, .process_start = 1};
	struct duration_histograms histograms = {0};
	struct duration_histogram_summary summary;

	(void)state;
	show(&histograms,
	     (struct dz_section_histogram){
		     .bucket = 4, .count = 2, .sum = 40, .min = 19, .max = 21},
	     &task);
	show(&histograms,
	     (struct dz_section_histogram){
		     .bucket = 4, .count = 3, .sum = 70, .min = 19, .max = 30, .kept = 1},
	     &task);
	show(&histograms,
	     (struct dz_section_histogram){
		     .bucket = 6, .count = 1, .sum = 100, .min = 100, .max = 100},
	     &task);
	assert_int_equal(histograms.count, 1);
	summary = duration_histogram_summarize(histograms.histograms[0]);
	assert_int_equal(summary.count, 4);
	assert_int_equal(summary.kept, 1);
	assert_int_equal(summary.sum_ns, 170);
	assert_int_equal(summary.min_ns, 19);
	assert_int_equal(summary.max_ns, 100);
	duration_histograms_release(&histograms);
}

static void labels_sources_and_processes_have_separate_histograms(void **state)
{
	const struct dz_task first = {.pid = 5, .process_start = 1};
	const struct dz_task again = {.pid = 5, .process_start = 2};
	struct duration_histograms histograms = {0};

	(void)state;
	show(&histograms, (struct dz_section_histogram){.label = 1}, &first);
	show(&histograms, (struct dz_section_histogram){.label = 2}, &first);
	show(&histograms, (struct dz_section_histogram){.label = 1, .source = 2}, &first);
	show(&histograms, (struct dz_section_histogram){.label = 1}, &again);
	show(&histograms, (struct dz_section_histogram){.label = 1}, &first);
	assert_int_equal(histograms.count, 4);
	duration_histograms_release(&histograms);
}

static void an_impossible_bucket_is_ignored(void **state)
{
	struct duration_histograms histograms = {0};

	(void)state;
	show(&histograms, (struct dz_section_histogram){.bucket = DURATION_HISTOGRAM_BUCKETS},
	     NULL);
	show(&histograms, (struct dz_section_histogram){.bucket = UINT64_MAX}, NULL);
	assert_int_equal(histograms.count, 0);
	duration_histograms_release(&histograms);
}

static void percentiles_lie_between_the_shortest_and_the_longest(void **state)
{
	struct duration_histogram histogram = {0};

	(void)state;
	assert_int_equal(duration_histogram_percentile(&histogram, 0.5), 0);
	histogram.buckets[10] =
		(struct dz_section_histogram){.count = 90, .min = 1100, .max = 2000};
	histogram.buckets[20] =
		(struct dz_section_histogram){.count = 10, .min = 1100000, .max = 2000000};
	assert_int_equal(duration_histogram_percentile(&histogram, 0), 1100);
	assert_int_equal(duration_histogram_percentile(&histogram, 0.5), 1100 + 900 * 5 / 9);
	assert_int_equal(duration_histogram_percentile(&histogram, 0.9), 2000);
	assert_true(duration_histogram_percentile(&histogram, 0.95) >= 1100000);
	assert_int_equal(duration_histogram_percentile(&histogram, 1), 2000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_newest_row_of_a_bucket_counts),
		cmocka_unit_test(labels_sources_and_processes_have_separate_histograms),
		cmocka_unit_test(an_impossible_bucket_is_ignored),
		cmocka_unit_test(percentiles_lie_between_the_shortest_and_the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
