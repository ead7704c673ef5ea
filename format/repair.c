/* format/repair.c - writes the readable part of a damaged file to a new file */
#include <dz/repair.h>

#include <stdlib.h>

#include "format/copy.h"
#include "format/store.h"
#include "format/store_check.h"
#include <dz/trailer.h>

static enum dz_status copy_blocks(struct dz_store *store, struct dz_emitter *emitter)
{
	for (size_t i = 0; i < store->walk.order_count; i++) {
		uint32_t block = store->walk.order[i];
		enum dz_status status = DZ_OK;

		if (!store->walk.unusable[block] && store->walk.blocks[block].kind != DZ_KIND_INDEX)
			status = dz_copy_block(store, block, emitter);
		if (status != DZ_OK && status != DZ_CORRUPT)
			return status;
	}
	return DZ_OK;
}

static enum dz_status copy_store(struct dz_store *store, const struct dz_sink *sink,
				 struct dz_repair_result *result)
{
	struct dz_file_header header = dz_copy_header(&store->walk);
	struct dz_emitter emitter;
	enum dz_status status = dz_emitter_open(sink, &header, DZ_COPY_LEVEL, &emitter);

	if (status != DZ_OK)
		return status;
	emitter.no_index = !dz_file_schema_find(&store->schema, DZ_KIND_INDEX);
	status = copy_blocks(store, &emitter);
	result->blocks = emitter.blocks;
	result->events = emitter.events;
	if (status == DZ_OK)
		status = dz_emitter_close(&emitter, dz_copy_last_generation(&store->walk),
					  store->walk.trailer.flags | DZ_TRAILER_CLEAN |
						  DZ_TRAILER_REPAIRED);
	dz_emitter_release(&emitter);
	return status;
}

enum dz_status dz_repair(const struct dz_source *source, const struct dz_sink *sink,
			 struct dz_repair_result *ret_result)
{
	struct dz_repair_result result = {0};
	struct dz_store *store = malloc(sizeof(*store));
	enum dz_status status;

	if (!store)
		return DZ_NO_MEMORY;
	status = dz_store_open(source, 0, store);
	if (status == DZ_OK) {
		dz_store_limit_epochs(store, DZ_STORE_EPOCH_BYTES);
		status = dz_store_check(store);
	}
	if (status == DZ_OK)
		status = copy_store(store, sink, &result);
	result.damages = store->damage.count;
	for (size_t i = 0; i < store->damage.count; i++)
		result.damaged_bytes += store->damage.entries[i].size_bytes;
	dz_store_release(store);
	free(store);
	if (status == DZ_OK)
		*ret_result = result;
	return status;
}
