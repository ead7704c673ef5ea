/* tests/analyze/json/test_json_value.c - JSON values made of untrusted bytes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/json/json_value.h"
#include "tests/analyze/replayed.h"

static struct trace_text text_of(const char *text)
{
	return (struct trace_text){text, strlen(text)};
}

static void write_object(FILE *out, void *context)
{
	assert_true(json_value_write(out, context));
}

static void assert_written(json_t *object, const char *expected)
{
	char *text = replayed_text(write_object, object);

	assert_string_equal(text, expected);
	free(text);
	json_decref(object);
}

static void numbers_stay_numbers_and_addresses_become_text(void **state)
{
	json_t *object = json_object();

	(void)state;
	assert_true(json_value_uint(object, "a", 5));
	assert_true(json_value_uint(object, "b", UINT64_MAX));
	assert_true(json_value_int(object, "c", -5));
	assert_true(json_value_hex(object, "d", UINT64_MAX));
	assert_true(json_value_bool(object, "e", true));
	assert_written(object, "{\"a\":5,\"b\":9223372036854775807,\"c\":-5,"
			       "\"d\":\"0xffffffffffffffff\",\"e\":true}\n");
}

static void text_is_plain_ascii_without_control_characters(void **state)
{
	json_t *object = json_object();

	(void)state;
	assert_true(json_value_text(object, "a", text_of("<b>;\033[31m\"\n\\")));
	assert_true(json_value_text(object, "b", text_of("\x7f\xc2\x9b\xe2\x80\xae")));
	assert_true(json_value_text(object, "c", (struct trace_text){"x\0y", 3}));
	assert_true(json_value_text(object, "d", (struct trace_text){NULL, 0}));
	assert_written(object, "{\"a\":\"<b>;\\u001B[31m\\\"\\n\\\\\","
			       "\"b\":\"\\u007f\\u009B\\u202E\","
			       "\"c\":\"x\\u0000y\",\"d\":\"\"}\n");
}

static void bytes_that_are_no_utf8_are_kept_beside_the_text(void **state)
{
	json_t *object = json_object();

	(void)state;
	assert_true(json_value_text(object, "comm", text_of("a\xff\xc3\xa4\x80")));
	assert_written(object, "{\"comm\":\"a\\uFFFD\\u00E4\\uFFFD\","
			       "\"comm_hex\":\"61ffc3a480\"}\n");
}

static void a_line_longer_than_its_buffer_is_whole(void **state)
{
	json_t *object = json_object();
	char *text = malloc(20001);
	char *written;

	(void)state;
	memset(text, 'x', 20000);
	text[4090] = 0x7f;
	text[20000] = '\0';
	assert_true(json_value_text(object, "a", text_of(text)));
	written = replayed_text(write_object, object);
	assert_int_equal(strlen(written), 20000 + 5 + strlen("{\"a\":\"\"}\n"));
	assert_null(strchr(written, 0x7f));
	free(written);
	free(text);
	json_decref(object);
}

static void write_object_part(FILE *out, void *context)
{
	assert_true(json_value_write_part(out, context));
}

static void write_object_members(FILE *out, void *context)
{
	assert_true(json_value_write_members(out, context));
}

static void a_part_has_no_end_of_line_and_members_have_no_braces(void **state)
{
	json_t *object = json_object();
	char *part, *members;

	(void)state;
	assert_true(json_value_uint(object, "a", 5));
	assert_true(json_value_text(object, "b", text_of("{\n}\x7f")));
	part = replayed_text(write_object_part, object);
	members = replayed_text(write_object_members, object);
	assert_string_equal(part, "{\"a\":5,\"b\":\"{\\n}\\u007f\"}");
	assert_string_equal(members, "\"a\":5,\"b\":\"{\\n}\\u007f\"");
	free(members);
	free(part);
	json_decref(object);
}

static void an_empty_object_has_no_members(void **state)
{
	json_t *object = json_object();
	char *part = replayed_text(write_object_part, object);
	char *members = replayed_text(write_object_members, object);

	(void)state;
	assert_string_equal(part, "{}");
	assert_string_equal(members, "");
	free(members);
	free(part);
	json_decref(object);
}

static void a_write_error_is_reported(void **state)
{
	json_t *object = json_object();
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(full);
	assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
	assert_true(json_value_uint(object, "a", 5));
	assert_false(json_value_write(full, object));
	assert_false(json_value_write_part(full, object));
	assert_false(json_value_write_members(full, object));
	fclose(full);
	json_decref(object);
}

static void a_cause_names_the_sender(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit exit = replayed_exit(trace, 20305, false);
	json_t *cause = json_value_cause(&exit.cause);
	json_t *sender = json_object_get(cause, "signal_sender");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(cause, "kind")), "signal");
	assert_int_equal(json_integer_value(json_object_get(sender, "pid")), 22222);
	assert_string_equal(json_string_value(json_object_get(sender, "function")), "kill");
	assert_int_equal(json_array_size(json_object_get(sender, "ancestors")), 2);
	json_decref(cause);
	trace_free(trace);
}

static void stacks_are_leaf_first(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit exit = replayed_exit(trace, 30001, false);
	struct cause_stack stack = exit.cause.user;
	json_t *frames = json_value_stack(stack.file, stack.stack);
	json_t *leaf = json_array_get(frames, 0);

	(void)state;
	assert_int_equal(json_array_size(frames), 4);
	assert_string_equal(json_string_value(json_object_get(leaf, "symbol")), "parse_line");
	assert_string_equal(json_string_value(json_object_get(leaf, "build_id")), "1234abcd");
	json_decref(frames);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay_numbers_and_addresses_become_text),
		cmocka_unit_test(text_is_plain_ascii_without_control_characters),
		cmocka_unit_test(bytes_that_are_no_utf8_are_kept_beside_the_text),
		cmocka_unit_test(a_line_longer_than_its_buffer_is_whole),
		cmocka_unit_test(a_part_has_no_end_of_line_and_members_have_no_braces),
		cmocka_unit_test(an_empty_object_has_no_members),
		cmocka_unit_test(a_write_error_is_reported),
		cmocka_unit_test(a_cause_names_the_sender),
		cmocka_unit_test(stacks_are_leaf_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
