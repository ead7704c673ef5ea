/* tests/analyze/sections/test_duration_histogram.c - analyze/sections/duration_histogram.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/sections/duration_histogram.h"
#include "tests/format/sample_trace.h"

static struct sample_file labels;
static struct trace_file file;
static const struct trace_file *shown = &file;

/* Makes a file with the labels "a" and "b", which are its strings 1 and 2. */
static int make_file(void **state)
{
	struct dz_writer *writer = sample_open_writer(&labels);
	struct dz_info info = {.time = 1};
	struct dz_source source;
	struct dz_event event;

	(void)state;
	info.key = dz_writer_text(writer, "a");
	info.value = dz_writer_text(writer, "b");
	if (dz_writer_add(writer, DZ_KIND_INFO, &info) != DZ_OK || dz_writer_close(writer) != DZ_OK)
		return -1;
	source = dz_source_memory(labels.data, labels.size);
	if (dz_reader_open(&source, NULL, &file.reader) != DZ_OK)
		return -1;
	return dz_reader_next(file.reader, &event) == DZ_OK ? 0 : -1;
}

static int release_file(void **state)
{
	(void)state;
	dz_reader_close(file.reader);
	free(labels.data);
	return 0;
}

static void show(struct duration_histograms *histograms, struct dz_section_histogram row,
		 const struct dz_task *task)
{
	struct dz_event event = {.kind = DZ_KIND_SECTION_HISTOGRAM, .row = &row};
	struct visitor_event seen = {.file = shown, .event = &event, .task = task};
	struct visitor visitor = duration_histograms_visitor(histograms);

	assert_true(visitor.visit(visitor.context, &seen));
}

static void only_the_newest_row_of_a_bucket_counts(void **state)
{
	const struct dz_task task = {.pid = 5, .process_start = 1};
	struct duration_histograms histograms = {0};
	struct duration_histogram_summary summary;
	struct duration_histogram **list;

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
	list = duration_histograms_list(&histograms);
	assert_non_null(list);
	summary = duration_histogram_summarize(list[0]);
	free(list);
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

static void files_of_one_recording_have_one_histogram(void **state)
{
	const struct dz_task task = {.pid = 5, .process_start = 1};
	struct duration_histograms histograms = {0};
	struct duration_histogram **list;
	struct trace_file next = file, other = file;

	(void)state;
	show(&histograms, (struct dz_section_histogram){.label = 1, .count = 2}, &task);
	shown = &next;
	show(&histograms, (struct dz_section_histogram){.label = 1, .count = 5}, &task);
	assert_int_equal(histograms.count, 1);
	list = duration_histograms_list(&histograms);
	assert_int_equal(duration_histogram_summarize(list[0]).count, 5);
	/* The counts of a recording never decrease. */
	show(&histograms, (struct dz_section_histogram){.label = 1, .count = 1}, &task);
	assert_int_equal(duration_histogram_summarize(list[0]).count, 6);
	free(list);
	other.recording = 1;
	shown = &other;
	show(&histograms, (struct dz_section_histogram){.label = 1, .count = 5}, &task);
	assert_int_equal(histograms.count, 2);
	shown = &file;
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
	struct dz_section_histogram buckets[] = {
		{.bucket = 10, .count = 90, .min = 1100, .max = 2000},
		{.bucket = 20, .count = 10, .min = 1100000, .max = 2000000},
	};
	struct dz_section_histogram earlier[2] = {0};
	struct duration_histogram histogram = {0};

	(void)state;
	assert_int_equal(duration_histogram_percentile(&histogram, 0.5), 0);
	histogram.buckets = buckets;
	histogram.earlier = earlier;
	histogram.bucket_count = 2;
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
		cmocka_unit_test(files_of_one_recording_have_one_histogram),
		cmocka_unit_test(an_impossible_bucket_is_ignored),
		cmocka_unit_test(percentiles_lie_between_the_shortest_and_the_longest),
	};

	return cmocka_run_group_tests(tests, make_file, release_file);
}
