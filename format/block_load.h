/* format/block_load.h - reads a block, and believes nothing of it before it is checked */
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

/* Reads the block, checks it against what the walk has seen of it and against its checksum, and
 * decompresses the payload, which is valid until the next call. An error other than DZ_IO and
 * DZ_NO_MEMORY is damage, and *ret_what a static phrase for it. */
DZ_MUST_CHECK enum dz_status dz_loader_read(struct dz_loader *loader,
					    const struct dz_source *source,
					    const struct dz_block_info *block,
					    struct cursor *ret_payload, const char **ret_what);

/* The payload of the block that was read last, as it is in the file. Valid until the next call. */
struct cursor dz_loader_stored(const struct dz_loader *loader);

/* Bytes that the loader holds. */
size_t dz_loader_memory(const struct dz_loader *loader);

/* A zeroed or released one may be released again. */
void dz_loader_release(struct dz_loader *loader);

#endif
