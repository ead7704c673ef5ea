/* format/store_check.c - decodes all blocks to find their damage */
#include "format/store_check.h"

#include <string.h>

#include "format/rows.h"
#include "format/table_decode.h"

static enum dz_status check_block(struct dz_store *store, uint32_t block)
{
	const struct dz_block_info *info = &store->walk.blocks[block];
	const struct dz_file_kind *kind = dz_file_schema_find(&store->schema, info->kind);
	struct dz_field_set wanted;
	struct cursor payload;
	struct dz_rows *rows;
	struct dz_table table;
	enum dz_status status;

	if (info->kind >= DZ_KIND_FIRST_NOT_DICTIONARY && (!kind || kind->timed)) {
		status = dz_rows_open(store, block, NULL, &rows);
		if (status == DZ_OK)
			dz_rows_close(store, rows);
		return status;
	}
	status = dz_store_payload(store, block, &payload);
	if (status != DZ_OK)
		return status;
	memset(&wanted, 0xff, sizeof(wanted));
	status = dz_table_decode(payload, info->records, kind ? kind->schema.field_count : 0,
				 &wanted, &table);
	if (status != DZ_OK)
		return dz_store_report(store, block, status, "invalid columns in the payload");
	dz_table_release(&table);
	return DZ_OK;
}

enum dz_status dz_store_check_index(struct dz_store *store)
{
	enum dz_status status = DZ_OK;

	for (size_t i = store->walk.order_count; i-- > 0 && status == DZ_OK;) {
		uint32_t block = store->walk.order[i];

		if (store->walk.blocks[block].kind != DZ_KIND_INDEX || store->walk.unusable[block])
			continue;
		status = check_block(store, block);
		dz_store_end_block(store);
		status = status == DZ_CORRUPT ? DZ_OK : status;
	}
	return status;
}

enum dz_status dz_store_check(struct dz_store *store)
{
	for (size_t i = 0; i < store->walk.order_count; i++) {
		uint32_t block = store->walk.order[i];
		struct dz_generation *generation;
		enum dz_status status;

		if (store->walk.unusable[block])
			continue;
		status = dz_store_generation(store, block, &generation);
		/* dz_store_generation() has checked the dictionaries. */
		if (status == DZ_OK && !store->walk.unusable[block] &&
		    dz_dictionary_of_kind(store->walk.blocks[block].kind) >= DZ_DICTIONARY_COUNT)
			status = check_block(store, block);
		if (status != DZ_OK && status != DZ_CORRUPT)
			return status;
	}
	return DZ_OK;
}
