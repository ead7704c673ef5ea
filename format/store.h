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

/*
 * The entries of generations that were loaded one after the other, each entry once. When the tables
 * of an epoch have reached their size, the next generation begins a new epoch. Beyond
 * DZ_STORE_EPOCHS, the tables of the epoch that was used least recently are freed. A lookup of one
 * of its identifiers loads the same generations in the same order, so that identifiers stay valid.
 *
 * A recording has one epoch for as long as its content repeats, however long it is.
 */
struct dz_epoch {
	struct dz_intern tables[DZ_DICTIONARY_COUNT]; /* rows of this version, ids file-wide */
	uint64_t table_bytes;   /* of tables and stack_depths, counted in the budget */
	uint16_t *stack_depths; /* number of frames, by stack */
	size_t stack_capacity;
	struct dz_generation **generations; /* in the order in which they were loaded */
	size_t generation_count;
	size_t generation_capacity;
	uint32_t pins; /* open blocks */
	uint64_t last_use;
	bool resident;
};

/* For dz_store_limit_epochs(). With sanitizers, nearly every generation is an epoch, so that tests
 * find memory that is used after it was freed. */
#ifdef DIAG_SANITIZED
#define DZ_STORE_EPOCH_BYTES 4096u
#else
#define DZ_STORE_EPOCH_BYTES 8388608u
#endif

#define DZ_STORE_EPOCHS      4u
#define DZ_STORE_GENERATIONS 4u

struct dz_store {
	struct dz_source source;
	struct dz_budget budget;
	struct dz_damage_list damage;
	struct dz_walk walk;
	struct dz_loader loader;
	struct dz_file_schema schema;
	struct dz_siphash_key key;
	struct dz_epoch **epochs; /* the newest one is the last */
	size_t epoch_count;
	size_t epoch_capacity;
	size_t resident_count;
	uint64_t epoch_bytes; /* of the tables of an epoch, before the next one begins */
	uint64_t uses;        /* of epochs */
	uint64_t frees;       /* of their tables */
	struct dz_generation *generations; /* by ascending number */
	size_t generation_count;
	struct dz_generation *recent[DZ_STORE_GENERATIONS]; /* unpinned ones keep their segments */
	size_t next_recent;
	size_t generation_capacity; /* they never move */
	bool frugal;                /* no memory is kept from one block to the next */
};

/* Walks the file and finds its schema. Copies *source. The errors of dz_reader_open(). The caller
 * must release the store, also after an error. */
DZ_MUST_CHECK enum dz_status dz_store_open(const struct dz_source *source,
					   uint64_t memory_limit_bytes, struct dz_store *store);

/* Like dz_store_open(), for a file that a recorder is still writing. dz_store_grow() adds what has
 * been written since, up to size_bytes. */
DZ_MUST_CHECK enum dz_status dz_store_begin(const struct dz_source *source,
					    uint64_t memory_limit_bytes, struct dz_store *store);
DZ_MUST_CHECK enum dz_status dz_store_grow(struct dz_store *store, uint64_t size_bytes);

/* Frees all that was loaded. */
void dz_store_release(struct dz_store *store);

/* Limits the memory of the store: epochs get this size, and the tables loaded so far are freed.
 * Call before any generation is loaded. Without it, there is one epoch, whose tables are complete.
 */
void dz_store_limit_epochs(struct dz_store *store, uint64_t epoch_bytes);

/* Sets *ret_generation to the generation of a usable block, and loads its dictionaries. The store
 * owns it. It is loaded until the generation of another block is asked for, or while it is pinned.
 * Damaged blocks of dictionaries are not an error. */
DZ_MUST_CHECK enum dz_status dz_store_generation(struct dz_store *store, uint32_t block,
						 struct dz_generation **ret_generation);

/* Frees the tables and all that a later call can load again. No block may be open. */
void dz_store_rest(struct dz_store *store);

/* Frees what a block needed, if the store is frugal. Payloads are no longer valid. */
void dz_store_end_block(struct dz_store *store);

/* Keep the dictionaries of a generation in memory until they are unpinned. */
void dz_store_pin(struct dz_store *store, struct dz_generation *generation);
void dz_store_unpin(struct dz_store *store, struct dz_generation *generation);

/* Loads the tables of an epoch if they were freed, and frees those that were not used for long. */
DZ_MUST_CHECK enum dz_status dz_store_use(struct dz_store *store, struct dz_epoch *epoch);

/* Returns an entry by its file-wide identifier, or NULL if there is none or if its epoch cannot be
 * loaded again. Valid until the next call of dz_store_generation() for this store, and at least
 * until entries of DZ_STORE_EPOCHS - 2 other epochs were looked up. */
static inline const struct dz_intern_entry *dz_store_entry(struct dz_store *store,
							   uint32_t dictionary, uint64_t id)
{
	uint64_t number = DZ_ID_EPOCH(id);
	struct dz_epoch *epoch = number < store->epoch_count ? store->epochs[number] : NULL;

	if (!epoch)
		return NULL;
	epoch->last_use = ++store->uses;
	if (!epoch->resident && dz_store_use(store, epoch) != DZ_OK)
		return NULL;
	return dz_intern_get(&epoch->tables[dictionary], DZ_ID_ENTRY(id));
}

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
