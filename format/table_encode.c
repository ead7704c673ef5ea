/* format/table_encode.c - encodes the records of one kind as a payload */
#include "format/table_encode.h"

#include <stdbool.h>

#include "format/column_encode.h"

/* Smallest part with separate statistics, which cost zstd up to about 100 bytes. */
#define BREAK_BYTES 1024u

static void packed_clear(struct dz_packed *packed)
{
	buffer_clear(&packed->directory);
	buffer_clear(&packed->data);
	packed->break_count = 0;
}

static void add_break(struct dz_packed *packed, size_t offset)
{
	size_t last = packed->break_count ? packed->breaks[packed->break_count - 1] : 0;

	if (offset > last && packed->break_count < DZ_BREAKS_MAX)
		packed->breaks[packed->break_count++] = offset;
}

static void put_directory_entry(struct buffer *directory, uint32_t field,
				const struct dz_column_plan *plan, size_t size)
{
	buffer_put_varint(directory, field);
	buffer_put_u8(directory, plan->transform);
	if (plan->transform == DZ_TRANSFORM_DIFFERENCE)
		buffer_put_varint(directory, plan->other);
	if (plan->transform != DZ_TRANSFORM_NONE)
		buffer_put_varint(directory, plan->base);
	buffer_put_u8(directory, plan->coding);
	buffer_put_varint(directory, size);
}

static void break_column(struct dz_packed *packed, const struct dz_column_plan *plan, size_t start,
			 uint32_t records)
{
	size_t end = packed->data.size;

	if (end - start < BREAK_BYTES)
		return;
	add_break(packed, start);
	if (plan->coding == DZ_CODING_PLANES && records >= BREAK_BYTES) {
		for (uint32_t plane = 1; plane < plan->width; plane++)
			add_break(packed, start + 1 + (size_t)plane * records);
	}
	add_break(packed, end);
}

static bool any_nonzero(const uint64_t *values, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (values[i])
			return true;
	}
	return false;
}

void dz_table_encode(const uint64_t *columns, uint32_t field_count, uint32_t records,
		     uint64_t *scratch, struct dz_packed *packed)
{
	struct buffer entries = {0};
	uint32_t column_count = 0;

	packed_clear(packed);
	for (uint32_t field = 0; field < field_count; field++) {
		size_t start = packed->data.size;
		struct dz_column_plan plan;

		if (!any_nonzero(columns + (size_t)field * records, records))
			continue;
		plan = dz_column_transform(columns, records, field, scratch);
		dz_column_encode(scratch, records, &plan, &packed->data);
		put_directory_entry(&entries, field, &plan, packed->data.size - start);
		break_column(packed, &plan, start, records);
		column_count++;
	}
	buffer_put_varint(&packed->directory, column_count);
	buffer_put(&packed->directory, entries.data, entries.size);
	packed->directory.failed |= entries.failed;
	buffer_release(&entries);
}

void dz_table_encode_strings(const struct dz_intern_entry *strings, uint32_t records,
			     struct dz_packed *packed)
{
	const struct dz_column_plan plan = {.coding = DZ_CODING_BYTES};

	packed_clear(packed);
	for (uint32_t i = 0; i < records; i++)
		buffer_put_varint(&packed->data, strings[i].size);
	for (uint32_t i = 0; i < records; i++)
		buffer_put(&packed->data, strings[i].data, strings[i].size);
	buffer_put_varint(&packed->directory, 1);
	put_directory_entry(&packed->directory, 0, &plan, packed->data.size);
}

void dz_packed_release(struct dz_packed *packed)
{
	buffer_release(&packed->directory);
	buffer_release(&packed->data);
}
