/* tests/record/attach/test_ring_buffers.c - record/attach/ring_buffers.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void a_larger_ring_has_larger_buffers(void **state)
{
	static const struct {
		uint32_t cpus;
		uint64_t wanted, larger;
	} cases[] = {
		{1, MIB, MIB},
		{64, 8 * MIB, 32 * MIB},
		/* Twice and four times the ring have more buffers, not larger ones. */
		{64, MIB / 4, MIB / 4},
		{64, MIB / 2, 2 * MIB},
		{512, MIB, 8 * MIB},
		{64, 512 * MIB, 1024 * MIB},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(ring_buffers_larger(cases[i].cpus, cases[i].wanted, 1024 * MIB),
				 cases[i].larger);
}

static void a_ring_has_at_least_a_page(void **state)
{
	(void)state;
	assert_int_equal(ring_buffers_bytes(4096, 4096), 4096);
	assert_int_equal(ring_buffers_bytes(4096, 65536), 65536);
	assert_int_equal(ring_buffers_bytes(8 * MIB, 65536), 8 * MIB);
}

static void the_cpus_that_are_online_count(void **state)
{
	struct problem problem;
	uint32_t cpus;

	(void)state;
	unsetenv("DIAG_ONLINE_CPUS");
	assert_true(ring_buffers_cpus(&cpus, &problem));
	assert_int_equal(cpus, sysconf(_SC_NPROCESSORS_ONLN));
}

static void the_number_of_cpus_can_be_assumed(void **state)
{
	static const char *const bad[] = {"", "0", "-3", "64x", "many", "65537"};
	struct problem problem;
	uint32_t cpus;

	(void)state;
	setenv("DIAG_ONLINE_CPUS", "64", 1);
	assert_true(ring_buffers_cpus(&cpus, &problem));
	assert_int_equal(cpus, 64);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv("DIAG_ONLINE_CPUS", bad[i], 1);
		assert_false(ring_buffers_cpus(&cpus, &problem));
		assert_non_null(strstr(problem.text, "DIAG_ONLINE_CPUS"));
	}
	unsetenv("DIAG_ONLINE_CPUS");
}

static void no_other_number_of_buffers_is_created(void **state)
{
	struct ring_buffers buffers;

	(void)state;
	assert_false(ring_buffers_create(&buffers, -1, "exit_ring", MIB, 0));
	assert_false(ring_buffers_create(&buffers, -1, "exit_ring", MIB, RING_ENTRIES + 1));
	assert_int_equal(buffers.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_follow_the_number_of_cpus),
		cmocka_unit_test(small_rings_have_fewer_groups),
		cmocka_unit_test(a_larger_ring_has_larger_buffers),
		cmocka_unit_test(a_ring_has_at_least_a_page),
		cmocka_unit_test(the_cpus_that_are_online_count),
		cmocka_unit_test(the_number_of_cpus_can_be_assumed),
		cmocka_unit_test(no_other_number_of_buffers_is_created),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
