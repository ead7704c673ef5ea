/* tests/analyze/sections/test_section_interval.c - analyze/sections/section_interval.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/sections/section_interval.h"

#define MAX_STEPS 16

static const struct dz_section whole = {.id = 1, .outermost = 1, .start = 1000, .time = 2000};

/* Divides a section with these steps, and checks that the intervals have no gap. */
static size_t make(const struct dz_section *section, struct dz_step *steps, size_t count,
		   struct section_interval **ret_intervals)
{
	struct section_group group = {
		.outermost = 1, .section_count = 1, .steps = steps, .step_count = count};
	struct dz_phase phase = {.section = 1};
	struct section_steps *sorted;
	uint64_t at_ns = section->start;
	size_t intervals;

	group.phases = &phase;
	group.phase_count = 1;
	assert_true(section_steps_new(&group, &sorted));
	assert_true(section_intervals_make(sorted, section, ret_intervals, &intervals));
	section_steps_free(sorted);
	for (size_t i = 0; i < intervals; i++) {
		assert_int_equal((*ret_intervals)[i].start_ns, at_ns);
		assert_true((*ret_intervals)[i].end_ns > at_ns);
		at_ns = (*ret_intervals)[i].end_ns;
	}
	assert_int_equal(at_ns, section->time);
	return intervals;
}

static void expect(const struct section_interval *interval, enum interval_state state,
		   uint64_t start_ns, uint64_t end_ns)
{
	assert_int_equal(interval->state, state);
	assert_int_equal(interval->start_ns, start_ns);
	assert_int_equal(interval->end_ns, end_ns);
}

static void a_section_without_steps_is_one_interval(void **state)
{
	struct section_interval *intervals;

	(void)state;
	assert_int_equal(make(&whole, NULL, 0, &intervals), 1);
	expect(&intervals[0], INTERVAL_STATE_USER, 1000, 2000);
	free(intervals);
}

static void a_system_call_that_blocks_has_its_parts(void **state)
{
	struct dz_step steps[] = {
		{.time = 1100, .step_type = DZ_STEP_TYPE_CALL_IN, .name = 5},
		{.time = 1200,
		 .step_type = DZ_STEP_TYPE_SWITCHED_OUT,
		 .number = 1,
		 .kernel_stack = 7,
		 .user_stack = 8},
		{.time = 1700, .step_type = DZ_STEP_TYPE_WOKEN_UP, .peer = 3},
		{.time = 1800, .step_type = DZ_STEP_TYPE_SWITCHED_IN},
		{.time = 1900, .step_type = DZ_STEP_TYPE_CALL_OUT, .name = 5},
	};
	struct section_interval *intervals;

	(void)state;
	assert_int_equal(make(&whole, steps, 5, &intervals), 6);
	expect(&intervals[0], INTERVAL_STATE_USER, 1000, 1100);
	expect(&intervals[1], INTERVAL_STATE_KERNEL, 1100, 1200);
	expect(&intervals[2], INTERVAL_STATE_BLOCKED, 1200, 1700);
	expect(&intervals[3], INTERVAL_STATE_RUNNABLE, 1700, 1800);
	expect(&intervals[4], INTERVAL_STATE_KERNEL, 1800, 1900);
	expect(&intervals[5], INTERVAL_STATE_USER, 1900, 2000);
	assert_int_equal(intervals[2].name, 5);
	assert_int_equal(intervals[2].kernel_stack, 7);
	assert_int_equal(intervals[3].kernel_stack, 7);
	assert_int_equal(intervals[4].kernel_stack, 0);
	assert_ptr_equal(intervals[2].woken, &steps[2]);
	/* The user stack is the same all through the call. */
	for (size_t i = 1; i <= 4; i++)
		assert_int_equal(intervals[i].user_stack, 8);
	assert_int_equal(intervals[5].user_stack, 0);
	free(intervals);
}

static void a_page_fault_is_recorded_when_it_is_over(void **state)
{
	struct dz_step steps[] = {
		{.time = 1250, .step_type = DZ_STEP_TYPE_INTERRUPT_IN, .name = 4},
		{.time = 1260, .step_type = DZ_STEP_TYPE_INTERRUPT_OUT},
		{.time = 1300, .step_type = DZ_STEP_TYPE_PAGE_FAULT, .duration = 100},
	};
	struct section_interval *intervals;

	(void)state;
	assert_int_equal(make(&whole, steps, 3, &intervals), 5);
	expect(&intervals[0], INTERVAL_STATE_USER, 1000, 1200);
	expect(&intervals[1], INTERVAL_STATE_FAULT, 1200, 1250);
	expect(&intervals[2], INTERVAL_STATE_INTERRUPT, 1250, 1260);
	assert_int_equal(intervals[2].name, 4);
	expect(&intervals[3], INTERVAL_STATE_FAULT, 1260, 1300);
	expect(&intervals[4], INTERVAL_STATE_USER, 1300, 2000);
	free(intervals);
}

