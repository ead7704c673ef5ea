/* tests/base/test_array.c - base/array.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "base/array.h"

static void capacity_doubles_and_items_stay(void **state)
{
	uint32_t *items = NULL;
	size_t capacity = 0;
	size_t previous = 0;

	(void)state;
	for (size_t count = 0; count < 1000; count++) {
		uint32_t *grown =
			array_grow(items, &capacity, count + 1, sizeof(*items), ARRAY_NO_LIMIT);

		assert_non_null(grown);
		items = grown;
		items[count] = (uint32_t)count;
		assert_true(capacity == previous || capacity == (previous ? previous * 2 : 16));
		previous = capacity;
	}
	assert_int_equal(capacity, 1024);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	free(items);
}

static void room_that_is_there_changes_nothing(void **state)
{
	size_t capacity = 0;
	char *items = array_grow(NULL, &capacity, 1, 1, ARRAY_NO_LIMIT);

	(void)state;
	assert_non_null(items);
	assert_int_equal(capacity, ARRAY_FIRST_CAPACITY);
	assert_ptr_equal(array_grow(items, &capacity, 0, 1, ARRAY_NO_LIMIT), items);
	assert_ptr_equal(array_grow(items, &capacity, capacity, 1, ARRAY_NO_LIMIT), items);
	assert_ptr_equal(array_grow(items, &capacity, 3, 1, 3), items);
	assert_int_equal(capacity, ARRAY_FIRST_CAPACITY);
	free(items);
}

/* realloc(items, 0) would free them. */
static void no_items_at_all_are_not_freed(void **state)
{
	size_t capacity = 0;
	char *items = array_grow(NULL, &capacity, 0, 24, ARRAY_NO_LIMIT);

	(void)state;
	assert_non_null(items);
	assert_ptr_equal(array_grow(items, &capacity, 0, 24, ARRAY_NO_LIMIT), items);
	free(items);
}

static void the_limit_is_exact(void **state)
{
	size_t capacity = 0;
	char *items = array_grow(NULL, &capacity, 1, 8, 10);
	char *grown;

	(void)state;
	assert_non_null(items);
	assert_int_equal(capacity, 10);
	assert_null(array_grow(items, &capacity, 11, 8, 10));
	assert_int_equal(capacity, 10);
	memset(items, 'x', 80);
	grown = array_grow(items, &capacity, 11, 8, 17);
	assert_non_null(grown);
	assert_int_equal(capacity, 17);
	assert_int_equal(grown[79], 'x');
	assert_null(array_grow(grown, &capacity, 18, 8, 17));
	free(grown);
}

static void overflow_fails_and_leaves_the_items(void **state)
{
	static const struct {
		size_t needed;
		size_t item_bytes;
	} impossible[] = {
		{SIZE_MAX, 1},         {SIZE_MAX, 2},         {SIZE_MAX / 2 + 1, 2},
		{SIZE_MAX / 8 + 1, 8}, {SIZE_MAX / 2 + 2, 1}, {17, SIZE_MAX / 17},
		{17, SIZE_MAX},
	};
	size_t capacity = 0;
	char *items = array_grow(NULL, &capacity, 16, 1, ARRAY_NO_LIMIT);

	(void)state;
	assert_non_null(items);
	memset(items, 'x', 16);
	for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
		assert_null(array_grow(items, &capacity, impossible[i].needed,
				       impossible[i].item_bytes, ARRAY_NO_LIMIT));
		assert_int_equal(capacity, 16);
		assert_int_equal(items[15], 'x');
	}
	free(items);
}

static void a_jump_takes_the_next_power_of_two(void **state)
{
	size_t capacity = 0;
	char *items = array_grow(NULL, &capacity, 1000, 1, ARRAY_NO_LIMIT);

	(void)state;
	assert_non_null(items);
	assert_int_equal(capacity, 1024);
	free(items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capacity_doubles_and_items_stay),
		cmocka_unit_test(room_that_is_there_changes_nothing),
		cmocka_unit_test(no_items_at_all_are_not_freed),
		cmocka_unit_test(the_limit_is_exact),
		cmocka_unit_test(overflow_fails_and_leaves_the_items),
		cmocka_unit_test(a_jump_takes_the_next_power_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
