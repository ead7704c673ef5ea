/* format/table_encode.h - packs the records of one kind into the payload of a block (dz(5), TABLES)
 */
#ifndef FORMAT_TABLE_ENCODE_H
#define FORMAT_TABLE_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "format/intern.h"

#define DZ_BREAKS_MAX 512u

/* A payload before compression: directory and data follow each other. The breaks are where data
 * changes its nature, so that the compressor starts new statistics there. Initialize with {0}. */
struct dz_packed {
	struct buffer directory;
	struct buffer data;
	size_t breaks[DZ_BREAKS_MAX]; /* offsets in data, ascending */
	size_t break_count;
};

/* columns[field_count][records]; scratch has room for records values. What was in packed is
 * replaced. If memory runs out, one of its buffers is failed. */
void dz_table_encode(const uint64_t *columns, uint32_t field_count, uint32_t records,
		     uint64_t *scratch, struct dz_packed *packed);

/* The same for kind string. */
void dz_table_encode_strings(const struct dz_intern_entry *strings, uint32_t records,
			     struct dz_packed *packed);

/* Frees the memory; it may be used again. */
void dz_packed_release(struct dz_packed *packed);

#endif
