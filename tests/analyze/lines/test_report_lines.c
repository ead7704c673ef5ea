/* tests/analyze/lines/test_report_lines.c - analyze/lines/report_lines.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "analyze/lines/report_lines.h"
#include "tests/analyze/lines/own_lines.h"

static void open_lines(struct own_lines *own, size_t files, struct report_lines *ret_lines)
{
	struct line_broker_places places;

	own_lines_make(own);
	places = own_lines_places(own);
	assert_true(report_lines_open("test", &places, files, ret_lines));
}

static void the_stacks_of_a_report_have_lines(void **state)
{
	struct report_lines lines;
	struct own_lines own;
	struct trace *trace;

	(void)state;
	open_lines(&own, 1, &lines);
	assert_true(trace_new(&trace));
	assert_true(trace_add(trace, "death.dz", own_lines_trace(&own)));
	assert_true(trace_load(trace));
	assert_true(report_lines_add(&lines, trace));
	own_lines_assert_found(trace);
	assert_true(trace_collect_problems(trace));
	assert_null(trace_problem(trace, 0));
	report_lines_close(&lines);
	trace_free(trace);
	own_lines_remove(&own);
}

static void a_file_that_is_not_a_trace_is_reported_and_the_others_have_lines(void **state)
{
	int garbage = scenario_unnamed_file();
	const struct input_problem *problem;
	struct report_lines lines;
	struct own_lines own;
	struct trace *trace;

	(void)state;
	assert_int_equal(write(garbage, "garbage", 7), 7);
	open_lines(&own, 2, &lines);
	assert_true(trace_new(&trace));
	assert_true(trace_add(trace, "garbage.dz", garbage));
	assert_true(trace_add(trace, "death.dz", own_lines_trace(&own)));
	assert_true(trace_load(trace));
	assert_true(report_lines_add(&lines, trace));
	own_lines_assert_found(trace);
	assert_true(trace_collect_problems(trace));
	problem = trace_problem(trace, 0);
	assert_non_null(problem);
	assert_string_equal(problem->path, "garbage.dz");
	report_lines_close(&lines);
	trace_free(trace);
	own_lines_remove(&own);
}

static void it_can_be_closed_twice(void **state)
{
	struct report_lines lines;
	struct own_lines own;

	(void)state;
	open_lines(&own, 3, &lines);
	assert_int_equal(lines.count, 3);
	report_lines_close(&lines);
	assert_int_equal(lines.count, 0);
	assert_null(lines.copies);
	report_lines_close(&lines);
	own_lines_remove(&own);
}

static void a_missing_directory_is_refused(void **state)
{
	static const char *const nowhere[] = {"/tmp/there/is/no/such/directory"};
	static const struct line_broker_places places = {.directories = nowhere,
							 .directory_count = 1};
	struct report_lines lines;

	(void)state;
	assert_false(report_lines_open("test", &places, 1, &lines));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stacks_of_a_report_have_lines),
		cmocka_unit_test(a_file_that_is_not_a_trace_is_reported_and_the_others_have_lines),
		cmocka_unit_test(it_can_be_closed_twice),
		cmocka_unit_test(a_missing_directory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
