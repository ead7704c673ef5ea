/* tests/base/test_cursor.c - base/cursor.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/cursor.h"

/* A cursor over a literal, without its NUL. */
#define OVER(literal) cursor_over(literal, sizeof(literal) - 1)

static void integers_are_little_endian_at_any_alignment(void **state)
{
	struct cursor cursor = OVER("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");

	(void)state;
	assert_int_equal(cursor_u8(&cursor), 1);
	assert_int_equal(cursor_u16(&cursor), 0x0302);
	assert_int_equal(cursor_u32(&cursor), 0x07060504);
	assert_true(cursor_u64(&cursor) == UINT64_C(0x0f0e0d0c0b0a0908));
	assert_int_equal(cursor_left(&cursor), 0);
	assert_false(cursor.failed);
}

static void integers_of_every_size_have_their_sign(void **state)
{
	static const uint8_t ones[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	(void)state;
	for (unsigned int size = 1; size <= 8; size++) {
		struct cursor cursor = cursor_over(ones, size);
		uint64_t all = size == 8 ? UINT64_MAX : (UINT64_C(1) << size * 8) - 1;

		assert_true(cursor_unsigned(&cursor, size) == all);
		cursor = cursor_over(ones, size);
		assert_true(cursor_signed(&cursor, size) == -1);
		assert_false(cursor.failed);
		cursor = cursor_over(ones, size - 1);
		assert_true(cursor_signed(&cursor, size) == 0);
		assert_true(cursor.failed);
	}
	assert_true(cursor_sign_extend(1, 1) == UINT64_MAX);
	assert_true(cursor_sign_extend(0x7f, 8) == 0x7f);
	assert_true(cursor_sign_extend(UINT64_MAX, 64) == UINT64_MAX);
	assert_true(cursor_sign_extend(5, 0) == 5);
}

static void failure_stays_and_every_later_read_gives_nothing(void **state)
{
	struct cursor cursor = OVER("abc");

	(void)state;
	assert_int_equal(cursor_u32(&cursor), 0);
	assert_true(cursor.failed);
	assert_int_equal(cursor_left(&cursor), 3);
	assert_int_equal(cursor_u8(&cursor), 0);
	assert_int_equal(cursor_u16(&cursor), 0);
	assert_true(cursor_u64(&cursor) == 0);
	assert_true(cursor_varint(&cursor) == 0);
	assert_true(cursor_uleb128(&cursor) == 0);
	assert_true(cursor_sleb128(&cursor) == 0);
	assert_null(cursor_take(&cursor, 0));
	assert_null(cursor_string(&cursor));
	assert_true(cursor.failed);
}

static void bytes_beyond_the_end_are_not_taken(void **state)
{
	static const uint64_t sizes[] = {4, 5, SIZE_MAX, UINT64_MAX, UINT64_C(1) << 63};
	const char *bytes = "abc";

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct cursor cursor = cursor_over(bytes, 3);

		assert_null(cursor_take(&cursor, sizes[i]));
		assert_true(cursor.failed);
		assert_int_equal(cursor_left(&cursor), 3);
	}
}

static void a_cursor_can_be_empty_and_without_memory(void **state)
{
	struct cursor cursor = cursor_over(NULL, 0);

	(void)state;
	assert_int_equal(cursor_left(&cursor), 0);
	(void)cursor_take(&cursor, 0);
	assert_false(cursor.failed);
	assert_null(cursor_string(&cursor));
	assert_true(cursor.failed);
	cursor = cursor_over(NULL, 0);
	assert_true(cursor_varint(&cursor) == 0);
	assert_true(cursor.failed);
}

static void varints_have_at_most_64_bits(void **state)
{
	struct cursor cursor = OVER("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");

	(void)state;
	assert_true(cursor_varint(&cursor) == UINT64_MAX);
	assert_false(cursor.failed);
	cursor = OVER("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"); /* bit 64 */
	assert_true(cursor_varint(&cursor) == 0);
	assert_true(cursor.failed);
	cursor = OVER("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x81\x00"); /* an eleventh byte */
	assert_true(cursor_varint(&cursor) == 0);
	assert_true(cursor.failed);
	cursor = OVER("\x81\x00"); /* longer than needed, but whole */
	assert_true(cursor_varint(&cursor) == 1);
	assert_false(cursor.failed);
	cursor = OVER("\xff\xff"); /* its end is missing */
	assert_true(cursor_varint(&cursor) == 0);
	assert_true(cursor.failed);
}

static void leb128_drops_bits_beyond_the_64th(void **state)
{
	struct cursor cursor = OVER("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f");

	(void)state;
	assert_true(cursor_uleb128(&cursor) == UINT64_MAX);
	assert_false(cursor.failed);
	cursor = OVER("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7e"); /* bit 63 is 0 */
	assert_true(cursor_uleb128(&cursor) == 0);
	assert_false(cursor.failed);
	cursor = OVER("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"); /* an eleventh byte */
	assert_true(cursor_uleb128(&cursor) == 0);
	assert_true(cursor.failed);
}

