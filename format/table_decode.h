/* format/table_decode.h - decodes the payload of a block: untrusted input (dz(5), TABLES) */
#ifndef FORMAT_TABLE_DECODE_H
#define FORMAT_TABLE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "format/column.h"
#include "format/limits.h"
#include <dz/status.h>

/* A set of fields: bit n % 64 of word n / 64 for field n. */
struct dz_field_set {
	uint64_t words[DZ_LIMIT_COLUMNS / 64];
};

/* Returns whether the set has the field; false from DZ_LIMIT_COLUMNS on. */
static inline bool dz_field_set_has(const struct dz_field_set *set, uint32_t field)
{
	return field < DZ_LIMIT_COLUMNS && (set->words[field / 64] >> (field % 64) & 1);
}

/* Adds a field, which must be below DZ_LIMIT_COLUMNS. */
static inline void dz_field_set_add(struct dz_field_set *set, uint32_t field)
{
	set->words[field / 64] |= (uint64_t)1 << (field % 64);
}

/* The values of one field. Record i is values[i & mask]: a field with the same value in all
 * records, often 0, needs no array. */
struct dz_column_values {
	const uint64_t *values;
	uint64_t mask; /* 0 or UINT64_MAX */
	uint64_t constant;
};

/* A decoded payload; owns its values. */
struct dz_table {
	uint32_t records;
	uint32_t field_count;
	size_t memory_bytes;
	uint64_t *arena;                  /* values of the columns with an array */
	struct dz_column_values *columns; /* field_count of them */
};

/* Decodes the wanted fields below field_count; all others are 0. The caller must have checked
 * `records` against its limit. Returns DZ_CORRUPT, DZ_UNSUPPORTED for an unknown transform or
 * coding, DZ_LIMIT, DZ_NO_MEMORY; then nothing needs to be released. */
DZ_MUST_CHECK enum dz_status dz_table_decode(struct cursor payload, uint32_t records,
					     uint32_t field_count,
					     const struct dz_field_set *wanted,
					     struct dz_table *table);

/* Frees the values. A table that is zeroed or released can be released again. */
void dz_table_release(struct dz_table *table);

/* The column of kind string: a cursor over the lengths and one over the bytes, which hold exactly
 * the strings of all records. If the column is absent, all strings are empty. */
struct dz_string_column {
	bool present;
	struct cursor lengths;
	struct cursor bytes;
};

/* Finds and checks the column. The cursors borrow the payload. Returns DZ_CORRUPT, DZ_UNSUPPORTED,
 * DZ_LIMIT. */
DZ_MUST_CHECK enum dz_status dz_table_decode_strings(struct cursor payload, uint32_t records,
						     struct dz_string_column *ret_column);

#endif
