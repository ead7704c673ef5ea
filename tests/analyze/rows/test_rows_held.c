/* tests/analyze/rows/test_rows_held.c - rows are held until they are found, oldest first */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/rows/rows_held.h"

static bool add(struct rows_held *held, uint64_t id, const char *text)
{
	return rows_held_add(held, &(struct rows_held_key){.id = id}, id,
			     (struct trace_text){text, strlen(text)}, 1);
}

static void the_oldest_row_of_a_key_is_found(void **state)
{
	struct rows_held *held = rows_held_new();
	struct rows_held_row *row;

	(void)state;
	assert_true(add(held, 1, "abc"));
	assert_true(add(held, 2, "second"));
	assert_true(add(held, 1, "third"));
	row = rows_held_find(held, &(struct rows_held_key){.id = 1});
	assert_memory_equal(row->text, "abc", 3);
	assert_int_equal(row->bytes, 3);
	assert_int_equal(row->first_bytes, 1);
	rows_held_remove(held, row);
	row = rows_held_find(held, &(struct rows_held_key){.id = 1});
	assert_memory_equal(row->text, "third", 5);
	assert_memory_equal(rows_held_oldest(held)->text, "second", 6);
	assert_null(rows_held_find(held, &(struct rows_held_key){.id = 1, .number = 1}));
	rows_held_free(held);
}

static void their_number_is_limited_by_the_caller(void **state)
{
	struct rows_held *held = rows_held_new();

	(void)state;
	for (uint64_t i = 0; i < ROWS_HELD_MAX; i++) {
		assert_false(rows_held_is_full(held));
		assert_true(add(held, i, "x"));
	}
	assert_true(rows_held_is_full(held));
	for (uint64_t i = 0; i < ROWS_HELD_MAX; i++) {
		assert_int_equal(rows_held_oldest(held)->key.id, i);
		rows_held_remove(held, rows_held_oldest(held));
	}
	assert_null(rows_held_oldest(held));
	rows_held_free(held);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_row_of_a_key_is_found),
		cmocka_unit_test(their_number_is_limited_by_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
