/* tests/format/test_table.c - format/table_encode.c and format/table_decode.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/table_decode.h"
#include "format/table_encode.h"
#include "tests/format/sample_trace.h"

#define FIELDS  5u
#define RECORDS 2000u

static const struct dz_field_set all = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

static void fill(uint64_t *columns)
{
	uint64_t random = 3;

	for (uint32_t i = 0; i < RECORDS; i++) {
		columns[i] = 1000000 + i * 1000 + sample_random(&random) % 500;
		columns[RECORDS + i] = 0;
		columns[2 * RECORDS + i] = 77;
		columns[3 * RECORDS + i] = columns[i] + 3;
		columns[4 * RECORDS + i] = sample_random(&random) % 3;
	}
}

/* Joins directory and data to one payload. */
static struct buffer join(const struct dz_packed *packed)
{
	struct buffer payload = {0};

	buffer_put(&payload, packed->directory.data, packed->directory.size);
	buffer_put(&payload, packed->data.data, packed->data.size);
	assert_false(payload.failed);
	return payload;
}

static struct buffer make_payload(void)
{
	static uint64_t columns[(FIELDS + 1) * RECORDS];
	struct dz_packed packed = {0};
	struct buffer payload;

	fill(columns);
	dz_table_encode(columns, FIELDS, RECORDS, columns + (size_t)FIELDS * RECORDS, &packed);
	payload = join(&packed);
	dz_packed_release(&packed);
	return payload;
}

static void assert_column(const struct dz_table *table, const uint64_t *expected, uint32_t field)
{
	for (uint32_t i = 0; i < RECORDS; i++) {
		const struct dz_column_values *column = &table->columns[field];

		assert_true(column->values[i & column->mask] ==
			    expected[(size_t)field * RECORDS + i]);
	}
}

static void what_is_packed_comes_back(void **state)
{
	static uint64_t expected[FIELDS * RECORDS];
	struct buffer payload = make_payload();
	static struct dz_table table;

	(void)state;
	fill(expected);
	assert_int_equal(dz_table_decode(cursor_over(payload.data, payload.size), RECORDS, FIELDS,
					 &all, &table),
			 DZ_OK);
	for (uint32_t field = 0; field < FIELDS; field++)
		assert_column(&table, expected, field);
	dz_table_release(&table);
	buffer_release(&payload);
}

static void
a_column_can_be_read_without_the_others_but_with_what_it_is_a_difference_to(void **state)
{
	static uint64_t expected[FIELDS * RECORDS];
	struct buffer payload = make_payload();
	struct dz_field_set wanted = {{1u << 3, 0, 0, 0}};
	static struct dz_table table;

	(void)state;
	fill(expected);
	assert_int_equal(dz_table_decode(cursor_over(payload.data, payload.size), RECORDS, FIELDS,
					 &wanted, &table),
			 DZ_OK);
	assert_column(&table, expected, 3);
	assert_int_equal(table.columns[4].mask, 0);
	assert_int_equal(table.columns[4].values[0], 0);
	assert_int_equal(table.memory_bytes,
			 FIELDS * sizeof(struct dz_column_values) + 2 * RECORDS * sizeof(uint64_t));
	dz_table_release(&table);
	buffer_release(&payload);
}

static void columns_that_the_schema_does_not_know_are_ignored(void **state)
{
	struct buffer payload = make_payload();
	static struct dz_table table;

	(void)state;
	assert_int_equal(
		dz_table_decode(cursor_over(payload.data, payload.size), RECORDS, 1, &all, &table),
		DZ_OK);
	assert_int_equal(table.memory_bytes,
			 sizeof(struct dz_column_values) + RECORDS * sizeof(uint64_t));
	dz_table_release(&table);
	buffer_release(&payload);
}

static void a_payload_cut_at_any_byte_is_refused(void **state)
{
	struct buffer payload = make_payload();
	static struct dz_table table;

	(void)state;
	for (size_t size = 0; size < payload.size; size++)
		assert_int_equal(dz_table_decode(cursor_over(payload.data, size), RECORDS, FIELDS,
						 &all, &table),
				 DZ_CORRUPT);
	buffer_release(&payload);
}

struct bad_payload {
	const char *what;
	enum dz_status status;
	size_t size;
	uint8_t bytes[16];
};

