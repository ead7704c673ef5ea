/* tests/analyze/program/test_limited_stream.c - tests of analyze/program/limited_stream.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/program/limited_stream.h"

struct target {
	FILE *file;
	char *text;
	size_t size;
};

static int open_target(void **state)
{
	static struct target target;

	target.file = open_memstream(&target.text, &target.size);
	*state = &target;
	return target.file ? 0 : -1;
}

static int close_target(void **state)
{
	struct target *target = *state;

	fclose(target->file);
	free(target->text);
	return 0;
}

static void what_fits_is_passed_on(void **state)
{
	struct target *target = *state;
	struct limited_stream stream;

	assert_true(limited_stream_open(&stream, target->file, 5));
	fputs("12345", stream.out);
	assert_int_equal(fflush(stream.out), 0);
	limited_stream_close(&stream);
	assert_false(stream.is_over_limit);
	assert_int_equal(fflush(target->file), 0);
	assert_string_equal(target->text, "12345");
}

static void more_is_an_error_of_the_stream_alone(void **state)
{
	struct target *target = *state;
	struct limited_stream stream;

	assert_true(limited_stream_open(&stream, target->file, 5));
	fputs("123", stream.out);
	assert_int_equal(fflush(stream.out), 0);
	fputs("456", stream.out);
	assert_int_not_equal(fflush(stream.out), 0);
	assert_true(ferror(stream.out));
	fputs("7", stream.out); /* would fit, after a gap */
	limited_stream_close(&stream);
	assert_true(stream.is_over_limit);
	assert_false(ferror(target->file));
	assert_int_equal(fflush(target->file), 0);
	assert_string_equal(target->text, "123");
}

static void an_error_of_the_target_is_no_limit(void **state)
{
	struct limited_stream stream;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (!full)
		skip();
	setbuf(full, NULL);
	assert_true(limited_stream_open(&stream, full, 100));
	fputs("123", stream.out);
	assert_int_not_equal(fflush(stream.out), 0);
	limited_stream_close(&stream);
	assert_false(stream.is_over_limit);
	assert_true(ferror(full));
	fclose(full);
}

static void limits_grow_with_the_input(void **state)
{
	(void)state;
	assert_true(limited_stream_limit(0) >= UINT64_C(1) << 20);
	assert_int_equal(limited_stream_limit(1000) - limited_stream_limit(0),
			 1000 * (limited_stream_limit(1) - limited_stream_limit(0)));
	assert_true(limited_stream_limit(UINT64_MAX) == UINT64_MAX);
	assert_true(limited_stream_limit(UINT64_MAX / 262144) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_fits_is_passed_on, open_target, close_target),
		cmocka_unit_test_setup_teardown(more_is_an_error_of_the_stream_alone, open_target,
						close_target),
		cmocka_unit_test(an_error_of_the_target_is_no_limit),
		cmocka_unit_test(limits_grow_with_the_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
