/* tests/record/stacks/test_stack_cache.c - record/stacks/stack_cache.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "record/stacks/stack_cache.h"

#define CHAINS_BYTES_MAX 100000u
#define LARGE_BYTES      4000u

static int set_up(void **state)
{
	*state = stack_cache_new(100, CHAINS_BYTES_MAX);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	stack_cache_free(*state);
	return 0;
}

static void a_copy_id_waits_until_its_chain_is_set(void **state)
{
	struct stack_cache *book = *state;

	assert_int_equal(stack_cache_state(book, 1), STACK_UNKNOWN);
	assert_false(stack_cache_add(book, 1, 77));
	assert_int_equal(stack_cache_state(book, 1), STACK_AWAITED);
	stack_cache_resolve(book, 77, chain_of_marker("[x]"));
	assert_int_equal(stack_cache_state(book, 1), STACK_KNOWN);
}

static void the_same_contents_are_unwound_once(void **state)
{
	struct stack_cache *book = *state;

	assert_false(stack_cache_add(book, 1, 77));
	assert_true(stack_cache_add(book, 2, 77));
	assert_false(stack_cache_add(book, 3, 78));
	stack_cache_resolve(book, 77, chain_of_marker("[x]"));
	assert_int_equal(stack_cache_state(book, 1), STACK_KNOWN);
	assert_int_equal(stack_cache_state(book, 2), STACK_KNOWN);
	assert_int_equal(stack_cache_state(book, 3), STACK_AWAITED);
	assert_true(stack_cache_add(book, 4, 77));
	assert_int_equal(stack_cache_state(book, 4), STACK_KNOWN);
}

static void a_dropped_stack_is_tried_again(void **state)
{
	struct stack_cache *book = *state;

	assert_false(stack_cache_add(book, 1, 77));
	stack_cache_resolve(book, 77, NULL);
	assert_int_equal(stack_cache_state(book, 1), STACK_DROPPED);
	assert_false(stack_cache_add(book, 2, 77));
	stack_cache_resolve(book, 77, chain_of_marker("[x]"));
	assert_int_equal(stack_cache_state(book, 2), STACK_KNOWN);
}

static struct chain *passing_chain(void)
{
	struct chain *chain = chain_of_marker("[file not readable in time]");

	assert_non_null(chain);
	chain->is_passing = true;
	return chain;
}

/* Those that wait have it; the next one with the same contents, or the same ID, is unwound anew. */
static void a_passing_chain_is_not_for_later_copies(void **state)
{
	struct stack_cache *book = *state;

	assert_false(stack_cache_add(book, 1, 77));
	assert_true(stack_cache_add(book, 2, 77));
	stack_cache_resolve(book, 77, passing_chain());
	assert_int_equal(stack_cache_state(book, 1), STACK_KNOWN);
	assert_int_equal(stack_cache_state(book, 2), STACK_KNOWN);
	assert_false(stack_cache_add(book, 3, 77));
	assert_int_equal(stack_cache_state(book, 3), STACK_AWAITED);
	stack_cache_renew(book, 2);
	assert_int_equal(stack_cache_state(book, 2), STACK_UNKNOWN);
	assert_true(stack_cache_add(book, 2, 77));
	stack_cache_resolve(book, 77, chain_of_marker("[x]"));
	stack_cache_renew(book, 2);
	for (uint64_t stack_copy_id = 1; stack_copy_id <= 3; stack_copy_id++)
		assert_int_equal(stack_cache_state(book, stack_copy_id), STACK_KNOWN);
	assert_true(stack_cache_add(book, 4, 77));
}

static void passing_chains_are_removed(void **state)
{
	struct stack_cache *book = *state;

	for (uint64_t stack_copy_id = 1; stack_copy_id < 3000; stack_copy_id++) {
		assert_false(stack_cache_add(book, stack_copy_id, 77));
		stack_cache_resolve(book, 77, passing_chain());
	}
	assert_true(stack_cache_bytes(book) <= 2 * CHAINS_BYTES_MAX);
}

