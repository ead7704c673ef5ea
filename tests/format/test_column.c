/* tests/format/test_column.c - format/column_encode.c and format/column_decode.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/column_decode.h"
#include "format/column_encode.h"
#include "tests/format/sample_trace.h"

#define RECORDS 3000u

/* Columns that each need another transform or coding. The second column is tested. */
struct shape {
	const char *name;
	uint64_t (*value)(uint32_t i, uint64_t first, uint64_t *random);
};

/* NOLINTBEGIN(readability-non-const-parameter): the type of `value` */
static uint64_t constant(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)i, (void)first, (void)random;
	return 0xffffffffffffffffu;
}

static uint64_t counting(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)first, (void)random;
	return 30000 + i;
}

static uint64_t falling(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)first, (void)random;
	return (uint64_t)-1 - i * 3;
}

static uint64_t same_as_first(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)i, (void)random;
	return first + 5;
}

static uint64_t few_values(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)i, (void)first;
	return (sample_random(random) % 5) * 0x123456789u;
}

static uint64_t long_runs(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)first, (void)random;
	return i / 700;
}

static uint64_t anything(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)i, (void)first;
	return sample_random(random);
}

static uint64_t small_steps(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)first;
	return (uint64_t)3600000000000u + i * (uint64_t)40000 + sample_random(random) % 16000;
}

static uint64_t rarely_large(uint32_t i, uint64_t first, uint64_t *random)
{
	(void)first;
	return i % 997 ? sample_random(random) % 300 : UINT64_MAX - i;
}
/* NOLINTEND(readability-non-const-parameter) */

static const struct shape shapes[] = {
	{"constant", constant},  {"counting", counting},     {"falling", falling},
	{"same", same_as_first}, {"few values", few_values}, {"long runs", long_runs},
	{"anything", anything},  {"steps", small_steps},     {"rarely large", rarely_large},
};

static const uint32_t counts[] = {1, 2, 3, 17, 127, 128, 300, RECORDS};

static void fill(const struct shape *shape, uint64_t *columns, uint32_t records)
{
	uint64_t random = 11;

	for (uint32_t i = 0; i < records; i++) {
		columns[i] = sample_random(&random);
		columns[records + i] = shape->value(i, columns[i], &random);
	}
}

/* Encodes and decodes column 1. Returns its size in bytes. */
static size_t round_trip(const uint64_t *columns, uint32_t records)
{
	uint64_t *x = calloc(records, sizeof(*x));
	struct buffer out = {0};
	struct dz_column_plan plan;
	size_t size;

	assert_non_null(x);
	plan = dz_column_transform(columns, records, 1, x);
	dz_column_encode(x, records, &plan, &out);
	assert_false(out.failed);
	memset(x, 0xaa, records * sizeof(*x));
	assert_int_equal(dz_column_decode((enum dz_coding)plan.coding,
					  cursor_over(out.data, out.size), x, records),
			 DZ_OK);
	dz_column_restore(&plan, columns + (size_t)plan.other * records, UINT64_MAX, x, records);
	assert_memory_equal(x, columns + records, records * sizeof(*x));
	size = out.size;
	buffer_release(&out);
	free(x);
	return size;
}

static void every_shape_of_column_comes_back(void **state)
{
	uint64_t columns[2 * RECORDS];

	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
			fill(&shapes[s], columns, counts[c]);
			round_trip(columns, counts[c]);
		}
	}
}

static void regular_columns_need_a_few_bytes_whatever_their_length(void **state)
{
	uint64_t columns[2 * RECORDS];

	(void)state;
	for (size_t s = 0; s < 4; s++) {
		fill(&shapes[s], columns, RECORDS);
		assert_in_range(round_trip(columns, RECORDS), 1, 10);
	}
	fill(&shapes[5], columns, RECORDS);
	assert_in_range(round_trip(columns, RECORDS), 1, 30);
	fill(&shapes[4], columns, RECORDS);
	assert_in_range(round_trip(columns, RECORDS), RECORDS, RECORDS + 40);
}

static void zigzag_keeps_small_differences_small(void **state)
{
	(void)state;
	assert_int_equal(dz_zigzag(0), 0);
	assert_int_equal(dz_zigzag((uint64_t)-1), 1);
	assert_int_equal(dz_zigzag(1), 2);
	assert_true(dz_unzigzag(dz_zigzag((uint64_t)INT64_MIN)) == (uint64_t)INT64_MIN);
	assert_true(dz_unzigzag(UINT64_MAX) == (uint64_t)INT64_MIN);
}

struct bad_column {
	const char *what;
	enum dz_coding coding;
	uint32_t records;
	size_t size;
	uint8_t data[12];
};

static const struct bad_column bad_columns[] = {
	{"constant without a value", DZ_CODING_CONSTANT, 2, 0, {0}},
	{"constant with more behind it", DZ_CODING_CONSTANT, 2, 2, {1, 1}},
	{"too few varints", DZ_CODING_VARINTS, 3, 2, {1, 2}},
	{"too many varints", DZ_CODING_VARINTS, 2, 3, {1, 2, 3}},
	{"palette of nothing", DZ_CODING_PALETTE, 1, 2, {0, 0}},
	{"palette of 257", DZ_CODING_PALETTE, 1, 4, {0x81, 2, 0, 0}},
	{"index beyond the palette", DZ_CODING_PALETTE, 2, 5, {2, 7, 8, 1, 2}},
	{"palette without indexes", DZ_CODING_PALETTE, 2, 3, {2, 7, 8}},
	{"run of nothing", DZ_CODING_RUNS, 2, 4, {5, 0, 5, 2}},
	{"run that is too long", DZ_CODING_RUNS, 2, 2, {5, 3}},
	{"runs that are too short", DZ_CODING_RUNS, 3, 2, {5, 2}},
	{"runs with more behind", DZ_CODING_RUNS, 2, 4, {5, 2, 5, 1}},
	{"no planes", DZ_CODING_PLANES, 2, 1, {0}},
	{"nine planes", DZ_CODING_PLANES, 1, 10, {9}},
	{"a plane too few", DZ_CODING_PLANES, 2, 4, {2, 1, 1, 1}},
	{"a byte too many", DZ_CODING_PLANES, 2, 4, {1, 1, 1, 1}},
	{"bytes among integers", DZ_CODING_BYTES, 1, 2, {1, 1}},
};

static void a_column_that_breaks_a_rule_is_refused(void **state)
{
	uint64_t out[4];

	(void)state;
	for (size_t i = 0; i < sizeof(bad_columns) / sizeof(bad_columns[0]); i++) {
		const struct bad_column *bad = &bad_columns[i];

		if (dz_column_decode(bad->coding, cursor_over(bad->data, bad->size), out,
				     bad->records) != DZ_CORRUPT)
			fail_msg("%s was accepted", bad->what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_of_column_comes_back),
		cmocka_unit_test(regular_columns_need_a_few_bytes_whatever_their_length),
		cmocka_unit_test(zigzag_keeps_small_differences_small),
		cmocka_unit_test(a_column_that_breaks_a_rule_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