static void a_sample_shows_what_ran_until_then(void **state)
{
	struct dz_step steps[] = {
		{.time = 1400, .step_type = DZ_STEP_TYPE_SAMPLE, .user_stack = 11},
		{.time = 1500, .step_type = DZ_STEP_TYPE_SAMPLE, .user_stack = 12},
	};
	struct section_interval *intervals;

	(void)state;
	assert_int_equal(make(&whole, steps, 2, &intervals), 3);
	assert_int_equal(intervals[0].user_stack, 11);
	assert_int_equal(intervals[1].user_stack, 12);
	assert_int_equal(intervals[2].user_stack, 0);
	free(intervals);
}

static void the_time_before_the_oldest_kept_step_is_not_known(void **state)
{
	struct dz_step steps[] = {
		{.time = 1600, .step_type = DZ_STEP_TYPE_DROPPED, .value = 9},
		{.time = 1600, .step_type = DZ_STEP_TYPE_PAGE_FAULT, .duration = 300},
		{.time = 1700, .step_type = DZ_STEP_TYPE_SWITCHED_OUT, .number = 0},
	};
	struct section_interval *intervals;

	(void)state;
	assert_int_equal(make(&whole, steps, 3, &intervals), 3);
	expect(&intervals[0], INTERVAL_STATE_DROPPED, 1000, 1600);
	expect(&intervals[1], INTERVAL_STATE_USER, 1600, 1700);
	expect(&intervals[2], INTERVAL_STATE_PREEMPTED, 1700, 2000);
	free(intervals);
}

/* A hole from 1200 to 1500; the call that ends at 1600 had begun in it. */
static void the_time_in_which_steps_were_dropped_is_not_known(void **state)
{
	const struct dz_section early = {.id = 2, .outermost = 1, .start = 1000, .time = 1400};
	struct dz_step steps[] = {
		{.time = 1100, .step_type = DZ_STEP_TYPE_CALL_IN, .name = 5},
		{.time = 1200, .step_type = DZ_STEP_TYPE_SWITCHED_OUT, .number = 1},
		{.time = 1500, .step_type = DZ_STEP_TYPE_DROPPED, .value = 9},
		{.time = 1500, .step_type = DZ_STEP_TYPE_SWITCHED_IN},
		{.time = 1600, .step_type = DZ_STEP_TYPE_CALL_OUT, .name = 6},
		{.time = 1700, .step_type = DZ_STEP_TYPE_CALL_IN, .name = 7},
	};
	struct section_interval *intervals;

	(void)state;
	assert_int_equal(make(&whole, steps, 6, &intervals), 6);
	expect(&intervals[1], INTERVAL_STATE_KERNEL, 1100, 1200);
	assert_int_equal(intervals[1].name, 5);
	expect(&intervals[2], INTERVAL_STATE_DROPPED, 1200, 1500);
	expect(&intervals[3], INTERVAL_STATE_KERNEL, 1500, 1600);
	assert_int_equal(intervals[3].name, 6);
	expect(&intervals[4], INTERVAL_STATE_USER, 1600, 1700);
	expect(&intervals[5], INTERVAL_STATE_KERNEL, 1700, 2000);
	free(intervals);
	assert_int_equal(make(&early, steps, 6, &intervals), 3);
	expect(&intervals[2], INTERVAL_STATE_DROPPED, 1200, 1400);
	free(intervals);
}

static void an_inner_section_knows_what_began_before_it(void **state)
{
	const struct dz_section inner = {.id = 2, .outermost = 1, .start = 1300, .time = 1400};
	struct dz_step steps[] = {
		{.time = 1100, .step_type = DZ_STEP_TYPE_CALL_IN, .name = 5},
		{.time = 1900, .step_type = DZ_STEP_TYPE_CALL_OUT, .name = 5},
	};
	struct section_interval *intervals;

	(void)state;
	assert_int_equal(make(&inner, steps, 2, &intervals), 1);
	expect(&intervals[0], INTERVAL_STATE_KERNEL, 1300, 1400);
	assert_int_equal(intervals[0].name, 5);
	free(intervals);
}

/* Steps from a damaged or hostile file: the intervals still fill the section. */
static void steps_in_any_order_and_with_any_numbers_leave_no_gap(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct dz_step steps[MAX_STEPS];
		struct section_interval *intervals;

		for (size_t i = 0; i < MAX_STEPS; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			steps[i] = (struct dz_step){
				.time = 900 + (seed >> 33) % 1200,
				.step_type = (seed >> 20) % 20,
				.number = (seed >> 25) % 4,
				.duration = (seed >> 28) % 3 ? (seed >> 30) % 500 : seed,
			};
		}
		(void)make(&whole, steps, MAX_STEPS, &intervals);
		free(intervals);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_without_steps_is_one_interval),
		cmocka_unit_test(a_system_call_that_blocks_has_its_parts),
		cmocka_unit_test(a_page_fault_is_recorded_when_it_is_over),
		cmocka_unit_test(a_sample_shows_what_ran_until_then),
		cmocka_unit_test(the_time_before_the_oldest_kept_step_is_not_known),
		cmocka_unit_test(the_time_in_which_steps_were_dropped_is_not_known),
		cmocka_unit_test(an_inner_section_knows_what_began_before_it),
		cmocka_unit_test(steps_in_any_order_and_with_any_numbers_leave_no_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
