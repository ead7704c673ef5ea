/* tests/analyze/report/test_histogram.c - analyze/report/histogram.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/report/histogram.h"

static void values_fall_into_powers_of_two(void **state)
{
	struct histogram histogram = {.count = 0};

	(void)state;
	histogram_add(&histogram, 0);
	histogram_add(&histogram, 1);
	histogram_add(&histogram, 1023);
	histogram_add(&histogram, 1024);
	histogram_add(&histogram, UINT64_MAX);
	assert_int_equal(histogram.buckets[0], 2);
	assert_int_equal(histogram.buckets[9], 1);
	assert_int_equal(histogram.buckets[10], 1);
	assert_int_equal(histogram.buckets[63], 1);
	assert_int_equal(histogram.count, 5);
	assert_int_equal(histogram.min, 0);
	assert_true(histogram.max == UINT64_MAX);
	assert_int_equal(histogram_most(&histogram), 2);
}

static void a_sum_that_is_too_large_stays_at_its_limit(void **state)
{
	struct histogram histogram = {.count = 0};

	(void)state;
	histogram_add(&histogram, UINT64_MAX - 1);
	histogram_add(&histogram, 2);
	assert_true(histogram.sum == UINT64_MAX);
}

static void a_percentile_is_the_end_of_its_bucket_and_not_beyond_the_largest(void **state)
{
	struct histogram histogram = {.count = 0};

	(void)state;
	assert_int_equal(histogram_percentile(&histogram, 50), 0);
	for (int i = 0; i < 99; i++)
		histogram_add(&histogram, 100);
	histogram_add(&histogram, 5000);
	assert_int_equal(histogram_percentile(&histogram, 50), 127);
	assert_int_equal(histogram_percentile(&histogram, 99), 127);
	assert_int_equal(histogram_percentile(&histogram, 100), 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_fall_into_powers_of_two),
		cmocka_unit_test(a_sum_that_is_too_large_stays_at_its_limit),
		cmocka_unit_test(a_percentile_is_the_end_of_its_bucket_and_not_beyond_the_largest),
	};

	return cmocka_run_group_tests_name("analyze/histogram", tests, NULL, NULL);
}
