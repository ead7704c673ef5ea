/* tests/record/common/test_kernel_release.c - record/common/kernel_release.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/common/kernel_release.h"

static void test_numbers_are_compared_not_digits(void **state)
{
	(void)state;
	assert_true(kernel_release_is_before("5.15.0-204-generic", 6, 1));
	assert_true(kernel_release_is_before("6.0.19", 6, 1));
	assert_false(kernel_release_is_before("6.1.0-52-amd64", 6, 1));
	assert_false(kernel_release_is_before("6.12.117+deb12-amd64", 6, 1));
	assert_false(kernel_release_is_before("7.0.0-44-generic", 6, 1));
	assert_true(kernel_release_is_before("5.9", 5, 17));
	assert_true(kernel_release_is_before("4.19.0", 5, 17));
	assert_false(kernel_release_is_before("5.17-rc1", 5, 17));
	assert_false(kernel_release_is_before("10.0", 6, 1));
}

static void test_a_release_without_a_number_is_not_old(void **state)
{
	(void)state;
	assert_false(kernel_release_is_before("", 6, 1));
	assert_false(kernel_release_is_before("next-5.10", 6, 1));
	assert_false(kernel_release_is_before("5", 6, 1));
}

static void test_the_running_kernel_is_between_the_first_and_the_last(void **state)
{
	(void)state;
	assert_false(kernel_is_before(0, 0));
	assert_true(kernel_is_before(1000, 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_compared_not_digits),
		cmocka_unit_test(test_a_release_without_a_number_is_not_old),
		cmocka_unit_test(test_the_running_kernel_is_between_the_first_and_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
