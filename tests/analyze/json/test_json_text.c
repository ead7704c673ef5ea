/* tests/analyze/json/test_json_text.c - JSON values made of untrusted bytes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/json/json_text.h"

static struct trace_text text_of(const char *text)
{
	return (struct trace_text){text, strlen(text)};
}

static void assert_text(struct buffer *out, const char *expected)
{
	assert_false(out->failed);
	assert_int_equal(out->size, strlen(expected));
	assert_memory_equal(out->data, expected, out->size);
	buffer_release(out);
}

static void numbers_stay_numbers_and_addresses_become_text(void **state)
{
	struct buffer out = {0};

	(void)state;
	json_text_name(&out, "a");
	json_text_uint(&out, 5);
	json_text_name(&out, "b");
	json_text_uint(&out, UINT64_MAX);
	json_text_name(&out, "c");
	json_text_int(&out, -5);
	json_text_name(&out, "d");
	json_text_hex(&out, UINT64_MAX);
	json_text_name(&out, "e");
	json_text_hex(&out, 0);
	json_text_name(&out, "f");
	json_text_bool(&out, true);
	json_text_name(&out, "g");
	json_text_int(&out, INT64_MIN);
	assert_text(&out, "\"a\":5,\"b\":9223372036854775807,\"c\":-5,"
			  "\"d\":\"0xffffffffffffffff\",\"e\":\"0x0\",\"f\":true,"
			  "\"g\":-9223372036854775808");
}

static void text_is_plain_ascii_without_control_characters(void **state)
{
	struct buffer out = {0};

	(void)state;
	json_text_member(&out, "a", text_of("<b>;\033[31m\"\n\\"));
	json_text_member(&out, "b", text_of("\x7f\xc2\x9b\xe2\x80\xae"));
	json_text_member(&out, "c", (struct trace_text){"x\0y", 3});
	json_text_member(&out, "d", (struct trace_text){NULL, 0});
	json_text_member(&out, "e", text_of("\xf0\x9f\x98\x80\b\f\r\t"));
	assert_text(&out, "\"a\":\"<b>;\\u001B[31m\\\"\\n\\\\\","
			  "\"b\":\"\\u007f\\u009B\\u202E\","
			  "\"c\":\"x\\u0000y\",\"d\":\"\","
			  "\"e\":\"\\uD83D\\uDE00\\b\\f\\r\\t\"");
}

static void bytes_that_are_no_utf8_are_kept_beside_the_text(void **state)
{
	struct buffer out = {0};

	(void)state;
	json_text_member(&out, "comm", text_of("a\xff\xc3\xa4\x80"));
	assert_text(&out, "\"comm\":\"a\\uFFFD\\u00E4\\uFFFD\",\"comm_hex\":\"61ffc3a480\"");
}

static void a_comma_is_between_values_only(void **state)
{
	struct buffer out = {0};

	(void)state;
	json_text_literal(&out, "{");
	json_text_name(&out, "a");
	json_text_literal(&out, "[");
	json_text_comma(&out);
	json_text_literal(&out, "{}");
	json_text_comma(&out);
	json_text_literal(&out, "{}]");
	json_text_name(&out, "b");
	json_text_word(&out, "{");
	json_text_name(&out, "c");
	json_text_bytes(&out, text_of("\x01\xfe"));
	json_text_literal(&out, "}");
	assert_text(&out, "{\"a\":[{},{}],\"b\":\"{\",\"c\":\"01fe\"}");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay_numbers_and_addresses_become_text),
		cmocka_unit_test(text_is_plain_ascii_without_control_characters),
		cmocka_unit_test(bytes_that_are_no_utf8_are_kept_beside_the_text),
		cmocka_unit_test(a_comma_is_between_values_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
