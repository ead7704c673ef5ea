/* flame/svg/search_terms.h - what the likely searches find in all stacks, drawn or merged */
#ifndef FLAME_WORDS_H
#define FLAME_WORDS_H
#include "flame/tree/tree.h"

#define WORDS_MAX 512u

/*
 * A set of names that a part of a word picks out, and the weight of the stacks with any of them.
 * The set is told by the sums of two hashes of each member's rank (words_hash), as script.js does.
 */
struct word {
	uint32_t key[2];
	uint32_t names;
	uint64_t weight;
};

struct words {
	struct word *items;
	uint32_t count;
};

/* Of a name's rank in the picture's data, for lane 0 or 1. */
uint32_t words_hash(uint32_t rank, unsigned lane);

/*
 * Finds the parts of words with most weight behind them, and their exact weights. `ranks` is by
 * name id; names of rank 0 are not in the data. FLAME_NO_MEMORY; then nothing is left to
 * close.
 */
enum flame_status words_open(struct words *words, const struct tree *tree, const uint32_t *ranks);

/* A zeroed or closed one may be closed again. */
void words_close(struct words *words);
#endif
