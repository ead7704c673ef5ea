/* flame/svg/search_terms.h - what the likely searches find in all stacks, drawn or merged */
#ifndef FLAME_SVG_SEARCH_TERMS_H
#define FLAME_SVG_SEARCH_TERMS_H
#include "flame/tree/tree.h"

#define SEARCH_TERMS_MAX 512u

/*
 * A set of names that a part of a word picks out, and the weight of the stacks with any of them.
 * The set is told by the sums of two hashes of each member's rank (search_terms_hash), as script.js
 * does.
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

/* Of a name's rank in the picture's data, for lane 0 or 1. */
uint32_t search_terms_hash(uint32_t rank, unsigned lane);

/*
 * Finds the parts of words with most weight behind them, and their exact weights. `ranks` is by
 * name id; names of rank 0 are not in the data. FLAME_NO_MEMORY; then nothing is left to
 * close.
 */
enum flame_status search_terms_open(struct search_terms *terms, const struct tree *tree,
				    const uint32_t *ranks);

/* A zeroed or closed one may be closed again. */
void search_terms_close(struct search_terms *terms);
#endif
