/* format/column_encode.h - encodes one column of a table, as small as it can (dz(5), TABLES) */
#ifndef FORMAT_COLUMN_ENCODE_H
#define FORMAT_COLUMN_ENCODE_H

#include <stdint.h>

#include "base/buffer.h"
#include "format/column.h"

/* Chooses a transform for column `field` of the table columns[field_count][records], from a sample
 * of its records, and writes x of every record to `out`. It can subtract an earlier column. Returns
 * the transform, without a coding. Cannot fail. */
struct dz_column_plan dz_column_transform(const uint64_t *columns, uint32_t records, uint32_t field,
					  uint64_t *out);

/* Chooses a coding for the transformed values, sets plan->coding and plan->width, and appends the
 * data to `out`, which fails on allocation failure. */
void dz_column_encode(const uint64_t *x, uint32_t records, struct dz_column_plan *plan,
		      struct buffer *out);

#endif
