/* tests/record/output/test_naming.c - record/output/naming.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "record/output/naming.h"

static void a_default_name_has_host_and_local_time(void **state)
{
	char name[64];

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	assert_true(naming_default("web1", 1700000000, name, sizeof(name)));
	assert_string_equal(name, "diag-web1-20231114-221320.dz");
}

static void a_host_name_with_a_slash_names_no_directory(void **state)
{
	char name[64];

	(void)state;
	assert_true(naming_default("../a/b", 0, name, sizeof(name)));
	assert_string_equal(name, "diag-.._a_b-19700101-000000.dz");
}

static void pieces_are_numbered_before_the_suffix(void **state)
{
	char name[64];

	(void)state;
	assert_true(naming_piece("a/trace.dz", 1, name, sizeof(name)));
	assert_string_equal(name, "a/trace.dz");
	assert_true(naming_piece("a/trace.dz", 2, name, sizeof(name)));
	assert_string_equal(name, "a/trace-2.dz");
	assert_true(naming_piece("trace", 12, name, sizeof(name)));
	assert_string_equal(name, "trace-12");
	assert_true(naming_piece(".dz", 2, name, sizeof(name)));
	assert_string_equal(name, ".dz-2");
}

static void a_name_that_does_not_fit_is_refused(void **state)
{
	char name[12];

	(void)state;
	assert_true(naming_piece("trace.dz", 22, name, sizeof(name)));
	assert_false(naming_piece("trace.dz", 222, name, sizeof(name)));
	assert_false(naming_default("host", 0, name, sizeof(name)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_default_name_has_host_and_local_time),
		cmocka_unit_test(a_host_name_with_a_slash_names_no_directory),
		cmocka_unit_test(pieces_are_numbered_before_the_suffix),
		cmocka_unit_test(a_name_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