/* For two records and four fields. */
static const struct bad_payload bad_payloads[] = {
	{"nothing", DZ_CORRUPT, 0, {0}},
	{"257 columns", DZ_CORRUPT, 2, {0x81, 2}},
	{"bytes after the columns", DZ_CORRUPT, 2, {0, 0}},
	{"field 256", DZ_CORRUPT, 6, {1, 0x80, 2, 0, 0, 0}},
	{"a field twice", DZ_CORRUPT, 11, {2, 1, 0, 0, 1, 1, 0, 0, 1, 7, 7}},
	{"fields that fall", DZ_CORRUPT, 11, {2, 1, 0, 0, 1, 0, 0, 0, 1, 7, 7}},
	{"an unknown transform", DZ_UNSUPPORTED, 6, {1, 0, 3, 0, 1, 7}},
	{"an unknown coding", DZ_UNSUPPORTED, 6, {1, 0, 0, 6, 1, 7}},
	{"bytes in a field of integers", DZ_CORRUPT, 8, {1, 0, 0, 5, 3, 1, 0, 'x'}},
	{"a difference to itself", DZ_CORRUPT, 8, {1, 2, 2, 2, 0, 0, 1, 7}},
	{"a difference to a later field", DZ_CORRUPT, 8, {1, 2, 2, 3, 0, 0, 1, 7}},
	{"more data than there is", DZ_CORRUPT, 6, {1, 0, 0, 0, 2, 7}},
	{"data of 2^63 bytes",
	 DZ_CORRUPT,
	 15,
	 {1, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 7}},
};

static void a_directory_that_breaks_a_rule_is_refused(void **state)
{
	static struct dz_table table;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_payloads) / sizeof(bad_payloads[0]); i++) {
		const struct bad_payload *bad = &bad_payloads[i];

		if (dz_table_decode(cursor_over(bad->bytes, bad->size), 2, 4, &all, &table) !=
		    bad->status)
			fail_msg("%s did not give %s", bad->what, dz_status_phrase(bad->status));
	}
}

static void the_limit_of_values_is_exact(void **state)
{
	/* Four columns, constants 1. */
	const uint8_t payload[] = {4, 0, 0, 0, 1, 1, 0, 0, 1, 2, 0, 0, 1, 3, 0, 0, 1, 1, 1, 1, 1};
	static struct dz_table table;

	(void)state;
	assert_int_equal(dz_table_decode(cursor_over(payload, sizeof(payload)),
					 DZ_LIMIT_BLOCK_VALUES / 4, 4, &all, &table),
			 DZ_OK);
	dz_table_release(&table);
	assert_int_equal(dz_table_decode(cursor_over(payload, sizeof(payload)),
					 DZ_LIMIT_BLOCK_VALUES / 4 + 1, 4, &all, &table),
			 DZ_LIMIT);
}

static void strings_come_back(void **state)
{
	const struct dz_intern_entry strings[] = {
		{.data = (const uint8_t *)"bash", .size = 4},
		{.data = (const uint8_t *)"", .size = 0},
		{.data = (const uint8_t *)"\0\xff\n", .size = 3},
	};
	struct dz_packed packed = {0};
	struct dz_string_column column;
	struct buffer payload;

	(void)state;
	dz_table_encode_strings(strings, 3, &packed);
	payload = join(&packed);
	assert_int_equal(
		dz_table_decode_strings(cursor_over(payload.data, payload.size), 3, &column),
		DZ_OK);
	assert_true(column.present);
	for (size_t i = 0; i < 3; i++) {
		uint64_t size = cursor_varint(&column.lengths);

		assert_int_equal(size, strings[i].size);
		assert_memory_equal(cursor_take(&column.bytes, size), strings[i].data, size);
	}
	assert_int_equal(
		dz_table_decode_strings(cursor_over(payload.data, payload.size), 2, &column),
		DZ_CORRUPT);
	dz_packed_release(&packed);
	buffer_release(&payload);
}

static void a_string_may_have_4096_bytes_and_not_one_more(void **state)
{
	static uint8_t text[DZ_LIMIT_STRING_BYTES + 1];
	struct dz_intern_entry string = {.data = text, .size = DZ_LIMIT_STRING_BYTES};
	struct dz_packed packed = {0};
	struct dz_string_column column;
	struct buffer payload;

	(void)state;
	for (; string.size <= DZ_LIMIT_STRING_BYTES + 1; string.size++) {
		dz_table_encode_strings(&string, 1, &packed);
		payload = join(&packed);
		assert_int_equal(dz_table_decode_strings(cursor_over(payload.data, payload.size), 1,
							 &column),
				 string.size > DZ_LIMIT_STRING_BYTES ? DZ_CORRUPT : DZ_OK);
		buffer_release(&payload);
	}
	dz_packed_release(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_comes_back),
		cmocka_unit_test(
			a_column_can_be_read_without_the_others_but_with_what_it_is_a_difference_to),
		cmocka_unit_test(columns_that_the_schema_does_not_know_are_ignored),
		cmocka_unit_test(a_payload_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_directory_that_breaks_a_rule_is_refused),
		cmocka_unit_test(the_limit_of_values_is_exact),
		cmocka_unit_test(strings_come_back),
		cmocka_unit_test(a_string_may_have_4096_bytes_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
