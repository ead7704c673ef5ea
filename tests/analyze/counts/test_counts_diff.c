/* tests/analyze/counts/test_counts_diff.c - numbers an hour are compared by the rule of Poisson */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/counts/counts_diff.h"

#define HOUR (UINT64_C(3600) * 1000000000)

static enum counts_change compare(uint64_t before, uint64_t after, uint64_t hours)
{
	return counts_diff_compare((uint64_t[]){before, after}, (uint64_t[]){HOUR, hours * HOUR});
}

static void new_and_gone_are_always_told(void **state)
{
	(void)state;
	assert_int_equal(compare(0, 1, 1), COUNTS_NEW);
	assert_int_equal(compare(1, 0, 1), COUNTS_GONE);
	assert_int_equal(compare(0, 1, 0), COUNTS_NEW);
}

static void chance_is_no_change(void **state)
{
	(void)state;
	assert_int_equal(compare(791, 797, 1), COUNTS_SAME);
	assert_int_equal(compare(12, 103, 1), COUNTS_MORE);
	assert_int_equal(compare(103, 12, 1), COUNTS_LESS);
	assert_int_equal(compare(100, 141, 1), COUNTS_SAME);
	assert_int_equal(compare(100, 160, 1), COUNTS_MORE);
	assert_int_equal(compare(1, 5, 1), COUNTS_SAME);
}

static void the_length_of_the_recordings_counts(void **state)
{
	(void)state;
	assert_int_equal(compare(100, 1000, 10), COUNTS_SAME);
	assert_int_equal(compare(100, 100, 10), COUNTS_LESS);
	assert_int_equal(compare(100, 2000, 10), COUNTS_MORE);
	/* Without a length, the numbers are compared as they are. */
	assert_int_equal(compare(100, 100, 0), COUNTS_SAME);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_and_gone_are_always_told),
		cmocka_unit_test(chance_is_no_change),
		cmocka_unit_test(the_length_of_the_recordings_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
