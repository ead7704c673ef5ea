/* tests/analyze/lines/test_source_lines.c - analyze/lines/source_lines.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "analyze/lines/source_lines.h"
#include "tests/analyze/lines/own_lines.h"
#include "tests/analyze/replayed.h"
#include <dz/sink.h>

/* Copies a trace with lines and loads the copy; the input is closed. */
static struct trace *copy_with_lines(struct source_lines *lines, int fd,
				     struct dz_add_lines_result *ret_result)
{
	struct dz_fd_stream stream = {.fd = scenario_unnamed_file()};
	const struct dz_sink sink = dz_fd_sink(&stream);
	struct dz_source source;

	assert_int_equal(dz_source_file(fd, &source), DZ_OK);
	assert_int_equal(source_lines_add(lines, &source, &sink, ret_result), DZ_OK);
	close(fd);
	return replayed_file(stream.fd);
}

static void frames_get_the_function_file_and_line_of_debug_files(void **state)
{
	struct dz_add_lines_result result;
	struct source_lines *lines;
	struct line_broker_places places;
	struct line_broker broker;
	struct own_lines own;

	(void)state;
	own_lines_make(&own);
	places = own_lines_places(&own);
	assert_true(line_broker_start("test", &places, &broker));
	lines = source_lines_new("test", &broker);
	assert_non_null(lines);
	for (int i = 0; i < 2; i++) { /* nothing of the first trace is left for the second */
		struct trace *trace = copy_with_lines(lines, own_lines_trace(&own), &result);

		own_lines_assert_found(trace);
		assert_int_equal(result.frames, 1);
		assert_int_equal(result.inlined, 0);
		trace_free(trace);
	}
	source_lines_free(lines);
	line_broker_stop(&broker, true);
	own_lines_remove(&own);
}

static void frames_without_a_debug_file_stay_as_they_are(void **state)
{
	static const struct line_broker_places nowhere = {.directory_count = 0};
	struct dz_add_lines_result result;
	struct source_lines *lines;
	struct line_broker broker;
	struct own_lines own;
	struct trace *trace;

	(void)state;
	own_lines_make(&own);
	assert_true(line_broker_start("test", &nowhere, &broker));
	lines = source_lines_new("test", &broker);
	assert_non_null(lines);
	trace = copy_with_lines(lines, own_lines_trace(&own), &result);
	own_lines_assert_not_found(trace);
	assert_int_equal(result.frames, 0);
	trace_free(trace);
	source_lines_free(lines);
	line_broker_stop(&broker, true);
	own_lines_remove(&own);
}

static void without_a_broker_a_trace_is_copied_without_lines(void **state)
{
	struct dz_add_lines_result result;
	struct source_lines *lines;
	struct line_broker_places places;
	struct line_broker broker;
	struct own_lines own;
	struct trace *trace;

	(void)state;
	own_lines_make(&own);
	places = own_lines_places(&own);
	assert_true(line_broker_start("test", &places, &broker));
	line_broker_stop(&broker, true);
	broker.fd = -1;
	lines = source_lines_new("test", &broker);
	assert_non_null(lines);
	trace = copy_with_lines(lines, own_lines_trace(&own), &result);
	own_lines_assert_not_found(trace);
	trace_free(trace);
	source_lines_free(lines);
	own_lines_remove(&own);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_get_the_function_file_and_line_of_debug_files),
		cmocka_unit_test(frames_without_a_debug_file_stay_as_they_are),
		cmocka_unit_test(without_a_broker_a_trace_is_copied_without_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
