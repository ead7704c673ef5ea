/* format/block_load.c - reads, checks and decompresses one block */
#include "format/block_load.h"

#include <stdbool.h>

#include "format/block_header.h"
#include "format/crc32c.h"

static bool same_block(const struct dz_block_header *header, const struct dz_block_info *block)
{
	return header->kind == block->kind && header->generation == block->generation &&
	       header->sequence == block->sequence && header->stored_bytes == block->stored_bytes &&
	       header->raw_bytes == block->raw_bytes && header->records == block->records &&
	       header->first == block->first && header->last == block->last;
}

/* The payload must be a single frame that holds its content size and needs no dictionary. */
static bool is_one_frame(const uint8_t *payload, const struct dz_block_header *header)
{
	size_t frame_bytes = ZSTD_findFrameCompressedSize(payload, header->stored_bytes);

	return frame_bytes == header->stored_bytes &&
	       ZSTD_getFrameContentSize(payload, header->stored_bytes) == header->raw_bytes &&
	       ZSTD_getDictID_fromFrame(payload, header->stored_bytes) == 0;
}

static enum dz_status decompress(struct dz_loader *loader, const uint8_t *payload,
				 const struct dz_block_header *header, const char **ret_what)
{
	uint8_t *out;
	size_t size;

	*ret_what = "payload is not a single zstd frame of the size in the header";
	if (!is_one_frame(payload, header))
		return DZ_CORRUPT;
	if (!loader->decompressor)
		loader->decompressor = ZSTD_createDCtx();
	buffer_clear(&loader->raw);
	out = buffer_extend(&loader->raw, header->raw_bytes);
	if (!loader->decompressor || !out)
		return DZ_NO_MEMORY;
	size = ZSTD_decompressDCtx(loader->decompressor, out, header->raw_bytes, payload,
				   header->stored_bytes);
	return size == header->raw_bytes ? DZ_OK : DZ_CORRUPT;
}

enum dz_status dz_loader_read(struct dz_loader *loader, const struct dz_source *source,
			      const struct dz_block_info *block, struct cursor *ret_payload,
			      const char **ret_what)
{
	size_t size = (size_t)DZ_BLOCK_HEADER_BYTES + block->stored_bytes;
	struct dz_block_header header;
	struct cursor cursor;
	const uint8_t *payload;
	enum dz_status status;
	uint8_t *in;

	buffer_clear(&loader->stored);
	in = buffer_extend(&loader->stored, size);
	if (!in)
		return DZ_NO_MEMORY;
	*ret_what = "file changed while it was read";
	status = source->read_at(source->context, block->offset, in, size);
	if (status != DZ_OK)
		return status;
	if (dz_block_header_decode(in, &header) != DZ_OK || !same_block(&header, block))
		return DZ_CORRUPT;
	cursor = cursor_over(in, size);
	(void)cursor_take(&cursor, DZ_BLOCK_HEADER_BYTES);
	payload = cursor_take(&cursor, header.stored_bytes);
	*ret_what = "payload checksum mismatch";
	if (dz_crc32c(payload, header.stored_bytes) != header.payload_crc)
		return DZ_CORRUPT;
	status = decompress(loader, payload, &header, ret_what);
	if (status == DZ_OK)
		*ret_payload = cursor_over(loader->raw.data, header.raw_bytes);
	return status;
}

struct cursor dz_loader_stored(const struct dz_loader *loader)
{
	struct cursor cursor = cursor_over(loader->stored.data, loader->stored.size);

	(void)cursor_take(&cursor, DZ_BLOCK_HEADER_BYTES);
	return cursor;
}

size_t dz_loader_memory(const struct dz_loader *loader)
{
	return loader->stored.capacity + loader->raw.capacity;
}

void dz_loader_release(struct dz_loader *loader)
{
	ZSTD_freeDCtx(loader->decompressor);
	loader->decompressor = NULL;
	buffer_release(&loader->stored);
	buffer_release(&loader->raw);
}
