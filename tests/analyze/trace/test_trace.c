/* tests/analyze/trace/test_trace.c - several files as one sequence of events */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/analyze/replayed.h"

/* Writes two exits one second apart, the first at start_s seconds. */
static int write_exits(uint8_t seed, uint32_t start_s)
{
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, seed);

	scenario.now_ns += start_s * SECOND;
	for (uint32_t i = 0; i < 2; i++) {
		scenario_exit(
			&scenario,
			(struct dz_exit){.task = scenario_task(
						 &scenario, &(struct scenario_task){.pid = seed + i,
										    .comm = "p"})});
		scenario.now_ns += SECOND;
	}
	scenario_close(&scenario);
	return fd;
}

static struct trace *load(const int *fds, size_t count)
{
	struct trace *trace;

	assert_true(trace_new(&trace));
	for (size_t i = 0; i < count; i++)
		assert_true(trace_add(trace, "test.dz", fds[i]));
	assert_true(trace_load(trace));
	return trace;
}

/* Gives the pid of the next exit, 0 at the end. */
static uint64_t next_pid(struct trace *trace)
{
	struct trace_event event;

	if (trace_next(trace, &event) == TRACE_END)
		return 0;
	return dz_reader_task(event.file->reader, ((const struct dz_exit *)event.event.row)->task)
		->pid;
}

static void files_are_merged_by_time(void **state)
{
	const int fds[] = {write_exits(20, 1), write_exits(10, 0), write_exits(30, 5)};
	static const uint64_t expected[] = {10, 20, 11, 21, 30, 31, 0};
	struct trace *trace = load(fds, 3);

	(void)state;
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(trace_rewind(trace, VISITOR_KIND(DZ_KIND_EXIT), NULL, NULL),
				 TRACE_OK);
		for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
			assert_int_equal(next_pid(trace), expected[i]);
	}
	trace_free(trace);
}

static void parts_outside_of_a_range_are_not_read(void **state)
{
	const int fds[] = {write_exits(20, 1), write_exits(10, 0), write_exits(30, 5)};
	const struct time_range late = {SCENARIO_START_UNIX_NS + 4 * SECOND, UINT64_MAX};
	const struct time_range early = {0, SCENARIO_START_UNIX_NS + SECOND / 2};
	struct trace *trace = load(fds, 3);

	(void)state;
	assert_int_equal(trace_rewind(trace, VISITOR_KIND(DZ_KIND_EXIT), &late, NULL), TRACE_OK);
	assert_int_equal(next_pid(trace), 30);
	assert_int_equal(next_pid(trace), 31);
	assert_int_equal(next_pid(trace), 0);
	assert_int_equal(trace_rewind(trace, VISITOR_KIND(DZ_KIND_EXIT), &early, NULL), TRACE_OK);
	assert_int_equal(next_pid(trace), 10);
	assert_int_equal(next_pid(trace), 0);
	assert_true(trace_has_before(trace, DZ_KIND_EXIT, early.last_ns));
	assert_false(trace_has_before(trace, DZ_KIND_EXIT, SCENARIO_START_UNIX_NS));
	assert_false(trace_has_before(trace, DZ_KIND_SIGNAL, UINT64_MAX));
	trace_free(trace);
}

static void the_span_is_from_the_first_start_to_the_last_event(void **state)
{
	const int fds[] = {write_exits(20, 1), write_exits(10, 0)};
	struct trace *trace = load(fds, 2);
	struct time_range span = trace_span(trace);

	(void)state;
	assert_int_equal(span.first_ns, SCENARIO_START_UNIX_NS);
	assert_int_equal(span.last_ns, SCENARIO_START_UNIX_NS + 2 * SECOND + 1000000);
	trace_free(trace);
}

static void files_of_one_boot_have_the_same_number(void **state)
{
	const int fds[] = {write_exits(1, 0), write_exits(2, 0)};
	struct trace *trace = load(fds, 2);

	(void)state;
	assert_int_equal(trace_file(trace, 0)->boot, trace_file(trace, 1)->boot);
	assert_null(trace_file(trace, 2));
	trace_free(trace);
}