static void a_second_answer_changes_nothing(void **state)
{
	struct stack_cache *book = *state;

	assert_false(stack_cache_add(book, 1, 77));
	stack_cache_resolve(book, 77, chain_of_marker("[x]"));
	stack_cache_resolve(book, 77, chain_of_marker("[y]"));
	stack_cache_resolve(book, 99, chain_of_marker("[z]"));
	assert_int_equal(stack_cache_state(book, 1), STACK_KNOWN);
}

static void the_oldest_copy_ids_are_removed(void **state)
{
	struct stack_cache *book = *state;

	for (uint64_t stack_copy_id = 1; stack_copy_id <= 150; stack_copy_id++) {
		assert_int_equal(stack_cache_add(book, stack_copy_id, 77), stack_copy_id > 1);
		if (stack_copy_id == 1)
			stack_cache_resolve(book, 77, chain_of_marker("[x]"));
	}
	assert_int_equal(stack_cache_state(book, 50), STACK_UNKNOWN);
	assert_int_equal(stack_cache_state(book, 51), STACK_KNOWN);
	assert_int_equal(stack_cache_state(book, 150), STACK_KNOWN);
}

static void an_answer_for_removed_copy_ids_serves_later_ones(void **state)
{
	struct stack_cache *book = *state;

	assert_false(stack_cache_add(book, 1, 77));
	for (uint64_t stack_copy_id = 2; stack_copy_id <= 200; stack_copy_id++) {
		if (!stack_cache_add(book, stack_copy_id, 1000 + stack_copy_id))
			stack_cache_resolve(book, 1000 + stack_copy_id, NULL);
	}
	assert_int_equal(stack_cache_state(book, 1), STACK_UNKNOWN);
	assert_true(stack_cache_add(book, 201, 77));
	stack_cache_resolve(book, 77, chain_of_marker("[x]"));
	assert_int_equal(stack_cache_state(book, 201), STACK_KNOWN);
}

/* A chain outlives its copy IDs, but not without limit. */
static void unused_chains_are_removed(void **state)
{
	struct stack_cache *book = *state;
	uint64_t stack_copy_id = 0;

	assert_false(stack_cache_add(book, ++stack_copy_id, 1));
	stack_cache_resolve(book, 1, chain_of_marker("[first]"));
	for (uint64_t contents = 2; contents < 3000; contents++) {
		assert_false(stack_cache_add(book, ++stack_copy_id, contents));
		stack_cache_resolve(book, contents, chain_of_marker("[other]"));
	}
	assert_true(stack_cache_add(book, ++stack_copy_id, 2999));
	assert_false(stack_cache_add(book, ++stack_copy_id, 1));
}

/* More chains than fit: the older copy IDs are removed, not the newest. */
static void large_chains_remove_only_the_oldest_copy_ids(void **state)
{
	const uint64_t kept = CHAINS_BYTES_MAX / LARGE_BYTES / 2;
	struct stack_cache *book = *state;
	char text[LARGE_BYTES];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (uint64_t stack_copy_id = 1; stack_copy_id <= 500; stack_copy_id++) {
		assert_false(stack_cache_add(book, stack_copy_id, stack_copy_id));
		assert_int_equal(stack_cache_state(book, stack_copy_id), STACK_AWAITED);
		stack_cache_resolve(book, stack_copy_id, chain_of_marker(text));
		for (uint64_t i = 0; i < kept && i < stack_copy_id; i++)
			assert_int_equal(stack_cache_state(book, stack_copy_id - i), STACK_KNOWN);
	}
	assert_int_equal(stack_cache_state(book, 1), STACK_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_copy_id_waits_until_its_chain_is_set, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_same_contents_are_unwound_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_dropped_stack_is_tried_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_passing_chain_is_not_for_later_copies, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(passing_chains_are_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_second_answer_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_oldest_copy_ids_are_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_for_removed_copy_ids_serves_later_ones,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(unused_chains_are_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(large_chains_remove_only_the_oldest_copy_ids,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
