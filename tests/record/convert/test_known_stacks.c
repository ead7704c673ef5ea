/* tests/record/convert/test_known_stacks.c - record/convert/known_stacks.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/event.h"
#include "record/convert/known_stacks.h"

static const uint64_t addresses[] = {11, 12, 13};

static void a_stack_is_found_by_cpu_and_number(void **state)
{
	struct known_stacks *stacks = known_stacks_new();
	const struct known_stack *found;

	(void)state;
	assert_true(known_stacks_learn(stacks, 100, KNOWN_STACK_EXIT, addresses, 3));
	assert_true(known_stacks_learn(stacks, 3, KNOWN_STACK_KILL, addresses, 1));
	found = known_stacks_find(stacks, 100, KNOWN_STACK_EXIT);
	assert_non_null(found);
	assert_int_equal(found->count, 3);
	assert_memory_equal(found->addresses, addresses, sizeof(addresses));
	assert_int_equal(known_stacks_find(stacks, 3, KNOWN_STACK_KILL)->count, 1);
	assert_null(known_stacks_find(stacks, 3, KNOWN_STACK_EXIT));
	assert_null(known_stacks_find(stacks, 99, KNOWN_STACK_EXIT));
	assert_null(known_stacks_find(stacks, 101, KNOWN_STACK_EXIT));
	known_stacks_free(stacks);
}

static void a_later_stack_replaces_an_earlier_one(void **state)
{
	struct known_stacks *stacks = known_stacks_new();

	(void)state;
	assert_true(known_stacks_learn(stacks, 0, KNOWN_STACK_EXIT, addresses, 3));
	assert_true(known_stacks_learn(stacks, 0, KNOWN_STACK_EXIT, &addresses[1], 2));
	assert_int_equal(known_stacks_find(stacks, 0, KNOWN_STACK_EXIT)->count, 2);
	assert_int_equal(known_stacks_find(stacks, 0, KNOWN_STACK_EXIT)->addresses[0], 12);
	known_stacks_free(stacks);
}

static void an_invalid_cpu_or_number_finds_none(void **state)
{
	struct known_stacks *stacks = known_stacks_new();

	(void)state;
	assert_true(known_stacks_learn(stacks, KNOWN_STACKS_CPUS_MAX, 1, addresses, 3));
	assert_true(known_stacks_learn(stacks, 0, KNOWN_STACK_COUNT, addresses, 3));
	assert_true(known_stacks_learn(stacks, 0, KNOWN_STACK_NONE, addresses, 3));
	assert_null(known_stacks_find(stacks, KNOWN_STACKS_CPUS_MAX, 1));
	assert_null(known_stacks_find(stacks, 0, KNOWN_STACK_COUNT));
	assert_null(known_stacks_find(stacks, 0, KNOWN_STACK_NONE));
	known_stacks_free(stacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stack_is_found_by_cpu_and_number),
		cmocka_unit_test(a_later_stack_replaces_an_earlier_one),
		cmocka_unit_test(an_invalid_cpu_or_number_finds_none),
	};

	return cmocka_run_group_tests_name("record/known_stacks", tests, NULL, NULL);
}