static void an_intact_file_has_no_problem(void **state)
{
	const int fd = write_exits(1, 0);
	struct trace *trace = load(&fd, 1);

	(void)state;
	assert_true(trace_is_readable(trace));
	assert_true(trace_collect_problems(trace));
	assert_null(trace_problem(trace, 0));
	assert_false(trace_has_failed(trace));
	trace_free(trace);
}

static void a_file_that_is_no_trace_is_a_failure_and_the_others_are_read(void **state)
{
	const int fds[] = {scenario_unnamed_file(), write_exits(10, 0)};
	struct trace *trace;

	(void)state;
	assert_int_equal(write(fds[0], "no trace at all, just some text\n", 32), 32);
	trace = load(fds, 2);
	assert_true(trace_is_readable(trace));
	assert_int_equal(trace_rewind(trace, VISITOR_KIND(DZ_KIND_EXIT), NULL, NULL), TRACE_OK);
	assert_int_equal(next_pid(trace), 10);
	assert_true(trace_collect_problems(trace));
	assert_true(trace_problem(trace, 0)->failure);
	assert_null(trace_problem(trace, 1));
	trace_free(trace);
}

static void a_truncated_file_is_incomplete_but_no_failure(void **state)
{
	const int fd = write_exits(10, 0);
	off_t size = lseek(fd, 0, SEEK_END);
	struct trace *trace;

	(void)state;
	assert_int_equal(ftruncate(fd, size - 10), 0);
	trace = load(&fd, 1);
	assert_int_equal(trace_rewind(trace, 0, NULL, NULL), TRACE_OK);
	assert_true(trace_collect_problems(trace));
	assert_non_null(trace_problem(trace, 0));
	assert_false(trace_problem(trace, 0)->failure);
	trace_free(trace);
}

static void an_abandoned_file_is_reported_as_not_closed(void **state)
{
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, 1);
	struct trace *trace;

	(void)state;
	scenario_info(&scenario, "key", "value");
	scenario_abandon(&scenario);
	trace = load(&fd, 1);
	assert_true(trace_collect_problems(trace));
	assert_non_null(strstr(trace_problem(trace, 0)->what, "not closed"));
	assert_null(trace_problem(trace, 1));
	trace_free(trace);
}

static void a_read_error_is_reported_with_its_text(void **state)
{
	const int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
	struct trace *trace = load(&fd, 1);

	(void)state;
	assert_false(trace_is_readable(trace));
	assert_true(trace_collect_problems(trace));
	assert_true(trace_problem(trace, 0)->failure);
	assert_int_not_equal(trace_problem(trace, 0)->error_number, 0);
	trace_free(trace);
}

static int compare(const char *left, const char *right)
{
	return trace_text_compare((struct trace_text){left, strlen(left)},
				  (struct trace_text){right, strlen(right)});
}

static void texts_are_in_the_order_of_their_bytes(void **state)
{
	static const char text[] = "abcdef";

	(void)state;
	assert_int_equal(compare("", ""), 0);
	assert_true(trace_text_compare((struct trace_text){NULL, 0}, (struct trace_text){text, 1}) <
		    0);
	assert_int_equal(compare("ab", (char[]){"ab"}), 0);
	assert_true(compare("", "a") < 0);
	assert_true(compare("ab", "abc") < 0);
	assert_true(compare("abd", "abc") > 0);
	assert_true(compare("\xff", "a") > 0);
	assert_true(trace_text_compare((struct trace_text){text, 5}, (struct trace_text){text, 6}) <
		    0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_merged_by_time),
		cmocka_unit_test(parts_outside_of_a_range_are_not_read),
		cmocka_unit_test(the_span_is_from_the_first_start_to_the_last_event),
		cmocka_unit_test(files_of_one_boot_have_the_same_number),
		cmocka_unit_test(an_intact_file_has_no_problem),
		cmocka_unit_test(a_file_that_is_no_trace_is_a_failure_and_the_others_are_read),
		cmocka_unit_test(a_truncated_file_is_incomplete_but_no_failure),
		cmocka_unit_test(an_abandoned_file_is_reported_as_not_closed),
		cmocka_unit_test(a_read_error_is_reported_with_its_text),
		cmocka_unit_test(texts_are_in_the_order_of_their_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
