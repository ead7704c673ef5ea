/* format/generation.h - maps the identifiers of one generation to file-wide ones */
#ifndef FORMAT_GENERATION_H
#define FORMAT_GENERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/schema.h>

#define DZ_DICTIONARY_COUNT 5u

/* Returns the dictionary that values of this type refer to. Dictionaries are numbered 0 to 4, in
 * the order of the types; DZ_DICTIONARY_COUNT: none. */
static inline uint32_t dz_dictionary_of_type(uint64_t type)
{
	return type >= DZ_TYPE_STRING && type <= DZ_TYPE_TASK ? (uint32_t)(type - DZ_TYPE_STRING)
							      : DZ_DICTIONARY_COUNT;
}

/* Returns the dictionary that records of this kind form; DZ_DICTIONARY_COUNT: none. */
uint32_t dz_dictionary_of_kind(uint32_t kind);

/* A block of a dictionary: the identifiers first to first + count - 1. */
struct dz_segment {
	uint32_t first;
	uint32_t count;
	uint32_t sequence; /* of the block */
	uint32_t *ids;     /* entries in the tables of the epoch */
};

struct dz_segment_list {
	struct dz_segment *segments; /* by ascending first, and ascending sequence */
	size_t count;
	size_t capacity;
	size_t last; /* index of the segment of the last search */
};

struct dz_generation {
	uint32_t number;
	size_t order_start; /* its blocks, in the walk's order */
	size_t order_count;
	uint32_t epoch; /* of the store, that has its entries; only if `is_placed` */
	bool is_placed;
	bool is_large; /* its tasks fill half of an epoch; only if `is_placed` */
	bool strings_loaded;
	bool loaded;   /* all dictionaries */
	uint32_t pins; /* open blocks */
	uint64_t segment_bytes;
	struct dz_segment_list lists[DZ_DICTIONARY_COUNT];
};

/* Adds a segment with room for `size` identifiers and a count of 0. It is valid until the next call
 * for the same dictionary. Returns NULL on allocation failure. */
struct dz_segment *dz_generation_add_segment(struct dz_generation *generation, uint32_t dictionary,
					     uint32_t first, uint32_t size);

/* A file-wide identifier: the number of an epoch above the number of an entry in its table. */
#define DZ_ID_EPOCH(id) ((id) >> 32)
#define DZ_ID_ENTRY(id) ((uint32_t)(id))

/* Returns the file-wide identifier of `id`, as used by a record in the block with this sequence
 * number: 0 for 0, DZ_ID_DAMAGED if no block up to that one defines `id`. */
uint64_t dz_generation_resolve(struct dz_generation *generation, uint32_t dictionary, uint64_t id,
			       uint32_t sequence);

/* Frees the segments. File-wide identifiers stay valid. */
void dz_generation_release(struct dz_generation *generation);

#endif
