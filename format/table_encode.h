/* format/table_encode.h - encodes the records of one kind as a payload (dz(5), TABLES) */
#ifndef FORMAT_TABLE_ENCODE_H
#define FORMAT_TABLE_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "format/intern.h"

#define DZ_BREAKS_MAX 512u

/* A payload before compression: the directory, then the data. The compressor starts new statistics
 * at the breaks, which separate columns and planes. Initialize with {0}. */
struct dz_packed {
	struct buffer directory;
	struct buffer data;
	size_t breaks[DZ_BREAKS_MAX]; /* offsets in data, ascending */
	size_t break_count;
};

/* Encodes columns[field_count][records] and replaces the contents of *packed. `scratch` must have
 * room for `records` values. On allocation failure, one of the buffers of *packed is failed. */
void dz_table_encode(const uint64_t *columns, uint32_t field_count, uint32_t records,
		     uint64_t *scratch, struct dz_packed *packed);

/* The same for records of kind string, which consist of one string each. */
void dz_table_encode_strings(const struct dz_intern_entry *strings, uint32_t records,
			     struct dz_packed *packed);

/* Frees the memory. *packed can be used again. */
void dz_packed_release(struct dz_packed *packed);

#endif
