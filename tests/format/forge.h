/* tests/format/forge.h - builds files block by block, sound in their checksums and otherwise as
 * asked */
#ifndef TESTS_FORMAT_FORGE_H
#define TESTS_FORMAT_FORGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "format/block_header.h"
#include "tests/format/sample_trace.h"

/* A file header like sample_header(seed). */
void forge_header(struct sample_file *file, uint64_t seed);

/* A block with the given payload, uncompressed. Of *header all is written as it is, but the sizes
 * and checksums, which fit the payload. */
void forge_block(struct sample_file *file, const struct dz_block_header *header, const void *raw,
		 size_t size);

/* The same with stored bytes, whatever they are; raw_bytes is the header's. */
void forge_stored(struct sample_file *file, const struct dz_block_header *header,
		  const void *stored, size_t size);

void forge_bytes(struct sample_file *file, const void *bytes, size_t size);

/* Payloads to be: the directory entry of a column of constants, or of varints, without transform.
 */
void forge_columns(struct buffer *payload, uint32_t count);
void forge_constant(struct buffer *payload, struct buffer *data, uint32_t field, uint64_t value);
void forge_varints(struct buffer *payload, struct buffer *data, uint32_t field,
		   const uint64_t *values, uint32_t count);

/* Appends data to payload and releases data. */
void forge_join(struct buffer *payload, struct buffer *data);

#endif
