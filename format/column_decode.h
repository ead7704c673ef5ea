/* format/column_decode.h - decodes one column of a table: untrusted input (dz(5), TABLES) */
#ifndef FORMAT_COLUMN_DECODE_H
#define FORMAT_COLUMN_DECODE_H

#include <stdint.h>

#include "base/cursor.h"
#include "format/column.h"
#include <dz/status.h>

/* Writes the coded value x of every record to `out`. Returns DZ_CORRUPT if the data are invalid,
 * shorter or longer than needed, and for DZ_CODING_BYTES, which strings have. */
DZ_MUST_CHECK enum dz_status dz_column_decode(enum dz_coding coding, struct cursor data,
					      uint64_t *out, uint32_t records);

/* Undoes the transform, in place. `other` are the values of field plan->other, record i at index
 * i & other_mask; used for DZ_TRANSFORM_DIFFERENCE only. Cannot fail. */
void dz_column_restore(const struct dz_column_plan *plan, const uint64_t *other,
		       uint64_t other_mask, uint64_t *values, uint32_t records);

#endif
