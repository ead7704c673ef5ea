/* format/block_load.h - reads, checks and decompresses one block */
#ifndef FORMAT_BLOCK_LOAD_H
#define FORMAT_BLOCK_LOAD_H

#include <zstd.h>

#include "base/buffer.h"
#include "base/cursor.h"
#include <dz/reader.h>

/* The decompressor and the memory for one payload. Initialize with {0}. */
struct dz_loader {
	ZSTD_DCtx *decompressor;
	struct buffer stored;
	struct buffer raw;
};

/* Reads the block and compares its header with *block and its payload with the checksum. Sets
 * *ret_payload to the decompressed payload, valid until the next call. DZ_IO and DZ_NO_MEMORY say
 * nothing about the block. All other errors are damage, and *ret_what is a static phrase for it. */
DZ_MUST_CHECK enum dz_status dz_loader_read(struct dz_loader *loader,
					    const struct dz_source *source,
					    const struct dz_block_info *block,
					    struct cursor *ret_payload, const char **ret_what);

/* Returns the compressed payload of the block that was read last, valid until the next read. */
struct cursor dz_loader_stored(const struct dz_loader *loader);

/* Returns the bytes allocated for payloads. */
size_t dz_loader_memory(const struct dz_loader *loader);

/* Frees the memory. A loader that is zeroed or released can be released again. */
void dz_loader_release(struct dz_loader *loader);

#endif
