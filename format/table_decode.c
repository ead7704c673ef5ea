/* format/table_decode.c - decodes the payload of a block */
#include "format/table_decode.h"

#include <stdlib.h>
#include <string.h>

#include "format/column_decode.h"

struct directory_entry {
	uint32_t field;
	struct dz_column_plan plan;
	struct cursor data;
};

struct directory {
	uint32_t count;
	struct directory_entry entries[DZ_LIMIT_COLUMNS]; /* by ascending field */
};

static enum dz_status parse_entry(struct cursor *payload, struct directory_entry *entry,
				  size_t *ret_size)
{
	uint64_t field = cursor_varint(payload);
	uint64_t other, size;

	entry->plan = (struct dz_column_plan){.transform = cursor_u8(payload)};
	if (payload->failed || field >= DZ_LIMIT_COLUMNS)
		return DZ_CORRUPT;
	if (entry->plan.transform > DZ_TRANSFORM_DIFFERENCE)
		return DZ_UNSUPPORTED;
	if (entry->plan.transform == DZ_TRANSFORM_DIFFERENCE) {
		other = cursor_varint(payload);
		if (other >= field)
			return DZ_CORRUPT;
		entry->plan.other = (uint32_t)other;
	}
	if (entry->plan.transform != DZ_TRANSFORM_NONE)
		entry->plan.base = cursor_varint(payload);
	entry->plan.coding = cursor_u8(payload);
	size = cursor_varint(payload);
	if (payload->failed || size > DZ_LIMIT_RAW_BYTES)
		return DZ_CORRUPT;
	if (entry->plan.coding > DZ_CODING_BYTES)
		return DZ_UNSUPPORTED;
	entry->field = (uint32_t)field;
	*ret_size = (size_t)size;
	return DZ_OK;
}

static enum dz_status parse_directory(struct cursor payload, struct directory *directory)
{
	size_t sizes[DZ_LIMIT_COLUMNS] = {0};
	uint64_t count = cursor_varint(&payload);

	if (payload.failed || count > DZ_LIMIT_COLUMNS)
		return DZ_CORRUPT;
	directory->count = (uint32_t)count;
	for (uint32_t i = 0; i < directory->count; i++) {
		struct directory_entry *entry = &directory->entries[i];
		enum dz_status status = parse_entry(&payload, entry, &sizes[i]);

		if (status != DZ_OK)
			return status;
		if (i && entry->field <= entry[-1].field)
			return DZ_CORRUPT;
	}
	for (uint32_t i = 0; i < directory->count; i++) {
		const uint8_t *data = cursor_take(&payload, sizes[i]);

		if (!data)
			return DZ_CORRUPT;
		directory->entries[i].data = cursor_over(data, sizes[i]);
	}
	return cursor_left(&payload) ? DZ_CORRUPT : DZ_OK;
}

/* Adds the fields that wanted ones are differences to. They have lower numbers. */
static struct dz_field_set with_others(const struct directory *directory,
				       const struct dz_field_set *wanted)
{
	struct dz_field_set all = *wanted;

	for (uint32_t i = directory->count; i-- > 0;) {
		const struct directory_entry *entry = &directory->entries[i];

		if (dz_field_set_has(&all, entry->field) &&
		    entry->plan.transform == DZ_TRANSFORM_DIFFERENCE)
			dz_field_set_add(&all, entry->plan.other);
	}
	return all;
}

static bool is_constant(const struct directory_entry *entry)
{
	return entry->plan.coding == DZ_CODING_CONSTANT &&
	       entry->plan.transform == DZ_TRANSFORM_NONE;
}

static void clear_columns(struct dz_table *table)
{
	for (uint32_t field = 0; field < table->field_count; field++) {
		struct dz_column_values *column = &table->columns[field];

		column->constant = 0;
		column->mask = 0;
		column->values = &column->constant;
	}
}

static enum dz_status decode_constant(const struct directory_entry *entry, struct dz_table *table)
{
	struct cursor data = entry->data;

	table->columns[entry->field].constant = cursor_varint(&data);
	return data.failed || cursor_left(&data) ? DZ_CORRUPT : DZ_OK;
}

