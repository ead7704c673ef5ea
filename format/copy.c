/* format/copy.c - steps shared by repair, rewrite and add_lines */
#include "format/copy.h"

#include "format/bytes.h"
#include "format/crc32c.h"

struct dz_file_header dz_copy_header(const struct dz_walk *walk)
{
	struct dz_file_header header = {.version_major = DZ_VERSION_MAJOR,
					.version_minor = DZ_VERSION_MINOR};

	if (walk->header_valid)
		return walk->header;
	dz_put_u64(header.uuid, walk->file_id);
	return header;
}

uint32_t dz_copy_last_generation(const struct dz_walk *walk)
{
	return walk->order_count ? walk->blocks[walk->order[walk->order_count - 1]].generation : 0;
}

struct dz_block_header dz_copy_block_header(const struct dz_block_info *info)
{
	return (struct dz_block_header){
		.kind = (uint16_t)info->kind,
		.generation = info->generation,
		.records = info->records,
		.first = info->first,
		.last = info->last,
	};
}

enum dz_status dz_copy_block(struct dz_store *store, uint32_t block, struct dz_emitter *emitter)
{
	const struct dz_block_info *info = &store->walk.blocks[block];
	struct dz_block_header header = dz_copy_block_header(info);
	struct cursor payload, stored;
	enum dz_status status = dz_store_payload(store, block, &payload);

	if (status != DZ_OK)
		return status;
	stored = dz_loader_stored(&store->loader);
	header.raw_bytes = info->raw_bytes;
	header.stored_bytes = info->stored_bytes;
	header.payload_crc = dz_crc32c(stored.at, cursor_left(&stored));
	return dz_emitter_copy(emitter, &header, stored.at);
}
