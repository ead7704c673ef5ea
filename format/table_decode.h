/* format/table_decode.h - unpacks the payload of a block, which is not trusted (dz(5), TABLES) */
#ifndef FORMAT_TABLE_DECODE_H
#define FORMAT_TABLE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "format/column.h"
#include "format/limits.h"
#include <dz/status.h>

/* The columns of a payload that are wanted: bit n % 64 of word n / 64 for field n. */
struct dz_field_set {
	uint64_t words[DZ_LIMIT_COLUMNS / 64];
};

/* False for a field from DZ_LIMIT_COLUMNS on. */
static inline bool dz_field_set_has(const struct dz_field_set *set, uint32_t field)
{
	return field < DZ_LIMIT_COLUMNS && (set->words[field / 64] >> (field % 64) & 1);
}

/* `field` must be below DZ_LIMIT_COLUMNS. */
static inline void dz_field_set_add(struct dz_field_set *set, uint32_t field)
{
	set->words[field / 64] |= (uint64_t)1 << (field % 64);
}

/* The values of one field. Record i is values[i & mask], so that a field with one value for all
 * records, above all 0, needs no room. */
struct dz_column_values {
	const uint64_t *values;
	uint64_t mask; /* 0 or UINT64_MAX */
	uint64_t constant;
};

/* A decoded payload; owns its values. Do not copy: columns without an array point into it. */
struct dz_table {
	uint32_t records;
	uint32_t field_count;
	size_t memory_bytes;
	uint64_t *arena;
	struct dz_column_values columns[DZ_LIMIT_COLUMNS]; /* by number of field */
};

/* Decodes the wanted fields below field_count; all others are 0. records has been checked against
 * its limit. DZ_CORRUPT, DZ_UNSUPPORTED, DZ_LIMIT, DZ_NO_MEMORY; then there is nothing to release.
 */
DZ_MUST_CHECK enum dz_status dz_table_decode(struct cursor payload, uint32_t records,
					     uint32_t field_count,
					     const struct dz_field_set *wanted,
					     struct dz_table *table);

/* What dz_table_decode() allocates for a block of so many records and columns, at most. */
size_t dz_table_memory(uint32_t records, uint32_t field_count);

/* Frees the values. A zeroed or released one may be released again. */
void dz_table_release(struct dz_table *table);

/* Kind string: two cursors over the payload, one on the lengths and one on the bytes; both are
 * known to hold exactly what records strings need. *ret_bytes is empty if the column is absent, and
 * so are then all strings. */
struct dz_string_column {
	bool present;
	struct cursor lengths;
	struct cursor bytes;
};

/* The cursors borrow the payload. The errors of dz_table_decode(). */
DZ_MUST_CHECK enum dz_status dz_table_decode_strings(struct cursor payload, uint32_t records,
						     struct dz_string_column *ret_column);

#endif
