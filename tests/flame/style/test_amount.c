/* tests/flame/style/test_amount.c - flame/style/amount.c: weights as exact text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flame/style/amount.h"

static const struct amount_scale plain = {.factor = 1, .unit = "samples"};

static void every_digit_is_shown_with_commas(void **state)
{
	(void)state;
	assert_string_equal(amount_exact(0, &plain).text, "0");
	assert_string_equal(amount_exact(1234567, &plain).text, "1,234,567");
	assert_string_equal(amount_exact(UINT64_MAX, &plain).text, "18,446,744,073,709,551,615");
}

static void decimals_and_factors_are_exact(void **state)
{
	const struct amount_scale halves = {.factor = 5, .decimals = 1, .unit = "samples"};
	const struct amount_scale fine = {.factor = 123456789, .decimals = 9, .unit = "x"};

	(void)state;
	assert_string_equal(amount_exact(5, &halves).text, "2.5");
	assert_string_equal(amount_exact(6, &halves).text, "3");
	assert_string_equal(amount_exact(2001, &halves).text, "1,000.5");
	assert_string_equal(amount_exact(1, &fine).text, "0.123456789");
	assert_string_equal(amount_exact(UINT64_MAX, &fine).text,
			    "2,277,375,790,844,960,561.017664235");
}

static void shares_are_rounded_half_up_from_the_exact_quotient(void **state)
{
	(void)state;
	assert_string_equal(amount_percent(1, 3).text, "33.33");
	assert_string_equal(amount_percent(2, 3).text, "66.67");
	assert_string_equal(amount_percent(1, 20000).text, "0.01");
	assert_string_equal(amount_percent(1, 20001).text, "0.00");
	assert_string_equal(amount_percent(5, 1005).text, "0.50");
	assert_string_equal(amount_percent(UINT64_MAX, UINT64_MAX).text, "100.00");
	assert_string_equal(amount_percent(0, 0).text, "0.00");
}

static void times_and_bytes_are_scaled_for_reading(void **state)
{
	const struct amount_scale time = {.factor = 1, .unit = "ns"};
	const struct amount_scale bytes = {.factor = 1, .unit = "bytes"};

	(void)state;
	assert_string_equal(amount_short(12345678, &time).text, "12.3 ms");
	assert_string_equal(amount_short(4404019, &bytes).text, "4.1 MiB");
	assert_string_equal(amount_short(1234, &plain).text, "1,234");
	assert_true(amount_is_scaled(&time));
	assert_false(amount_is_scaled(&plain));
}

static void totals_from_a_million_on_have_three_digits(void **state)
{
	const struct amount_scale cycles = {.factor = 1, .unit = "cycles"};

	(void)state;
	assert_string_equal(amount_rounded(999999, &cycles).text, "999,999");
	assert_string_equal(amount_rounded(6853123, &cycles).text, "6.85 M");
	assert_string_equal(amount_rounded(68531230, &cycles).text, "68.5 M");
	assert_string_equal(amount_rounded(685312300, &cycles).text, "685 M");
	assert_string_equal(amount_rounded(999600000, &cycles).text, "1.00 G");
	assert_string_equal(amount_rounded(UINT64_MAX, &cycles).text, "18.4 E");
}

static void rounded_times_and_bytes_have_three_digits(void **state)
{
	const struct amount_scale time = {.factor = 1, .unit = "ns"};
	const struct amount_scale bytes = {.factor = 1, .unit = "bytes"};

	(void)state;
	assert_string_equal(amount_rounded(999, &time).text, "999 ns");
	assert_string_equal(amount_rounded(6857123, &time).text, "6.86 ms");
	assert_string_equal(amount_rounded(862862862, &time).text, "863 ms");
	assert_string_equal(amount_rounded(999600000, &time).text, "1.00 s");
	assert_string_equal(amount_rounded(1062062061, &time).text, "1.06 s");
	assert_string_equal(amount_rounded(UINT64_C(61000000000), &time).text,
			    amount_short(UINT64_C(61000000000), &time).text);
	assert_string_equal(amount_rounded(1000, &bytes).text, "1000 B");
	assert_string_equal(amount_rounded(4404019, &bytes).text, "4.20 MiB");
	assert_string_equal(amount_rounded(UINT64_MAX, &bytes).text, "16.0 EiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_digit_is_shown_with_commas),
		cmocka_unit_test(decimals_and_factors_are_exact),
		cmocka_unit_test(shares_are_rounded_half_up_from_the_exact_quotient),
		cmocka_unit_test(times_and_bytes_are_scaled_for_reading),
		cmocka_unit_test(totals_from_a_million_on_have_three_digits),
		cmocka_unit_test(rounded_times_and_bytes_have_three_digits),
	};

	return cmocka_run_group_tests_name("flame/amount", tests, NULL, NULL);
}
