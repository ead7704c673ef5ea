/* format/rows.h - iterates over the decoded rows of one block of a kind with a time */
#ifndef FORMAT_ROWS_H
#define FORMAT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "format/store.h"
#include "format/table_decode.h"

struct dz_rows {
	uint32_t block; /* index in the walk's blocks */
	uint32_t sequence;
	struct dz_generation *generation; /* pinned; NULL: no references */
	uint32_t next;                    /* the current record */
	uint64_t time_ns;                 /* of the current record */
	const struct dz_file_kind *kind;
	struct dz_table table; /* references are file-wide */
};

/* Decodes a usable block and loads the dictionaries of its generation. Bit n of *fields selects
 * field n of this version; NULL selects all. Fields unknown to this version, and the time, are
 * always decoded. Returns DZ_CORRUPT if the block is damaged or its kind has no time, and the other
 * errors of format/store.h; then nothing needs to be closed. */
DZ_MUST_CHECK enum dz_status dz_rows_open(struct dz_store *store, uint32_t block,
					  const uint64_t *fields, struct dz_rows **ret_rows);

/* Moves to the next record. Returns false if there is none. */
static inline bool dz_rows_step(struct dz_rows *rows)
{
	if (++rows->next == rows->table.records)
		return false;
	rows->time_ns = rows->table.columns[0].values[rows->next & rows->table.columns[0].mask];
	return true;
}

/* Writes the current record, kind->schema.field_count values in the file's order of fields. */
static inline void dz_rows_values(const struct dz_rows *rows, uint64_t *values)
{
	const struct dz_column_values *columns = rows->table.columns;

	for (uint32_t field = 0; field < rows->table.field_count; field++)
		values[field] = columns[field].values[rows->next & columns[field].mask];
}

/* Converts the values of a record to a row of this version, kind->own->field_count values. */
void dz_rows_to_own(const struct dz_file_kind *kind, const uint64_t *values, uint64_t *row);

/* Frees the rows. NULL is allowed. */
void dz_rows_close(struct dz_store *store, struct dz_rows *rows);

#endif
