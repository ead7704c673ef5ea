/* tests/format/test_intern.c - format/intern.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "format/intern.h"

static const struct dz_siphash_key key = {{1, 2}};

static void equal_bytes_get_one_number_in_order_of_appearance(void **state)
{
	struct dz_intern intern;

	(void)state;
	dz_intern_init(&intern, &key);
	assert_int_equal(dz_intern_add(&intern, "bash", 4), 1);
	assert_int_equal(dz_intern_add(&intern, "", 0), 2);
	assert_int_equal(dz_intern_add(&intern, "bas", 3), 3);
	assert_int_equal(dz_intern_add(&intern, "bash", 4), 1);
	assert_int_equal(dz_intern_add(&intern, NULL, 0), 2);
	assert_int_equal(intern.count, 3);
	dz_intern_clear(&intern);
	assert_int_equal(intern.memory_bytes, 0);
	assert_int_equal(dz_intern_add(&intern, "zsh", 3), 1);
	dz_intern_clear(&intern);
}

static void entries_stay_where_they_are_while_the_table_grows(void **state)
{
	struct dz_intern intern;
	const uint8_t *first;
	char text[32];

	(void)state;
	dz_intern_init(&intern, &key);
	dz_intern_add(&intern, "first", 5);
	first = dz_intern_get(&intern, 1)->data;
	for (uint32_t i = 2; i < 50000; i++) {
		int size = snprintf(text, sizeof(text), "entry %u", i);

		assert_int_equal(dz_intern_add(&intern, text, (size_t)size), i);
	}
	assert_ptr_equal(dz_intern_get(&intern, 1)->data, first);
	assert_memory_equal(first, "first", 5);
	assert_int_equal(dz_intern_add(&intern, "entry 49999", 11), 49999);
	assert_true(intern.memory_bytes > 50000 * sizeof(struct dz_intern_entry));
	dz_intern_clear(&intern);
}

static void entries_larger_than_a_chunk_are_kept(void **state)
{
	static uint8_t large[200000];
	struct dz_intern intern;

	(void)state;
	dz_intern_init(&intern, &key);
	memset(large, 7, sizeof(large));
	assert_int_equal(dz_intern_add(&intern, large, sizeof(large)), 1);
	assert_int_equal(dz_intern_get(&intern, 1)->size, sizeof(large));
	assert_memory_equal(dz_intern_get(&intern, 1)->data, large, sizeof(large));
	dz_intern_clear(&intern);
}

static void a_number_that_was_not_given_out_finds_nothing(void **state)
{
	struct dz_intern intern;

	(void)state;
	dz_intern_init(&intern, &key);
	dz_intern_add(&intern, "x", 1);
	assert_null(dz_intern_get(&intern, 0));
	assert_null(dz_intern_get(&intern, 2));
	assert_null(dz_intern_get(&intern, UINT64_MAX));
	dz_intern_clear(&intern);
}

/* In two steps, and with room made before and between. */
static void a_table_with_room_gives_the_same_numbers(void **state)
{
	struct dz_intern intern;
	char text[32];

	(void)state;
	dz_intern_init(&intern, &key);
	assert_true(dz_intern_reserve(&intern, 1000));
	for (uint32_t i = 1; i < 5000; i++) {
		size_t size = (size_t)snprintf(text, sizeof(text), "entry %u", i);
		uint32_t hash = dz_intern_hash(&intern, text, size);

		if (i == 1000) {
			assert_true(intern.memory_bytes >= 1000 * sizeof(*intern.entries));
			assert_true(dz_intern_reserve(&intern, 3000));
			assert_true(dz_intern_reserve(&intern, 5));
		}
		assert_int_equal(dz_intern_add_hashed(&intern, text, size, hash), i);
		assert_int_equal(dz_intern_add(&intern, text, size), i);
	}
	assert_int_equal(dz_intern_find(&intern, "entry 1", 7), 1);
	assert_int_equal(dz_intern_find(&intern, "entry 4999", 10), 4999);
	/* No more memory than the limit, whatever a file claims. */
	dz_intern_clear(&intern);
	assert_true(dz_intern_reserve(&intern, SIZE_MAX));
	assert_true(intern.memory_bytes < (size_t)9 << 20);
	dz_intern_clear(&intern);
}

/* Entries that were appended are found after the next addition, the first of equal ones. */
static void an_appended_entry_is_found_after_the_next_addition(void **state)
{
	struct dz_intern intern;
	char text[32];

	(void)state;
	dz_intern_init(&intern, &key);
	for (uint32_t i = 1; i < 5000; i++) {
		int size = snprintf(text, sizeof(text), "entry %u", i % 4000);
		void *memory = dz_intern_append(&intern, (size_t)size);

		assert_non_null(memory);
		memcpy(memory, text, (size_t)size);
		assert_int_equal(intern.count, i);
	}
	assert_int_equal(dz_intern_find(&intern, "entry 7", 7), 0);
	assert_int_equal(dz_intern_add(&intern, "entry 7", 7), 7);
	assert_int_equal(dz_intern_add(&intern, "new", 3), 5000);
	assert_int_equal(dz_intern_find(&intern, "entry 3999", 10), 3999);
	memcpy(dz_intern_append(&intern, 4), "late", 4);
	assert_int_equal(dz_intern_add(&intern, "late", 4), 5001);
	assert_non_null(dz_intern_append(&intern, 0));
	assert_int_equal(dz_intern_add(&intern, "", 0), 5002);
	dz_intern_clear(&intern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_bytes_get_one_number_in_order_of_appearance),
		cmocka_unit_test(entries_stay_where_they_are_while_the_table_grows),
		cmocka_unit_test(entries_larger_than_a_chunk_are_kept),
		cmocka_unit_test(a_number_that_was_not_given_out_finds_nothing),
		cmocka_unit_test(a_table_with_room_gives_the_same_numbers),
		cmocka_unit_test(an_appended_entry_is_found_after_the_next_addition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
