/* tests/format/forge.h - builds files block by block, with right checksums and any contents */
#ifndef TESTS_FORMAT_FORGE_H
#define TESTS_FORMAT_FORGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "format/block_header.h"
#include "tests/format/sample_trace.h"

/* Appends the file header sample_header(seed). */
void forge_header(struct sample_file *file, uint64_t seed);

/* Compresses the payload and appends it as a block. Sets the sizes and checksums of the header;
 * writes all other fields unchanged. */
void forge_block(struct sample_file *file, const struct dz_block_header *header, const void *raw,
		 size_t size);

/* The same with any stored bytes; raw_bytes is that of *header. */
void forge_stored(struct sample_file *file, const struct dz_block_header *header,
		  const void *stored, size_t size);

/* Appends any bytes. */
void forge_bytes(struct sample_file *file, const void *bytes, size_t size);

/* Build a payload: the number of columns, then for each the directory entry and the data of a
 * constant or of varints, without transform. */
void forge_columns(struct buffer *payload, uint32_t count);
void forge_constant(struct buffer *payload, struct buffer *data, uint32_t field, uint64_t value);
void forge_varints(struct buffer *payload, struct buffer *data, uint32_t field,
		   const uint64_t *values, uint32_t count);

/* Appends `data` to `payload` and releases it. */
void forge_join(struct buffer *payload, struct buffer *data);

#endif
