/* tests/base/test_buffer.c - base/buffer.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/cursor.h"

static void bytes_are_appended_in_order(void **state)
{
	struct buffer buffer = {0};
	uint8_t *room;

	(void)state;
	buffer_put(&buffer, "abc", 3);
	buffer_put_u8(&buffer, 'd');
	room = buffer_extend(&buffer, 2);
	assert_non_null(room);
	memcpy(room, "ef", 2);
	buffer_put(&buffer, NULL, 0);
	assert_int_equal(buffer.size, 6);
	assert_memory_equal(buffer.data, "abcdef", 6);
	assert_int_equal(buffer.capacity, BUFFER_FIRST_CAPACITY);
	assert_false(buffer.failed);
	buffer_release(&buffer);
}

static void it_grows_without_losing_bytes(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	for (unsigned int i = 0; i < 100000; i++)
		buffer_put_u8(&buffer, (uint8_t)(i * 7));
	assert_false(buffer.failed);
	assert_int_equal(buffer.size, 100000);
	for (unsigned int i = 0; i < 100000; i++)
		assert_int_equal(buffer.data[i], (uint8_t)(i * 7));
	buffer_release(&buffer);
}

static void the_limit_is_exact_and_failure_stays(void **state)
{
	static const size_t limits[] = {1, 3, 255, 256, 257, 1000};
	struct buffer buffer;

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		buffer = (struct buffer){.limit_bytes = limits[i]};
		for (size_t size = 0; size < limits[i]; size++)
			buffer_put_u8(&buffer, 'x');
		assert_false(buffer.failed);
		assert_int_equal(buffer.size, limits[i]);
		assert_int_equal(buffer.capacity, limits[i]);
		buffer_put_u8(&buffer, 'y');
		assert_true(buffer.failed);
		assert_int_equal(buffer.size, limits[i]);
		assert_int_equal(buffer.data[limits[i] - 1], 'x');
		buffer_put(&buffer, NULL, 0);
		assert_null(buffer_extend(&buffer, 0));
		assert_true(buffer.failed);
		buffer_release(&buffer);
	}
}

/* Part of a value would be worse than none. */
static void what_does_not_fit_is_dropped_whole(void **state)
{
	struct buffer buffer = {.limit_bytes = 4};

	(void)state;
	buffer_put(&buffer, "abc", 3);
	buffer_put_varint(&buffer, 300);
	assert_true(buffer.failed);
	assert_int_equal(buffer.size, 3);
	buffer_put_u8(&buffer, 'd'); /* would fit */
	assert_int_equal(buffer.size, 3);
	buffer_release(&buffer);
}

static void clear_keeps_memory_and_release_keeps_the_limit(void **state)
{
	struct buffer buffer = {.limit_bytes = 4};
	const uint8_t *data;

	(void)state;
	buffer_put(&buffer, "abcd", 4);
	buffer_put_u8(&buffer, 'e');
	data = buffer.data;
	buffer_clear(&buffer);
	assert_false(buffer.failed);
	assert_int_equal(buffer.size, 0);
	buffer_put(&buffer, "wxyz", 4);
	assert_ptr_equal(buffer.data, data);
	assert_memory_equal(buffer.data, "wxyz", 4);
	buffer_release(&buffer);
	assert_null(buffer.data);
	assert_int_equal(buffer.limit_bytes, 4);
	buffer_put(&buffer, "abcde", 5);
	assert_true(buffer.failed);
	buffer_release(&buffer);
	buffer_release(&buffer);
}

static void a_size_that_overflows_fails(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	buffer_put_u8(&buffer, 'x');
	assert_null(buffer_extend(&buffer, SIZE_MAX));
	assert_true(buffer.failed);
	buffer_clear(&buffer);
	assert_null(buffer_extend(&buffer, SIZE_MAX - 1));
	assert_true(buffer.failed);
	assert_int_equal(buffer.size, 0);
	buffer_release(&buffer);
}

static void varints_are_shortest_and_read_back(void **state)
{
	struct buffer buffer = {0};
	struct cursor cursor;
	size_t size;

	(void)state;
	buffer_put_varint(&buffer, 300);
	assert_int_equal(buffer.size, 2);
	assert_memory_equal(buffer.data, "\xac\x02", 2);
	for (unsigned int bits = 0; bits <= 64; bits++) {
		uint64_t value = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

		buffer_clear(&buffer);
		buffer_put_varint(&buffer, value);
		size = bits ? (bits + 6) / 7 : 1;
		assert_int_equal(buffer.size, size);
		cursor = cursor_over(buffer.data, buffer.size);
		assert_true(cursor_varint(&cursor) == value);
		assert_false(cursor.failed);
		assert_int_equal(cursor_left(&cursor), 0);
	}
	buffer_release(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_appended_in_order),
		cmocka_unit_test(it_grows_without_losing_bytes),
		cmocka_unit_test(the_limit_is_exact_and_failure_stays),
		cmocka_unit_test(what_does_not_fit_is_dropped_whole),
		cmocka_unit_test(clear_keeps_memory_and_release_keeps_the_limit),
		cmocka_unit_test(a_size_that_overflows_fails),
		cmocka_unit_test(varints_are_shortest_and_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
