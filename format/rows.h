/* format/rows.h - iterates over the decoded rows of one block of a kind with a time */
#ifndef FORMAT_ROWS_H
#define FORMAT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "format/store.h"
#include "format/table_decode.h"

/* A field that is not the same in all records. */
struct dz_varying {
	const uint64_t *values; /* by record */
	uint16_t field;
	uint16_t own; /* in `row`; DZ_NO_FIELD: in none */
};

struct dz_rows {
	uint32_t block; /* index in the walk's blocks */
	uint32_t sequence;
	struct dz_generation *generation; /* pinned; NULL: no references */
	uint32_t next;                    /* the current record */
	uint64_t time_ns;                 /* of the current record */
	const struct dz_file_kind *kind;
	struct dz_table table; /* references are file-wide */
	/* Steps lead to the records whose value in this field has its bit; NULL: to all. */
	const struct dz_column_values *selected_by;
	uint64_t selected;
	size_t memory_bytes; /* of this structure with all that follows */
	/* Of the record that dz_rows_load() was called for. Fields that are the same in all records
	 * are set once. */
	uint64_t *values; /* kind->schema.field_count of them, in the file's order of fields */
	uint64_t *row;    /* kind->own->field_count of them, a row of this version; NULL: unknown */
	uint32_t varying_count;
	struct dz_varying varying[];
};

/* Decodes a usable block and loads the dictionaries of its generation. Bit n of *fields selects
 * field n of this version; NULL selects all. Fields unknown to this version, and the time, are
 * always decoded. Returns DZ_CORRUPT if the block is damaged or its kind has no time, and the other
 * errors of format/store.h; then nothing needs to be closed. */
DZ_MUST_CHECK enum dz_status dz_rows_open(struct dz_store *store, uint32_t block,
					  const uint64_t *fields, struct dz_rows **ret_rows);

/* Selects the records to which later calls of dz_rows_step() lead. The filter must be of this kind.
 * It does not need to outlive the call. */
void dz_rows_select(struct dz_rows *rows, const struct dz_row_filter *filter);

static inline bool dz_rows_is_selected(const struct dz_rows *rows)
{
	const struct dz_column_values *by = rows->selected_by;
	uint64_t value = by ? by->values[rows->next & by->mask] : 0;

	return !by || (value < 64 && (rows->selected >> value & 1));
}

/* Moves to the next selected record. Returns false if there is none. */
static inline bool dz_rows_step(struct dz_rows *rows)
{
	do {
		if (++rows->next == rows->table.records)
			return false;
	} while (!dz_rows_is_selected(rows));
	rows->time_ns = rows->table.columns[0].values[rows->next & rows->table.columns[0].mask];
	return true;
}

/* Sets `values` and `row` to the current record. They are valid until the next call for the same
 * rows, and until these are closed. */
static inline void dz_rows_load(const struct dz_rows *rows)
{
	for (uint32_t i = 0; i < rows->varying_count; i++) {
		const struct dz_varying *varying = &rows->varying[i];
		uint64_t value = varying->values[rows->next];

		rows->values[varying->field] = value;
		if (varying->own != DZ_NO_FIELD)
			rows->row[varying->own] = value;
	}
}

/* Frees the rows. NULL is allowed. */
void dz_rows_close(struct dz_store *store, struct dz_rows *rows);

#endif
