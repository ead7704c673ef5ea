/* tests/text/test_digits.c - text/digits.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/digits.h"

static char *written(uint64_t value)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	digits_write(stream, value);
	fclose(stream);
	return text;
}

static void every_number_comes_back(void **state)
{
	static const uint64_t values[] = {0,    1,      31,         32,         1023,
					  1024, 123456, UINT32_MAX, 1ull << 53, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char *text = written(values[i]);
		const char *at = text;
		uint64_t value = 0;

		assert_true(digits_read(&at, text + strlen(text), &value));
		assert_int_equal(value, values[i]);
		assert_ptr_equal(at, text + strlen(text));
		free(text);
	}
}

static void small_numbers_are_one_character(void **state)
{
	char *text = written(31);

	(void)state;
	assert_string_equal(text, "V");
	free(text);
	text = written(32);
	assert_string_equal(text, "W1");
	free(text);
}

static void truncated_invalid_and_too_large_numbers_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "_", "W", "!", "W!", "____________g", "_____________1"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *at = bad[i];
		uint64_t value = 42;

		assert_false(digits_read(&at, bad[i] + strlen(bad[i]), &value));
		assert_int_equal(value, 42);
	}
}

static void every_digit_has_its_value(void **state)
{
	(void)state;
	for (unsigned value = 0; value < 64; value++)
		assert_int_equal(digits_value(digits_digit(value)), value);
	assert_int_equal(digits_value('+'), -1);
	assert_int_equal(digits_value('\0'), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_comes_back),
		cmocka_unit_test(small_numbers_are_one_character),
		cmocka_unit_test(truncated_invalid_and_too_large_numbers_are_refused),
		cmocka_unit_test(every_digit_has_its_value),
	};

	return cmocka_run_group_tests_name("text/digits", tests, NULL, NULL);
}
