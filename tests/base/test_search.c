/* tests/base/test_search.c - base/search.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/search.h"

#define ITEMS 40u

static bool lies_before(const void *table, size_t index, uint64_t key)
{
	return ((const uint64_t *)table)[index] < key;
}

static bool lies_at_or_before(const void *table, size_t index, uint64_t key)
{
	return ((const uint64_t *)table)[index] <= key;
}

static void the_result_is_that_of_a_linear_search(void **state)
{
	uint64_t table[ITEMS];

	(void)state;
	for (size_t i = 0; i < ITEMS; i++)
		table[i] = 10 + i / 3 * 5; /* three of each */
	for (size_t count = 0; count <= ITEMS; count++) {
		for (uint64_t key = 0; key < 90; key++) {
			size_t before = 0;
			size_t at_or_before = 0;

			while (before < count && table[before] < key)
				before++;
			while (at_or_before < count && table[at_or_before] <= key)
				at_or_before++;
			assert_int_equal(search_lower_bound(table, count, key, lies_before),
					 before);
			assert_int_equal(search_lower_bound(table, count, key, lies_at_or_before),
					 at_or_before);
		}
	}
}

static void an_empty_table_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(search_lower_bound(NULL, 0, 5, lies_before), 0);
}

/* For a table of SIZE_MAX entries, in which each entry is its index. */
static bool index_lies_before(const void *table, size_t index, uint64_t key)
{
	size_t *calls = *(size_t *const *)table;

	++*calls;
	return index < key;
}

static void the_largest_table_does_not_overflow(void **state)
{
	static const uint64_t keys[] = {0, 1, SIZE_MAX / 2, SIZE_MAX - 1, SIZE_MAX};
	size_t calls = 0;
	size_t *table = &calls;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		calls = 0;
		assert_true(search_lower_bound(&table, SIZE_MAX, keys[i], index_lies_before) ==
			    keys[i]);
		assert_in_range(calls, 1, 64);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_result_is_that_of_a_linear_search),
		cmocka_unit_test(an_empty_table_is_not_read),
		cmocka_unit_test(the_largest_table_does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
