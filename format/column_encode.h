/* format/column_encode.h - packs one column of a table, in whatever way is smallest (dz(5), TABLES)
 */
#ifndef FORMAT_COLUMN_ENCODE_H
#define FORMAT_COLUMN_ENCODE_H

#include <stdint.h>

#include "base/buffer.h"
#include "format/column.h"

/* Chooses a transform for column number field of the table columns[field_count][records], by a
 * sample of it, and writes x of every record to out. The columns before it may be subtracted. */
struct dz_column_plan dz_column_transform(const uint64_t *columns, uint32_t records, uint32_t field,
					  uint64_t *out);

/* Chooses a coding for the transformed values and appends their data to out; sets plan->coding and
 * plan->width. */
void dz_column_encode(const uint64_t *x, uint32_t records, struct dz_column_plan *plan,
		      struct buffer *out);

#endif
