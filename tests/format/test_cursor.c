/* tests/format/test_cursor.c - format/cursor.h and format/buffer.c: bytes in and out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/buffer.h"
#include "format/cursor.h"

static void a_read_beyond_the_end_gives_nothing_and_is_remembered(void **state)
{
	const uint8_t bytes[3] = {1, 2, 3};
	struct dz_cursor cursor = dz_cursor_over(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(dz_cursor_u32(&cursor), 0);
	assert_true(cursor.overrun);
	assert_int_equal(dz_cursor_left(&cursor), 3);
	assert_int_equal(dz_cursor_u8(&cursor), 1);
	assert_true(cursor.overrun);
	assert_null(dz_cursor_take(&cursor, 3));
	assert_null(dz_cursor_take(&cursor, SIZE_MAX));
}

static void integers_are_little_endian(void **state)
{
	const uint8_t bytes[15] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	struct dz_cursor cursor = dz_cursor_over(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(dz_cursor_u8(&cursor), 1);
	assert_int_equal(dz_cursor_u16(&cursor), 0x0302);
	assert_int_equal(dz_cursor_u32(&cursor), 0x07060504);
	assert_true(dz_cursor_u64(&cursor) == 0x0f0e0d0c0b0a0908u);
	assert_false(cursor.overrun);
	assert_int_equal(dz_cursor_left(&cursor), 0);
}

static void varints_of_every_length_come_back(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 64; bits++) {
		for (uint64_t step = 0; step < 3; step++) {
			uint64_t value = ((uint64_t)1 << bits) - 1 + step;
			struct dz_buffer buffer = {0};
			struct dz_cursor cursor;

			dz_buffer_put_varint(&buffer, value);
			cursor = dz_cursor_over(buffer.data, buffer.size);
			assert_true(dz_cursor_varint(&cursor) == value);
			assert_false(cursor.overrun);
			assert_int_equal(dz_cursor_left(&cursor), 0);
			dz_buffer_release(&buffer);
		}
	}
}

static void a_varint_of_more_than_64_bits_is_refused(void **state)
{
	const uint8_t most[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
	const uint8_t over[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
	const uint8_t longer[11] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
				    0x80, 0x80, 0x80, 0x81, 0x00};
	struct dz_cursor cursor = dz_cursor_over(most, sizeof(most));

	(void)state;
	assert_true(dz_cursor_varint(&cursor) == UINT64_MAX);
	assert_false(cursor.overrun);
	cursor = dz_cursor_over(over, sizeof(over));
	assert_int_equal(dz_cursor_varint(&cursor), 0);
	assert_true(cursor.overrun);
	cursor = dz_cursor_over(longer, sizeof(longer));
	assert_int_equal(dz_cursor_varint(&cursor), 0);
	assert_true(cursor.overrun);
}

static void a_varint_in_a_longer_form_than_necessary_is_read(void **state)
{
	const uint8_t bytes[3] = {0x85, 0x80, 0x00};
	struct dz_cursor cursor = dz_cursor_over(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(dz_cursor_varint(&cursor), 5);
	assert_false(cursor.overrun);
	cursor = dz_cursor_over(bytes, 2);
	assert_int_equal(dz_cursor_varint(&cursor), 0);
	assert_true(cursor.overrun);
}

static void a_buffer_that_cannot_grow_fails_until_it_is_cleared(void **state)
{
	struct dz_buffer buffer = {0};

	(void)state;
	dz_buffer_put(&buffer, "abc", 3);
	assert_null(dz_buffer_extend(&buffer, SIZE_MAX));
	assert_true(buffer.failed);
	dz_buffer_put(&buffer, "def", 3);
	assert_int_equal(buffer.size, 3);
	assert_null(dz_buffer_extend(&buffer, 1));
	dz_buffer_clear(&buffer);
	dz_buffer_put(&buffer, "def", 3);
	assert_int_equal(buffer.size, 3);
	assert_memory_equal(buffer.data, "def", 3);
	dz_buffer_release(&buffer);
	assert_null(dz_buffer_extend(&buffer, SIZE_MAX / 2 + 2));
	dz_buffer_release(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_beyond_the_end_gives_nothing_and_is_remembered),
		cmocka_unit_test(integers_are_little_endian),
		cmocka_unit_test(varints_of_every_length_come_back),
		cmocka_unit_test(a_varint_of_more_than_64_bits_is_refused),
		cmocka_unit_test(a_varint_in_a_longer_form_than_necessary_is_read),
		cmocka_unit_test(a_buffer_that_cannot_grow_fails_until_it_is_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
