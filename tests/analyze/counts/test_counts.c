/* tests/analyze/counts/test_counts.c - exits are counted by keys, exactly and in bounded memory */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/counts/counts.h"
#include "tests/analyze/replayed.h"

static void keys_are_words_with_commas(void **state)
{
	struct counts_request request = {.utc = true};

	(void)state;
	assert_true(counts_parse_keys("host,comm,cause", &request));
	assert_int_equal(request.key_count, 3);
	assert_int_equal(request.keys[0], COUNTS_HOST);
	assert_int_equal(request.keys[2], COUNTS_CAUSE);
	assert_true(request.utc);
	assert_true(counts_parse_keys(
		"host,boot,file,cgroup,container,comm,class,cause,sender,uid,hour", &request));
	assert_int_equal(request.key_count, COUNTS_KEY_COUNT);
	assert_false(counts_parse_keys("", &request));
	assert_false(counts_parse_keys("comm,", &request));
	assert_false(counts_parse_keys(",comm", &request));
	assert_false(counts_parse_keys("comm,comm", &request));
	assert_false(counts_parse_keys("com", &request));
	assert_int_equal(request.key_count, COUNTS_KEY_COUNT);
}

static void assert_value(const struct counts_row *row, size_t number, const char *text)
{
	struct trace_text value = counts_value(row, number);

	assert_int_equal(value.size, strlen(text));
	assert_memory_equal(value.bytes, text, value.size);
}

static struct counts *count_by(const char *keys, void (*add)(struct scenario *scenario))
{
	struct counts_request request = {.utc = true};
	struct trace *trace = replayed_trace(add);
	struct counts_side side = {.side = 0};

	assert_true(counts_parse_keys(keys, &request));
	side.counts = counts_new(&request);
	assert_non_null(side.counts);
	replayed_show(trace, NULL, counts_visitor(&side));
	trace_free(trace);
	return side.counts;
}

static void the_most_frequent_row_is_the_first(void **state)
{
	struct counts *counts = count_by("class,cause", scenario_deaths);
	uint64_t sum = 0;

	(void)state;
	assert_true(counts_sort(counts) > 10);
	assert_value(counts_row_at(counts, 0), 0, "CLEAN");
	assert_int_equal(counts_row_at(counts, 0)->counts[0], 10);
	assert_value(counts_row_at(counts, 1), 1, "FAILED exit code 1");
	for (size_t i = 0; i < counts_sort(counts); i++)
		sum += counts_row_at(counts, i)->counts[0];
	assert_int_equal(sum, counts_total(counts, 0));
	counts_free(counts);
}

static void add_processes(struct scenario *scenario)
{
	for (uint32_t i = 0; i < COUNTS_ROWS_MAX + 1000; i++) {
		char comm[16];
		const struct scenario_task task = {.pid = i + 1, .comm = comm, .age_ns = 1};

		snprintf(comm, sizeof(comm), "w%u", i);
		scenario_exit(scenario, (struct dz_exit){.task = scenario_task(scenario, &task),
							 .exit_code = i % 2});
	}
}

static void rows_are_limited_and_the_rest_is_counted_by_class(void **state)
{
	struct counts *counts = count_by("comm", add_processes);

	(void)state;
	assert_int_equal(counts_sort(counts), COUNTS_ROWS_MAX);
	assert_int_equal(counts_total(counts, 0), COUNTS_ROWS_MAX + 1000);
	assert_int_equal(counts_others(counts, 0, CAUSE_CLASS_FAILED), 500);
	assert_int_equal(counts_others(counts, 0, CAUSE_CLASS_CLEAN), 500);
	counts_free(counts);
}

static void similar_names_are_one_row(void **state)
{
	const struct counts_request request = {.keys = {COUNTS_COMM},
					       .key_count = 1,
					       .similar_names = true,
					       .without_clean = true};
	struct trace *trace = replayed_trace(add_processes);
	struct counts_side side = {counts_new(&request), 1};

	(void)state;
	assert_non_null(side.counts);
	replayed_show(trace, NULL, counts_visitor(&side));
	assert_int_equal(counts_sort(side.counts), 1);
	assert_value(counts_row_at(side.counts, 0), 0, "wN");
	assert_int_equal(counts_row_at(side.counts, 0)->counts[1], COUNTS_ROWS_MAX / 2 + 500);
	counts_free(side.counts);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_words_with_commas),
		cmocka_unit_test(the_most_frequent_row_is_the_first),
		cmocka_unit_test(rows_are_limited_and_the_rest_is_counted_by_class),
		cmocka_unit_test(similar_names_are_one_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
