/* flame/svg/search_sample.h - a sample of the merged stacks, for searches */
#ifndef FLAME_SVG_SEARCH_SAMPLE_H
#define FLAME_SVG_SEARCH_SAMPLE_H
#include "flame/tree/flame_graph.h"

#define SEARCH_SAMPLE_PICKS_MAX 4096u

/* A merged stack: its distinct names are names[name_start] and the following ones. */
struct search_sample_stack {
	uint32_t box; /* that merges it */
	uint32_t name_start;
	uint32_t name_count;
};

struct search_sample {
	struct search_sample_stack *stacks; /* in the order of the boxes */
	size_t count;
	size_t capacity;
	uint32_t *names; /* ids, in the order of the path from the box to the leaf */
	size_t name_count;
	size_t name_capacity;
	uint64_t weight; /* merged in PART_MAIN */
	uint32_t picks;  /* at most SEARCH_SAMPLE_PICKS_MAX; 0: nothing is merged */
};

/*
 * Picks stacks at equal distances of merged weight (systematic sampling), so that the number of
 * picks of a stack is proportional to its weight, and the same input gives the same sample.
 *
 * Pick p of n lies at weight * (2p + 1) / 2n, in the middle of its part. Example: merged stacks
 * with the weights 5, 1 and 6 occupy 0-4, 5 and 6-11 of a merged weight of 12. With n = 4 the picks
 * are at 12 * 1/8 = 1, 12 * 3/8 = 4, 12 * 5/8 = 7 and 12 * 7/8 = 10, rounded down: two picks each
 * for the first and the third stack, none for the second. A search that matches only the third
 * stack is estimated as 2/4 of 12 = 6.
 *
 * Returns FLAME_NO_MEMORY on allocation failure; then nothing needs to be closed.
 */
enum flame_status search_sample_open(struct search_sample *sample, const struct tree *tree,
				     const struct flame_graph *graph);

/* Frees the sample. Can be called again, and for a zeroed sample. */
void search_sample_close(struct search_sample *sample);
#endif
