/* format/rows.c - iterates over the decoded rows of one block of a kind with a time */
#include "format/rows.h"

#include <stdlib.h>
#include <string.h>

static struct dz_field_set choose_fields(const struct dz_file_kind *kind, const uint64_t *fields)
{
	struct dz_field_set set = {0};

	for (uint32_t field = 0; field < kind->schema.field_count; field++) {
		uint16_t own = kind->to_own[field];

		if (!fields || field == 0 || own == DZ_NO_FIELD || own >= 64 ||
		    (*fields >> own & 1))
			dz_field_set_add(&set, field);
	}
	return set;
}

/* Returns whether the times are in order and match the header of the block. */
static bool are_times_valid(const struct dz_rows *rows, const struct dz_block_info *info)
{
	const struct dz_column_values *times = &rows->table.columns[0];
	uint64_t before = info->first;

	if (times->values[0] != info->first)
		return false;
	for (uint32_t i = 0; i < rows->table.records; i++) {
		uint64_t time_ns = times->values[i & times->mask];

		if (time_ns < before)
			return false;
		before = time_ns;
	}
	return before == info->last;
}

/* Consecutive records often have the same identifier, which is resolved once. */
static void resolve_array(struct dz_generation *generation, uint32_t dictionary, uint64_t *values,
			  const struct dz_rows *rows)
{
	uint64_t known = 0;
	uint64_t resolved = 0;

	for (uint32_t i = 0; i < rows->table.records; i++) {
		if (values[i] != known) {
			known = values[i];
			resolved = dz_generation_resolve(generation, dictionary, known,
							 rows->sequence);
		}
		values[i] = resolved;
	}
}

static void resolve_references(struct dz_generation *generation, struct dz_rows *rows)
{
	for (uint32_t field = 0; field < rows->table.field_count; field++) {
		struct dz_column_values *column = &rows->table.columns[field];
		uint32_t dictionary = dz_dictionary_of_type(rows->kind->schema.fields[field].type);

		if (dictionary >= DZ_DICTIONARY_COUNT)
			continue;
		if (column->mask)
			resolve_array(generation, dictionary,
				      rows->table.arena + (column->values - rows->table.arena),
				      rows);
		else
			column->constant = dz_generation_resolve(generation, dictionary,
								 column->constant, rows->sequence);
	}
}

static enum dz_status decode(struct dz_store *store, const uint64_t *fields, struct dz_rows *rows)
{
	const struct dz_block_info *info = &store->walk.blocks[rows->block];
	struct dz_field_set wanted = choose_fields(rows->kind, fields);
	struct cursor payload;
	enum dz_status status = dz_store_payload(store, rows->block, &payload);

	if (status != DZ_OK)
		return status;
	status = dz_table_decode(payload, info->records, rows->kind->schema.field_count, &wanted,
				 &rows->table);
	if (status != DZ_OK)
		return dz_store_report(store, rows->block, status,
				       "invalid columns in the payload");
	if (!are_times_valid(rows, info)) {
		dz_table_release(&rows->table);
		return dz_store_report(store, rows->block, DZ_CORRUPT,
				       "times out of order, or different from the header");
	}
	return DZ_OK;
}

static bool has_references(const struct dz_file_kind *kind)
{
	for (uint32_t field = 0; field < kind->schema.field_count; field++)
		if (dz_dictionary_of_type(kind->schema.fields[field].type) < DZ_DICTIONARY_COUNT)
			return true;
	return false;
}

/* Sets the fields that are the same in all records, and lists the others. */
static void set_constants(struct dz_rows *rows)
{
	const struct dz_file_kind *kind = rows->kind;

	rows->varying_count = 0;
	for (uint32_t field = 0; field < kind->schema.field_count; field++) {
		const struct dz_column_values *column = &rows->table.columns[field];
		uint16_t own = kind->same ? DZ_NO_FIELD : kind->to_own[field];

		if (column->mask) {
			rows->varying[rows->varying_count++] =
				(struct dz_varying){column->values, (uint16_t)field, own};
			continue;
		}
		rows->values[field] = column->constant;
		if (own != DZ_NO_FIELD)
			rows->row[own] = column->constant;
	}
}

static enum dz_status fill(struct dz_store *store, const uint64_t *fields, struct dz_rows *rows)
{
	struct dz_generation *generation = NULL;
	enum dz_status status = DZ_OK;

	if (has_references(rows->kind))
		status = dz_store_generation(store, rows->block, &generation);
	if (status == DZ_OK)
		status = decode(store, fields, rows);
	dz_store_end_block(store);
	if (status != DZ_OK)
		return status;
	if (!dz_budget_take(&store->budget, rows->memory_bytes + rows->table.memory_bytes)) {
		dz_table_release(&rows->table);
		return DZ_LIMIT;
	}
	rows->generation = generation;
	if (generation) {
		dz_store_pin(store, generation);
		resolve_references(generation, rows);
	}
	set_constants(rows);
	rows->time_ns = store->walk.blocks[rows->block].first;
	return DZ_OK;
}

static struct dz_rows *allocate(const struct dz_file_kind *kind)
{
	const uint32_t count = kind->schema.field_count;
	const uint32_t own_count = kind->own && !kind->same ? kind->own->field_count : 0;
	const size_t head_bytes = sizeof(struct dz_rows) + count * sizeof(struct dz_varying);
	const size_t bytes = head_bytes + ((size_t)count + own_count) * sizeof(uint64_t);
	struct dz_rows *rows = calloc(1, bytes);

	if (!rows)
		return NULL;
	rows->kind = kind;
	rows->memory_bytes = bytes;
	rows->values = (uint64_t *)(rows->varying + count);
	if (kind->own)
		rows->row = kind->same ? rows->values : rows->values + count;
	return rows;
}

enum dz_status dz_rows_open(struct dz_store *store, uint32_t block, const uint64_t *fields,
			    struct dz_rows **ret_rows)
{
	const struct dz_block_info *info = &store->walk.blocks[block];
	const struct dz_file_kind *kind = dz_file_schema_find(&store->schema, info->kind);
	struct dz_rows *rows;
	enum dz_status status;

	if (!kind)
		return dz_store_report(store, block, DZ_UNSUPPORTED,
				       "block of a kind that the schema does not describe");
	if (!kind->timed)
		return DZ_CORRUPT;
	rows = allocate(kind);
	if (!rows)
		return DZ_NO_MEMORY;
	rows->block = block;
	rows->sequence = info->sequence;
	status = fill(store, fields, rows);
	if (status != DZ_OK) {
		free(rows);
		return status;
	}
	*ret_rows = rows;
	return DZ_OK;
}

void dz_rows_select(struct dz_rows *rows, const struct dz_row_filter *filter)
{
	const struct dz_file_kind *kind = rows->kind;

	for (uint32_t field = 0; field < kind->schema.field_count; field++) {
		if (kind->to_own[field] != filter->field)
			continue;
		rows->selected_by = &rows->table.columns[field];
		rows->selected = filter->values;
	}
}

void dz_rows_close(struct dz_store *store, struct dz_rows *rows)
{
	if (!rows)
		return;
	if (rows->generation)
		dz_store_unpin(store, rows->generation);
	dz_budget_return(&store->budget, rows->memory_bytes + rows->table.memory_bytes);
	dz_table_release(&rows->table);
	free(rows);
}