/* The examples of DWARF 5, tables 7.2 and 7.3. */
static void leb128_reads_the_examples_of_dwarf(void **state)
{
	struct cursor cursor = OVER("\x02\x7f\x80\x01\x81\x01\x82\x01\xb9\x64");
	struct cursor with_sign = OVER("\x02\x7e\xff\x00\x81\x7f\x80\x01\x80\x7f\x81\x01\xff\x7e");

	(void)state;
	assert_true(cursor_uleb128(&cursor) == 2);
	assert_true(cursor_uleb128(&cursor) == 127);
	assert_true(cursor_uleb128(&cursor) == 128);
	assert_true(cursor_uleb128(&cursor) == 129);
	assert_true(cursor_uleb128(&cursor) == 130);
	assert_true(cursor_uleb128(&cursor) == 12857);
	assert_true(cursor_sleb128(&with_sign) == 2);
	assert_true(cursor_sleb128(&with_sign) == -2);
	assert_true(cursor_sleb128(&with_sign) == 127);
	assert_true(cursor_sleb128(&with_sign) == -127);
	assert_true(cursor_sleb128(&with_sign) == 128);
	assert_true(cursor_sleb128(&with_sign) == -128);
	assert_true(cursor_sleb128(&with_sign) == 129);
	assert_true(cursor_sleb128(&with_sign) == -129);
	assert_false(cursor.failed || with_sign.failed);
}

static void a_truncated_leb128_gives_0(void **state)
{
	struct cursor cursor = OVER("\xff\xff");

	(void)state;
	assert_true(cursor_uleb128(&cursor) == 0);
	assert_true(cursor.failed);
	cursor = OVER("\xff");
	assert_true(cursor_sleb128(&cursor) == 0);
	assert_true(cursor.failed);
}

static void a_string_needs_its_nul(void **state)
{
	struct cursor cursor = OVER("ab\0\0cd");

	(void)state;
	assert_string_equal(cursor_string(&cursor), "ab");
	assert_string_equal(cursor_string(&cursor), "");
	assert_null(cursor_string(&cursor));
	assert_true(cursor.failed);
	assert_int_equal(cursor_left(&cursor), 2);
}

static void read_all_u8(struct cursor *cursor)
{
	while (!cursor->failed)
		(void)cursor_u8(cursor);
}

static void read_all_u16(struct cursor *cursor)
{
	while (!cursor->failed)
		(void)cursor_u16(cursor);
}

static void read_all_u32(struct cursor *cursor)
{
	while (!cursor->failed)
		(void)cursor_u32(cursor);
}

static void read_all_u64(struct cursor *cursor)
{
	while (!cursor->failed)
		(void)cursor_u64(cursor);
}

static void read_all_unsigned(struct cursor *cursor)
{
	while (!cursor->failed)
		(void)cursor_unsigned(cursor, 7);
}

static void read_all_varints(struct cursor *cursor)
{
	while (!cursor->failed)
		(void)cursor_varint(cursor);
}

static void read_all_leb128(struct cursor *cursor)
{
	while (!cursor->failed)
		(void)cursor_sleb128(cursor);
}

static void read_all_strings(struct cursor *cursor)
{
	while (!cursor->failed)
		(void)cursor_string(cursor);
}

/* The address sanitizer reports a read beyond the end. */
static void no_read_goes_beyond_the_end(void **state)
{
	static void (*const readers[])(struct cursor *) = {
		read_all_u8,       read_all_u16,     read_all_u32,    read_all_u64,
		read_all_unsigned, read_all_varints, read_all_leb128, read_all_strings,
	};

	(void)state;
	for (size_t size = 0; size < 12; size++) {
		uint8_t *bytes = malloc(size ? size : 1);

		assert_non_null(bytes);
		memset(bytes, 0xff, size);
		for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
			struct cursor cursor = cursor_over(bytes, size);

			readers[i](&cursor);
			assert_true(cursor_left(&cursor) <= size);
		}
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_little_endian_at_any_alignment),
		cmocka_unit_test(integers_of_every_size_have_their_sign),
		cmocka_unit_test(failure_stays_and_every_later_read_gives_nothing),
		cmocka_unit_test(bytes_beyond_the_end_are_not_taken),
		cmocka_unit_test(a_cursor_can_be_empty_and_without_memory),
		cmocka_unit_test(varints_have_at_most_64_bits),
		cmocka_unit_test(leb128_drops_bits_beyond_the_64th),
		cmocka_unit_test(leb128_reads_the_examples_of_dwarf),
		cmocka_unit_test(a_truncated_leb128_gives_0),
		cmocka_unit_test(a_string_needs_its_nul),
		cmocka_unit_test(no_read_goes_beyond_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