static enum dz_status decode_array(const struct directory_entry *entry, struct dz_table *table,
				   uint64_t *values)
{
	struct dz_column_values *column = &table->columns[entry->field];
	const struct dz_column_values *other = &table->columns[entry->plan.other];
	enum dz_status status = dz_column_decode((enum dz_coding)entry->plan.coding, entry->data,
						 values, table->records);

	if (status != DZ_OK)
		return status;
	dz_column_restore(&entry->plan, other->values, other->mask, values, table->records);
	column->values = values;
	column->mask = UINT64_MAX;
	return DZ_OK;
}

static enum dz_status decode_columns(const struct directory *directory,
				     const struct dz_field_set *wanted, struct dz_table *table)
{
	uint64_t *free_values = table->arena;

	for (uint32_t i = 0; i < directory->count; i++) {
		const struct directory_entry *entry = &directory->entries[i];
		enum dz_status status;

		if (entry->field >= table->field_count || !dz_field_set_has(wanted, entry->field))
			continue;
		if (is_constant(entry)) {
			status = decode_constant(entry, table);
		} else {
			status = decode_array(entry, table, free_values);
			free_values += table->records;
		}
		if (status != DZ_OK)
			return status;
	}
	return DZ_OK;
}

static bool allocate(const struct directory *directory, const struct dz_field_set *wanted,
		     struct dz_table *table)
{
	size_t arrays = 0;
	size_t columns_bytes;

	for (uint32_t i = 0; i < directory->count; i++) {
		const struct directory_entry *entry = &directory->entries[i];

		if (entry->field < table->field_count && !is_constant(entry) &&
		    dz_field_set_has(wanted, entry->field))
			arrays++;
	}
	columns_bytes = table->field_count * sizeof(*table->columns);
	table->memory_bytes = columns_bytes + arrays * table->records * sizeof(*table->arena);
	table->columns = malloc(table->memory_bytes + 1);
	if (!table->columns)
		return false;
	table->arena = (uint64_t *)(table->columns + table->field_count);
	return true;
}

enum dz_status dz_table_decode(struct cursor payload, uint32_t records, uint32_t field_count,
			       const struct dz_field_set *wanted, struct dz_table *table)
{
	struct dz_field_set needed;
	struct directory directory;
	enum dz_status status = parse_directory(payload, &directory);

	if (status != DZ_OK)
		return status;
	if ((uint64_t)records * directory.count > DZ_LIMIT_BLOCK_VALUES)
		return DZ_LIMIT;
	needed = with_others(&directory, wanted);
	table->records = records;
	table->field_count = field_count;
	if (!allocate(&directory, &needed, table))
		return DZ_NO_MEMORY;
	clear_columns(table);
	status = decode_columns(&directory, &needed, table);
	if (status != DZ_OK)
		dz_table_release(table);
	return status;
}

void dz_table_release(struct dz_table *table)
{
	free(table->columns);
	table->columns = NULL;
	table->arena = NULL;
	table->memory_bytes = 0;
}

enum dz_status dz_table_decode_strings(struct cursor payload, uint32_t records,
				       struct dz_string_column *ret_column)
{
	struct dz_string_column column = {0};
	struct directory directory;
	struct cursor lengths;
	uint64_t total = 0;
	enum dz_status status = parse_directory(payload, &directory);

	if (status != DZ_OK)
		return status;
	if ((uint64_t)records * directory.count > DZ_LIMIT_BLOCK_VALUES)
		return DZ_LIMIT;
	if (directory.count == 0 || directory.entries[0].field != 0) {
		*ret_column = column;
		return DZ_OK;
	}
	if (directory.entries[0].plan.coding != DZ_CODING_BYTES ||
	    directory.entries[0].plan.transform != DZ_TRANSFORM_NONE)
		return DZ_CORRUPT;
	lengths = directory.entries[0].data;
	column.present = true;
	column.lengths = lengths;
	for (uint32_t i = 0; i < records; i++) {
		uint64_t length = cursor_varint(&lengths);

		if (length > DZ_LIMIT_STRING_BYTES)
			return DZ_CORRUPT;
		total += length;
	}
	if (lengths.failed || cursor_left(&lengths) != total)
		return DZ_CORRUPT;
	column.bytes = lengths;
	*ret_column = column;
	return DZ_OK;
}
