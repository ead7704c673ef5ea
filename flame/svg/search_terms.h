/* flame/svg/search_terms.h - exact results of likely searches, over drawn and merged stacks */
#ifndef FLAME_SVG_SEARCH_TERMS_H
#define FLAME_SVG_SEARCH_TERMS_H
#include "flame/tree/tree.h"

#define SEARCH_TERMS_MAX 512u

/*
 * The set of names that contain a term, and the weight of the stacks with any of them. The set is
 * identified by the number of its names and by two sums of hashes of their ranks
 * (search_terms_hash()). flame/svg/script/search.js computes the same sums.
 */
struct search_term {
	uint32_t key[2];
	uint32_t names;
	uint64_t weight;
};

struct search_terms {
	struct search_term *items;
	uint32_t count;
};

/* Returns the hash of a name's rank in the picture data, for the first (0) or second (1) sum. */
uint32_t search_terms_hash(uint32_t rank, unsigned lane);

/*
 * Finds at most SEARCH_TERMS_MAX terms, the parts of 3 to 8 letters whose names weigh most, and the
 * exact weights of their sets. `ranks` is by name id; names with rank 0 are not in the data.
 * Returns no terms if a path is too long. Returns FLAME_NO_MEMORY on allocation failure; then
 * nothing needs to be closed.
 */
enum flame_status search_terms_open(struct search_terms *terms, const struct tree *tree,
				    const uint32_t *ranks);

/* Frees the terms. Can be called again, and for zeroed terms. */
void search_terms_close(struct search_terms *terms);
#endif
