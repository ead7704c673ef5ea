/* tests/flame/tree/test_spelling_table.c - flame/tree/spelling_table.c: spellings stay as added */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flame/tree/spelling_table.h"

#define MANY 20000u

/* Adds frames up to a number, and leaves further ones out. */
struct adder {
	struct spelling_table table;
	uint32_t limit;
};

static enum flame_status add(void *context, const struct frame *frame,
			     const struct spelling **ret_spelling)
{
	struct adder *adder = context;

	if (frame->type == FRAME_TYPE_LOST)
		return FLAME_OVERFLOW;
	if (adder->table.count == adder->limit)
		return FLAME_OK;
	return spelling_table_add(&adder->table, frame, adder->table.count, ret_spelling);
}

static enum flame_status find(struct adder *adder, const struct frame *frames, size_t count)
{
	const struct spelling_adder functions = {.context = adder, .add = add};
	uint32_t scratch[8];

	assert_true(count <= 8);
	return spelling_table_find_all(&adder->table, frames, count, scratch, &functions);
}

static void every_spelling_is_found_again(void **state)
{
	struct adder adder = {.limit = UINT32_MAX};
	const struct spelling *first[MANY];
	char text[16];

	(void)state;
	assert_int_equal(spelling_table_open(&adder.table), FLAME_OK);
	for (uint32_t i = 0; i < 2 * MANY; i++) {
		struct frame frame = {.name = text, .type = FRAME_TYPE_USER};
		const struct spelling *found;

		frame.size = (size_t)snprintf(text, sizeof(text), "%0*u", (int)(i % 9), i % MANY);
		assert_int_equal(find(&adder, &frame, 1), FLAME_OK);
		found = adder.table.found[0];
		assert_non_null(found);
		if (i < MANY)
			first[i] = found;
		else
			assert_ptr_equal(spelling_table_find(&adder.table, &frame), found);
		assert_string_equal(found->text, text);
		assert_int_equal(found->size, frame.size);
		assert_int_equal(found->type, FRAME_TYPE_USER);
	}
	/* They did not move. */
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "%0*u", (int)(i % 9), i);
		assert_string_equal(first[i]->text, text);
	}
	spelling_table_close(&adder.table);
}

static void types_and_bytes_behind_a_nul_are_compared(void **state)
{
	const struct frame frames[] = {
		{.name = "a", .size = 1},    {.name = "a", .size = 1, .type = FRAME_TYPE_KERNEL},
		{.name = "a\0b", .size = 3}, {.name = "a\0c", .size = 3},
		{.name = "", .size = 0},     {.name = "a", .size = 1},
	};
	static const uint32_t expected[] = {0, 1, 2, 3, 4, 0};
	struct adder adder = {.limit = UINT32_MAX};

	(void)state;
	assert_int_equal(spelling_table_open(&adder.table), FLAME_OK);
	assert_int_equal(find(&adder, frames, 6), FLAME_OK);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(adder.table.found[i]->id, expected[i]);
	assert_int_equal(adder.table.count, 5);
	spelling_table_close(&adder.table);
}

static void a_frame_that_is_left_out_is_asked_for_again(void **state)
{
	const struct frame frames[] = {
		{.name = "known", .size = 5},
		{.name = "left out", .size = 8},
		{.name = "known", .size = 5},
	};
	struct adder adder = {.limit = 1};

	(void)state;
	assert_int_equal(spelling_table_open(&adder.table), FLAME_OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(find(&adder, frames, 3), FLAME_OK);
		assert_non_null(adder.table.found[0]);
		assert_null(adder.table.found[1]);
		assert_ptr_equal(adder.table.found[2], adder.table.found[0]);
	}
	adder.limit = 2;
	assert_int_equal(find(&adder, frames, 3), FLAME_OK);
	assert_int_equal(adder.table.found[1]->id, 1);
	spelling_table_close(&adder.table);
}

static void a_failure_is_returned(void **state)
{
	const struct frame frames[] = {
		{.name = "a", .size = 1},
		{.name = "b", .size = 1, .type = FRAME_TYPE_LOST},
		{.name = "c", .size = 1},
	};
	struct adder adder = {.limit = UINT32_MAX};

	(void)state;
	assert_int_equal(spelling_table_open(&adder.table), FLAME_OK);
	assert_int_equal(find(&adder, frames, 3), FLAME_OVERFLOW);
	assert_int_equal(find(&adder, frames, 1), FLAME_OK);
	assert_int_equal(adder.table.count, 1);
	assert_int_equal(find(&adder, frames, 0), FLAME_OK);
	spelling_table_close(&adder.table);
	spelling_table_close(&adder.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_found_again),
		cmocka_unit_test(types_and_bytes_behind_a_nul_are_compared),
		cmocka_unit_test(a_frame_that_is_left_out_is_asked_for_again),
		cmocka_unit_test(a_failure_is_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
