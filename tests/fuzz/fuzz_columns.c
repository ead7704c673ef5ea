/* tests/fuzz/fuzz_columns.c - any bytes as a table of columns, and as one of strings
 *
 * Input: number of records (2 bytes), number of fields (1), mask of the wanted fields (1), payload.
 * A table that decodes must be the same after encoding and decoding it again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/table_decode.h"
#include "format/table_encode.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dz_field_set wanted_fields(uint8_t mask)
{
	struct dz_field_set wanted;

	memset(&wanted, mask, sizeof(wanted));
	return wanted;
}

static uint64_t *unpack(const struct dz_table *table)
{
	size_t records = table->records;
	uint64_t *columns = calloc((table->field_count + 1) * records, sizeof(*columns));

	if (!columns)
		abort();
	for (uint32_t field = 0; field < table->field_count; field++) {
		const struct dz_column_values *column = &table->columns[field];

		for (uint32_t i = 0; i < records; i++)
			columns[field * records + i] = column->values[i & column->mask];
	}
	return columns;
}

static void compare(const struct dz_packed *packed, const uint64_t *columns,
		    const struct dz_table *expected)
{
	struct dz_field_set all = wanted_fields(0xff);
	struct buffer payload = {0};
	static struct dz_table table;

	buffer_put(&payload, packed->directory.data, packed->directory.size);
	buffer_put(&payload, packed->data.data, packed->data.size);
	if (dz_table_decode(cursor_over(payload.data, payload.size), expected->records,
			    expected->field_count, &all, &table) != DZ_OK)
		abort();
	for (uint32_t field = 0; field < table.field_count; field++) {
		for (uint32_t i = 0; i < table.records; i++) {
			const struct dz_column_values *column = &table.columns[field];

			if (column->values[i & column->mask] !=
			    columns[(size_t)field * table.records + i])
				abort();
		}
	}
	dz_table_release(&table);
	buffer_release(&payload);
}

static void check_round_trip(const struct dz_table *table)
{
	uint64_t *columns = unpack(table);
	struct dz_packed packed = {0};

	dz_table_encode(columns, table->field_count, table->records,
			columns + (size_t)table->field_count * table->records, &packed);
	compare(&packed, columns, table);
	dz_packed_release(&packed);
	free(columns);
}

static void read_strings(struct cursor payload, uint32_t records)
{
	struct dz_string_column column;

	if (dz_table_decode_strings(payload, records, &column) != DZ_OK || !column.present)
		return;
	for (uint32_t i = 0; i < records; i++) {
		if (!cursor_take(&column.bytes, (size_t)cursor_varint(&column.lengths)))
			abort();
	}
	if (cursor_left(&column.bytes))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor cursor = cursor_over(data, size);
	uint32_t records = cursor_u16(&cursor);
	uint32_t field_count = cursor_u8(&cursor);
	struct dz_field_set wanted = wanted_fields(cursor_u8(&cursor));
	static struct dz_table table;

	if (cursor.failed || records == 0)
		return 0;
	read_strings(cursor, records);
	if (dz_table_decode(cursor, records, field_count, &wanted, &table) != DZ_OK)
		return 0;
	check_round_trip(&table);
	dz_table_release(&table);
	return 0;
}
