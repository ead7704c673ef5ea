/* tests/record/convert/test_probe_stacks.c - record/convert/probe_stacks.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/event.h"
#include "record/convert/probe_stacks.h"

static void a_stack_is_found_by_its_number(void **state)
{
	const uint64_t addresses[] = {11, 12, 13};
	struct probe_stacks *stacks = probe_stacks_new();
	struct probe_stack *found;

	(void)state;
	assert_true(probe_stacks_learn(stacks, PROBE_STACK_NUMBERS - 1, addresses, 3));
	found = probe_stacks_find(stacks, PROBE_STACK_NUMBERS - 1);
	assert_non_null(found);
	assert_int_equal(found->count, 3);
	assert_memory_equal(found->addresses, addresses, sizeof(addresses));
	assert_int_equal(found->reference, 0);
	assert_null(probe_stacks_find(stacks, 0));
	probe_stacks_free(stacks);
}

static void two_cpus_may_describe_the_same_stack(void **state)
{
	const uint64_t addresses[] = {11, 12};
	struct probe_stacks *stacks = probe_stacks_new();

	(void)state;
	assert_true(probe_stacks_learn(stacks, 5, addresses, 2));
	assert_true(probe_stacks_learn(stacks, 5, addresses, 2));
	assert_int_equal(probe_stacks_find(stacks, 5)->count, 2);
	probe_stacks_free(stacks);
}

static void a_number_that_is_too_large_finds_none(void **state)
{
	const uint64_t address = 11;
	struct probe_stacks *stacks = probe_stacks_new();

	(void)state;
	assert_true(probe_stacks_learn(stacks, PROBE_STACK_NUMBERS, &address, 1));
	assert_null(probe_stacks_find(stacks, PROBE_STACK_NUMBERS));
	assert_null(probe_stacks_find(stacks, PROBE_STACK_NONE));
	probe_stacks_free(stacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stack_is_found_by_its_number),
		cmocka_unit_test(two_cpus_may_describe_the_same_stack),
		cmocka_unit_test(a_number_that_is_too_large_finds_none),
	};

	return cmocka_run_group_tests_name("record/probe_stacks", tests, NULL, NULL);
}
