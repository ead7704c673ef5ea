/* flame/svg/search_sample.h - a fair choice of the stacks that a picture merges, for searching them
 */
#ifndef FLAME_SVG_SEARCH_SAMPLE_H
#define FLAME_SVG_SEARCH_SAMPLE_H
#include "flame/tree/flame_graph.h"

#define SEARCH_SAMPLE_PICKS_MAX 4096u

/* One merged stack below a box: its distinct names are names[name_start] and those after it. */
struct search_sample_stack {
	uint32_t box;
	uint32_t
		picks; /* it stands for so many of sample->picks equal parts of the merged weight */
	uint32_t name_start;
	uint32_t name_count;
};

struct search_sample {
	struct search_sample_stack *stacks; /* in the order of the boxes */
	size_t count;
	size_t capacity;
	uint32_t *names; /* ids; in the order of the path, from the box outwards */
	size_t name_count;
	size_t name_capacity;
	uint64_t weight; /* merged in the main part of the picture */
	uint32_t picks;  /* 0 if nothing is merged */
};

/*
 * Picks stacks at even distances along the merged weight, so that each is as likely as it is heavy
 * and the same input gives the same choice. FLAME_NO_MEMORY; then nothing is left to close.
 */
enum flame_status search_sample_open(struct search_sample *sample, const struct tree *tree,
				     const struct flame_graph *graph);

/* A zeroed or closed one may be closed again. */
void search_sample_close(struct search_sample *sample);
#endif
