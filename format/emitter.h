/* format/emitter.h - writes blocks, index and trailer to a sink
 *
 * The emitter numbers the blocks and keeps an entry of each for the index. An error is final: all
 * further calls return it.
 */
#ifndef FORMAT_EMITTER_H
#define FORMAT_EMITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zstd.h>

#include "base/buffer.h"
#include "format/block_header.h"
#include "format/table_encode.h"
#include <dz/file_header.h>
#include <dz/sink.h>
#include <dz/status.h>

struct dz_index_entry;

struct dz_emitter {
	struct dz_sink sink;
	ZSTD_CCtx *compressor;
	int level;
	bool no_index;         /* set it after opening if the schema of the file lacks the kind */
	enum dz_status status; /* the first error */
	uint64_t file_id;
	uint64_t offset; /* bytes written so far */
	uint64_t events;
	uint32_t blocks; /* written so far: the next sequence number */
	struct buffer stored;
	struct dz_index_entry *index;
	size_t index_capacity;
};

/* Writes the file header. Copies *sink. Returns the errors of the sink and DZ_NO_MEMORY; then
 * nothing needs to be released. */
DZ_MUST_CHECK enum dz_status dz_emitter_open(const struct dz_sink *sink,
					     const struct dz_file_header *header, int level,
					     struct dz_emitter *ret_emitter);

/* Compresses and writes a block. Uses the kind, generation, records, first and last of *header.
 * Returns the errors of the sink, DZ_NO_MEMORY, and DZ_LIMIT after DZ_LIMIT_BLOCKS blocks. */
DZ_MUST_CHECK enum dz_status dz_emitter_put(struct dz_emitter *emitter,
					    const struct dz_block_header *header,
					    const struct dz_packed *packed);

/* Writes a block whose payload is compressed: header->stored_bytes, with the checksum in *header.
 * Replaces file id and sequence number. The errors of dz_emitter_put(). */
DZ_MUST_CHECK enum dz_status dz_emitter_copy(struct dz_emitter *emitter,
					     const struct dz_block_header *header,
					     const uint8_t *payload);

/* Writes the index, unless no_index is set, and the trailer with `flags`, DZ_TRAILER_*. The errors
 * of dz_emitter_put(). */
DZ_MUST_CHECK enum dz_status dz_emitter_close(struct dz_emitter *emitter, uint32_t generation,
					      uint32_t flags);

/* Frees the memory. */
void dz_emitter_release(struct dz_emitter *emitter);

#endif
