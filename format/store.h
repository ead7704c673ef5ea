/* format/store.h - a file being read: its blocks, its schema, its dictionaries and its damage
 *
 * Functions that decode a block return DZ_CORRUPT if it is damaged; that has been told then, and
 * the block is not tried again. DZ_IO, DZ_NO_MEMORY and DZ_LIMIT (the budget) end the reading.
 */
#ifndef FORMAT_STORE_H
#define FORMAT_STORE_H

#include "format/block_load.h"
#include "format/budget.h"
#include "format/damage.h"
#include "format/file_schema.h"
#include "format/generation.h"
#include "format/intern.h"
#include "format/walk.h"
#include <dz/reader.h>

struct dz_store {
	struct dz_source source;
	struct dz_budget budget;
	struct dz_damage_list damage;
	struct dz_walk walk;
	struct dz_loader loader;
	struct dz_file_schema schema;
	struct dz_intern tables[DZ_DICTIONARY_COUNT]; /* rows of this version, ids file-wide */
	uint64_t table_bytes;                         /* counted in the budget */
	uint16_t *stack_depths;                       /* of each stack in its table */
	size_t stack_capacity;
	struct dz_generation *generations; /* by ascending number */
	size_t generation_count;
};

/* Walks the file and finds its schema. Release it also after an error. */
DZ_MUST_CHECK enum dz_status dz_store_open(const struct dz_source *source,
					   uint64_t memory_limit_bytes, struct dz_store *store);

/* Frees all that was loaded. The source stays the caller's. */
void dz_store_release(struct dz_store *store);

/* The generation that a usable block is in, with all its dictionaries loaded. */
DZ_MUST_CHECK enum dz_status dz_store_generation(struct dz_store *store, uint32_t block,
						 struct dz_generation **ret_generation);

/* Reads and checks the payload of a block, which is valid until the next call for any block. */
DZ_MUST_CHECK enum dz_status dz_store_payload(struct dz_store *store, uint32_t block,
					      struct cursor *ret_payload);

/* Notes that a block is damaged: DZ_CORRUPT, or an error that ends the reading. status is a verdict
 * on the block; DZ_IO and DZ_NO_MEMORY are passed on. */
DZ_MUST_CHECK enum dz_status dz_store_report(struct dz_store *store, uint32_t block,
					     enum dz_status status, const char *what);

#endif
