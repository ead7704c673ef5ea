/* tests/analyze/json/test_json_value.c - JSON of stacks, causes, tasks and times */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/json/json_value.h"
#include "tests/analyze/replayed.h"

/* Parses what is in the buffer, and empties it. The caller frees the value. */
static json_t *parse(struct json_writer *writer)
{
	json_t *value;

	assert_false(writer->buffer.failed);
	value = json_loadb((const char *)writer->buffer.data, writer->buffer.size, 0, NULL);
	assert_non_null(value);
	buffer_clear(&writer->buffer);
	return value;
}

static void a_cause_names_the_sender(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit exit = replayed_exit(trace, 20305, false);
	struct json_writer writer = json_writer_new(stdout);
	json_t *cause, *sender;

	(void)state;
	json_value_cause(&writer, &exit.cause);
	cause = parse(&writer);
	sender = json_object_get(cause, "signal_sender");
	assert_string_equal(json_string_value(json_object_get(cause, "kind")), "signal");
	assert_int_equal(json_integer_value(json_object_get(sender, "pid")), 22222);
	assert_string_equal(json_string_value(json_object_get(sender, "function")), "kill");
	assert_int_equal(json_array_size(json_object_get(sender, "ancestors")), 2);
	json_decref(cause);
	json_writer_release(&writer);
	trace_free(trace);
}

static void stacks_are_leaf_first(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit exit = replayed_exit(trace, 30001, false);
	struct cause_stack stack = exit.cause.user;
	struct json_writer writer = json_writer_new(stdout);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *frames, *leaf;

		json_value_stack(&writer, stack.file, stack.stack);
		frames = parse(&writer);
		leaf = json_array_get(frames, 0);
		assert_int_equal(json_array_size(frames), 4);
		assert_string_equal(json_string_value(json_object_get(leaf, "symbol")),
				    "parse_line");
		assert_string_equal(json_string_value(json_object_get(leaf, "build_id")),
				    "1234abcd");
		json_decref(frames);
	}
	json_writer_release(&writer);
	trace_free(trace);
}

/* A text that is kept is the same as one that is made. */
static void kept_texts_are_those_that_are_made(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit exit = replayed_exit(trace, 35000, false);
	struct json_writer writer = json_writer_new(stdout);
	struct json_writer forgetful = {.out = stdout};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		json_value_origin(&writer, exit.file, 1748779200000000001);
		json_value_task(&writer, exit.file, exit.task);
		json_value_cause(&writer, &exit.cause);
		json_value_origin(&forgetful, exit.file, 1748779200000000001);
		json_value_task(&forgetful, exit.file, exit.task);
		json_value_cause(&forgetful, &exit.cause);
	}
	assert_int_equal(writer.buffer.size, forgetful.buffer.size);
	assert_memory_equal(writer.buffer.data, forgetful.buffer.data, writer.buffer.size);
	json_writer_release(&writer);
	json_writer_release(&forgetful);
	trace_free(trace);
}

static void times_are_utc_with_nine_digits(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct json_writer writer = json_writer_new(stdout);
	json_t *object;

	(void)state;
	json_text_literal(&writer.buffer, "{");
	json_value_origin(&writer, trace_file(trace, 0), 1795964844381958198);
	json_text_literal(&writer.buffer, "}");
	object = parse(&writer);
	assert_string_equal(json_string_value(json_object_get(object, "time")),
			    "2026-11-29T15:07:24.381958198Z");
	json_decref(object);
	json_writer_release(&writer);
	trace_free(trace);
}

static void a_write_error_is_reported(void **state)
{
	FILE *full = fopen("/dev/full", "we");
	struct json_writer writer = json_writer_new(full);

	(void)state;
	assert_non_null(full);
	assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
	json_text_literal(&writer.buffer, "{}");
	assert_true(json_writer_continue(&writer));
	assert_non_null(buffer_extend(&writer.buffer, 100000));
	memset(writer.buffer.data, 'x', writer.buffer.size);
	assert_false(json_writer_continue(&writer));
	assert_false(json_writer_flush(&writer));
	fclose(full);
	json_writer_release(&writer);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cause_names_the_sender),
		cmocka_unit_test(stacks_are_leaf_first),
		cmocka_unit_test(kept_texts_are_those_that_are_made),
		cmocka_unit_test(times_are_utc_with_nine_digits),
		cmocka_unit_test(a_write_error_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
