/* format/emitter.h - puts blocks one after the other into a file, and closes it
 *
 * It numbers the blocks and remembers them for the index. After an error it takes no more.
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
	bool no_index; /* set after opening: the schema of the file does not know the kind */
	enum dz_status status; /* the first error */
	uint64_t file_id;
	uint64_t offset; /* bytes in the file so far */
	uint64_t events;
	uint32_t blocks; /* so far; the next one's sequence number */
	struct buffer stored;
	struct dz_index_entry *index;
	size_t index_capacity;
};

/* Writes the file header. On an error nothing needs to be released. */
DZ_MUST_CHECK enum dz_status dz_emitter_open(const struct dz_sink *sink,
					     const struct dz_file_header *header, int level,
					     struct dz_emitter *ret_emitter);

/* Compresses and writes a block. Of *header only kind, generation, records, first and last are
 * used. */
DZ_MUST_CHECK enum dz_status dz_emitter_put(struct dz_emitter *emitter,
					    const struct dz_block_header *header,
					    const struct dz_packed *packed);

/* Writes a block whose payload is compressed already: stored_bytes of it, which the checksum in
 * *header is for. File id and sequence number are replaced. */
DZ_MUST_CHECK enum dz_status dz_emitter_copy(struct dz_emitter *emitter,
					     const struct dz_block_header *header,
					     const uint8_t *payload);

/* Writes index, unless no_index, and trailer. flags: DZ_TRAILER_*. */
DZ_MUST_CHECK enum dz_status dz_emitter_close(struct dz_emitter *emitter, uint32_t generation,
					      uint32_t flags);

/* Frees what it holds, written or not. */
void dz_emitter_release(struct dz_emitter *emitter);

#endif
