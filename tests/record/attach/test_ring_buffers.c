/* tests/record/attach/test_ring_buffers.c - record/attach/ring_buffers.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "record/attach/ring_buffers.h"

#define MIB (UINT64_C(1) << 20)

static void groups_follow_the_number_of_cpus(void **state)
{
	static const struct {
		uint32_t cpus, groups;
	} cases[] = {{1, 1},  {2, 1},  {16, 1}, {17, 2},  {32, 2},  {33, 4},
		     {64, 4}, {65, 8}, {96, 8}, {128, 8}, {512, 8}, {8192, 8}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(ring_buffers_groups(cases[i].cpus, 2 * MIB), cases[i].groups);
}

static void small_rings_have_fewer_groups(void **state)
{
	(void)state;
	assert_int_equal(ring_buffers_groups(64, MIB), 4);
	assert_int_equal(ring_buffers_groups(64, MIB / 2), 2);
	assert_int_equal(ring_buffers_groups(64, MIB / 4), 1);
	assert_int_equal(ring_buffers_groups(64, 4096), 1);
}

static void the_number_of_cpus_can_be_assumed(void **state)
{
	uint32_t possible;

	(void)state;
	unsetenv("DIAG_POSSIBLE_CPUS");
	possible = ring_buffers_cpus();
	assert_true(possible > 0);
	setenv("DIAG_POSSIBLE_CPUS", "64", 1);
	assert_int_equal(ring_buffers_cpus(), 64);
	setenv("DIAG_POSSIBLE_CPUS", "many", 1);
	assert_int_equal(ring_buffers_cpus(), possible);
	setenv("DIAG_POSSIBLE_CPUS", "-3", 1);
	assert_int_equal(ring_buffers_cpus(), possible);
	unsetenv("DIAG_POSSIBLE_CPUS");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_follow_the_number_of_cpus),
		cmocka_unit_test(small_rings_have_fewer_groups),
		cmocka_unit_test(the_number_of_cpus_can_be_assumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
