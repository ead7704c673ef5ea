/* format/store.h - blocks, schema, dictionaries and damage of a file that is read
 *
 * Functions that decode a block return DZ_CORRUPT if it is damaged. They add it to the damage and
 * mark it as unusable before they return. DZ_IO, DZ_NO_MEMORY and DZ_LIMIT (the budget) are not
 * damage: the caller must stop reading.
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
	uint64_t table_bytes;   /* of tables and stack_depths, counted in the budget */
	uint16_t *stack_depths; /* number of frames, by stack */
	size_t stack_capacity;
	struct dz_generation *generations; /* by ascending number */
	size_t generation_count;
};

/* Walks the file and finds its schema. Copies *source. The errors of dz_reader_open(). The caller
 * must release the store, also after an error. */
DZ_MUST_CHECK enum dz_status dz_store_open(const struct dz_source *source,
					   uint64_t memory_limit_bytes, struct dz_store *store);

/* Frees all that was loaded. */
void dz_store_release(struct dz_store *store);

/* Sets *ret_generation to the generation of a usable block, and loads its dictionaries. The store
 * owns it. Damaged blocks of dictionaries are not an error. */
DZ_MUST_CHECK enum dz_status dz_store_generation(struct dz_store *store, uint32_t block,
						 struct dz_generation **ret_generation);

/* Reads and checks the payload of a block, which is valid until the next call for any block of the
 * store. */
DZ_MUST_CHECK enum dz_status dz_store_payload(struct dz_store *store, uint32_t block,
					      struct cursor *ret_payload);

/* Adds a block to the damage with `status` and `what`, and marks it as unusable. Returns
 * DZ_CORRUPT, or DZ_NO_MEMORY on allocation failure. DZ_IO and DZ_NO_MEMORY as `status` are not
 * damage: they are returned. */
DZ_MUST_CHECK enum dz_status dz_store_report(struct dz_store *store, uint32_t block,
					     enum dz_status status, const char *what);

#endif
