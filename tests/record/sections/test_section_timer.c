/* tests/record/sections/test_section_timer.c - record/sections/section_timer.c */
#include "record/sections/section_timer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define US 1000u
#define S  1000000000u

static void cost_is_the_median(void **state)
{
	uint64_t costs[] = {900, 5, 7, 100000, 6};

	(void)state;
	assert_int_equal(section_timer_cost_ns(costs, 5), 7);
	assert_int_equal(section_timer_cost_ns(costs, 0), 0);
	assert_int_equal(section_timer_cost_ns((uint64_t[]){42}, 1), 42);
}

static void a_safe_period_is_used_as_requested(void **state)
{
	(void)state;
	assert_int_equal(section_timer_period_ns(100 * US, 25 * US), 100 * US);
	assert_int_equal(section_timer_period_ns(100 * US, 3), 100 * US);
	assert_int_equal(section_timer_period_ns(10 * US, 2500), 10 * US);
}

static void samples_take_a_quarter_of_the_time_at_most(void **state)
{
	(void)state;
	assert_int_equal(section_timer_period_ns(100 * US, 25 * US + 1), 101 * US);
	assert_int_equal(section_timer_period_ns(10 * US, 250 * US), 1000 * US);
	for (uint64_t cost_ns = 1; cost_ns < 3000 * US; cost_ns += 1237) {
		uint64_t period_ns = section_timer_period_ns(10 * US, cost_ns);

		assert_true(period_ns >= 10 * US && period_ns >= SECTION_TIMER_COSTS * cost_ns);
		assert_true(period_ns == 10 * US || period_ns < SECTION_TIMER_COSTS * cost_ns + US);
	}
}

static void unknown_cost_is_taken_to_be_large(void **state)
{
	(void)state;
	assert_int_equal(section_timer_period_ns(10 * US, 0), SECTION_TIMER_SAFE_NS);
	assert_int_equal(section_timer_period_ns(5000 * US, 0), 5000 * US);
}

static void samples_are_off_until_a_section_starts(void **state)
{
	struct section_timer timer = {0};

	(void)state;
	assert_false(section_timer_update(&timer, false, 0, 100 * (uint64_t)S));
	assert_true(section_timer_update(&timer, true, 0, 101 * (uint64_t)S));
}

static void samples_continue_for_a_second_after_the_last_section(void **state)
{
	struct section_timer timer = {0};

	(void)state;
	assert_true(section_timer_update(&timer, true, 1, 10 * (uint64_t)S));
	assert_true(section_timer_update(&timer, true, 1, 20 * (uint64_t)S));
	assert_true(section_timer_update(&timer, false, 1, 21 * (uint64_t)S - 1));
	assert_false(section_timer_update(&timer, false, 1, 21 * (uint64_t)S));
	assert_false(section_timer_update(&timer, false, 1, 50 * (uint64_t)S));
}

static void sections_between_two_calls_count(void **state)
{
	struct section_timer timer = {0};

	(void)state;
	assert_true(section_timer_update(&timer, true, 1, 10 * (uint64_t)S));
	assert_true(section_timer_update(&timer, false, 5, 12 * (uint64_t)S));
	assert_true(section_timer_update(&timer, false, 5, 13 * (uint64_t)S - 1));
	assert_false(section_timer_update(&timer, false, 5, 13 * (uint64_t)S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cost_is_the_median),
		cmocka_unit_test(a_safe_period_is_used_as_requested),
		cmocka_unit_test(samples_take_a_quarter_of_the_time_at_most),
		cmocka_unit_test(unknown_cost_is_taken_to_be_large),
		cmocka_unit_test(samples_are_off_until_a_section_starts),
		cmocka_unit_test(samples_continue_for_a_second_after_the_last_section),
		cmocka_unit_test(sections_between_two_calls_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
