/* tests/format/test_varint.c - varints as dz(5) defines them, written and read */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/cursor.h"

static void varints_of_every_length_come_back(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 64; bits++) {
		for (uint64_t step = 0; step < 3; step++) {
			uint64_t value = ((uint64_t)1 << bits) - 1 + step;
			struct buffer buffer = {0};
			struct cursor cursor;

			buffer_put_varint(&buffer, value);
			cursor = cursor_over(buffer.data, buffer.size);
			assert_true(cursor_varint(&cursor) == value);
			assert_false(cursor.failed);
			assert_int_equal(cursor_left(&cursor), 0);
			buffer_release(&buffer);
		}
	}
}

static void a_varint_of_more_than_64_bits_is_refused(void **state)
{
	const uint8_t most[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
	const uint8_t over[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
	const uint8_t longer[11] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
				    0x80, 0x80, 0x80, 0x81, 0x00};
	struct cursor cursor = cursor_over(most, sizeof(most));

	(void)state;
	assert_true(cursor_varint(&cursor) == UINT64_MAX);
	assert_false(cursor.failed);
	cursor = cursor_over(over, sizeof(over));
	assert_int_equal(cursor_varint(&cursor), 0);
	assert_true(cursor.failed);
	cursor = cursor_over(longer, sizeof(longer));
	assert_int_equal(cursor_varint(&cursor), 0);
	assert_true(cursor.failed);
}

static void a_varint_in_a_longer_form_than_necessary_is_read(void **state)
{
	const uint8_t bytes[3] = {0x85, 0x80, 0x00};
	struct cursor cursor = cursor_over(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(cursor_varint(&cursor), 5);
	assert_false(cursor.failed);
	cursor = cursor_over(bytes, 2);
	assert_int_equal(cursor_varint(&cursor), 0);
	assert_true(cursor.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(varints_of_every_length_come_back),
		cmocka_unit_test(a_varint_of_more_than_64_bits_is_refused),
		cmocka_unit_test(a_varint_in_a_longer_form_than_necessary_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
