/* format/column_decode.h - unpacks one column of a table, which is not trusted (dz(5), TABLES) */
#ifndef FORMAT_COLUMN_DECODE_H
#define FORMAT_COLUMN_DECODE_H

#include <stdint.h>

#include "base/cursor.h"
#include "format/column.h"
#include <dz/status.h>

/* Writes x of every record to out; uses the data up to exactly its end. Coding bytes is none of
 * these: DZ_CORRUPT. */
DZ_MUST_CHECK enum dz_status dz_column_decode(enum dz_coding coding, struct cursor data,
					      uint64_t *out, uint32_t records);

/* Turns x into the values, in place. other: the values of plan->other, record i at i & other_mask;
 * used only if transform is difference. */
void dz_column_restore(const struct dz_column_plan *plan, const uint64_t *other,
		       uint64_t other_mask, uint64_t *values, uint32_t records);

#endif
