/* format/rows.h - the decoded rows of one block that has a time, one after the other */
#ifndef FORMAT_ROWS_H
#define FORMAT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "format/store.h"
#include "format/table_decode.h"

struct dz_rows {
	uint32_t block; /* index in the walk's blocks */
	uint32_t sequence;
	uint32_t next;    /* the record to come */
	uint64_t time_ns; /* of the record to come */
	const struct dz_file_kind *kind;
	struct dz_table table; /* references are file-wide */
};

/* Decodes a usable block and loads the dictionaries it refers to. fields: by field of this version,
 * NULL for all. Fields unknown to this version and the time are always decoded. As in store.h:
 * DZ_CORRUPT if the block is damaged, or of a kind without a time; then, and after any error,
 * nothing needs to be closed. */
DZ_MUST_CHECK enum dz_status dz_rows_open(struct dz_store *store, uint32_t block,
					  const uint64_t *fields, struct dz_rows **ret_rows);

/* Steps to the next record; false if there is none. */
static inline bool dz_rows_step(struct dz_rows *rows)
{
	if (++rows->next == rows->table.records)
		return false;
	rows->time_ns = rows->table.columns[0].values[rows->next & rows->table.columns[0].mask];
	return true;
}

/* The record to come, in the file's order of fields: schema.field_count values. */
static inline void dz_rows_values(const struct dz_rows *rows, uint64_t *values)
{
	const struct dz_column_values *columns = rows->table.columns;

	for (uint32_t field = 0; field < rows->table.field_count; field++)
		values[field] = columns[field].values[rows->next & columns[field].mask];
}

/* Turns values into a row of this version: kind->own->field_count values. */
void dz_rows_to_own(const struct dz_file_kind *kind, const uint64_t *values, uint64_t *row);

/* NULL is allowed. */
void dz_rows_close(struct dz_store *store, struct dz_rows *rows);

#endif
