/* format/generation.h - the identifiers of one generation, and what they are in the whole file */
#ifndef FORMAT_GENERATION_H
#define FORMAT_GENERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/schema.h>

#define DZ_DICTIONARY_COUNT 5u

/* Dictionaries are numbered 0 to 4, in the order of the types that refer to them. A number that is
 * DZ_DICTIONARY_COUNT or greater stands for none. */
static inline uint32_t dz_dictionary_of_type(uint64_t type)
{
	return type >= DZ_TYPE_STRING && type <= DZ_TYPE_TASK ? (uint32_t)(type - DZ_TYPE_STRING)
							      : DZ_DICTIONARY_COUNT;
}

/* The number of the dictionary that records of this kind make up. */
uint32_t dz_dictionary_of_kind(uint32_t kind);

/* A block of a dictionary: identifiers first to first + count - 1. */
struct dz_segment {
	uint32_t first;
	uint32_t count;
	uint32_t sequence; /* of the block */
	uint32_t *ids;     /* file-wide */
};

struct dz_segment_list {
	struct dz_segment *segments; /* by ascending first, and ascending sequence */
	size_t count;
	size_t capacity;
};

struct dz_generation {
	uint32_t number;
	size_t order_start; /* its blocks, in the walk's order */
	size_t order_count;
	bool strings_loaded;
	bool loaded; /* all dictionaries */
	struct dz_segment_list lists[DZ_DICTIONARY_COUNT];
};

/* Adds a segment with room for size identifiers and a count of 0. NULL if there is no memory. Valid
 * until the next call for the same dictionary. */
struct dz_segment *dz_generation_add_segment(struct dz_generation *generation, uint32_t dictionary,
					     uint32_t first, uint32_t size);

/* The file-wide identifier of an identifier of this generation that a record in the block with the
 * sequence number has: 0 for 0, DZ_ID_DAMAGED if no block up to that one defines it. */
uint32_t dz_generation_resolve(const struct dz_generation *generation, uint32_t dictionary,
			       uint64_t id, uint32_t sequence);

/* Frees the identifiers; what was resolved with them is no longer known. */
void dz_generation_release(struct dz_generation *generation);

#endif
