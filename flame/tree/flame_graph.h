/* flame/tree/flame_graph.h - the boxes of a tree that are drawn, and the frames that are merged */
#ifndef FLAME_TREE_FLAME_GRAPH_H
#define FLAME_TREE_FLAME_GRAPH_H
#include "flame/tree/tree.h"

#define FLAME_GRAPH_NO_NAME UINT32_MAX

/* A frame that is drawn. All weights are in the unit of the tree. */
struct box {
	uint32_t name;      /* id; FLAME_GRAPH_NO_NAME: the root, and the top of PART_GONE */
	uint32_t parent;    /* index of a box; the parent of the root is the root */
	uint32_t level;     /* 0 is the root */
	uint32_t hidden_at; /* index into graph->hidden: the level above this box */
	uint32_t hidden_levels;
	uint32_t run;   /* of the tree */
	uint64_t start; /* from the left edge of the root */
	uint64_t width;
	uint64_t total;        /* weight on the new side: the width, but 0 in PART_GONE */
	uint64_t old;          /* weight on the old side */
	uint64_t gone;         /* part of old in paths that the new side does not have */
	uint64_t hidden_start; /* left edge of the merged children, hidden[hidden_at] wide */
	uint64_t hidden_frames;
	uint64_t hidden_old;
	uint8_t part; /* enum flame_graph_part */
};

/* A flame graph has up to three trees of boxes, in this order. */
enum flame_graph_part {
	PART_MAIN,
	PART_GONE,    /* paths that only the old side has, as a band on the right */
	PART_CALLERS, /* callers of the function in focus, on the other side of the root */
	PART_COUNT,
};

enum flame_graph_order {
	ORDER_NAME,
	ORDER_WIDTH, /* widest first */
	ORDER_INPUT, /* as they first appeared in the input */
};

struct flame_graph_options {
	enum flame_graph_order order;
	/* A box is drawn if its width / total >= least / whole, compared exactly; least 0: all. */
	uint64_t least;
	uint64_t whole;
	uint64_t total; /* smallest width of the root; 0: its weight */
};

/* The width of all boxes and merged frames together, by level; level 0 is the root. */
struct flame_graph_levels {
	uint64_t *widths;
	size_t count;
	size_t capacity;
};

struct flame_graph {
	const struct name_table *table; /* borrowed */
	struct box *boxes;              /* preorder, part after part */
	size_t count;
	size_t capacity;
	size_t part_start[PART_COUNT + 1];
	uint64_t *hidden; /* widths of merged frames, level by level, box after box */
	size_t hidden_count;
	size_t hidden_capacity;
	struct flame_graph_levels main;    /* with PART_GONE */
	struct flame_graph_levels callers; /* empty without a focus */
	uint64_t frames;                   /* drawn and merged */
	uint64_t merged_frames;
	uint64_t width; /* of the root */
	uint64_t total; /* value of 100 % */
	uint64_t old_total;
	uint64_t least; /* as in the options */
	uint64_t whole;
	bool two_sides;
};

/*
 * Lays out a finished tree. `callers` is NULL or a second finished tree, drawn on the other side of
 * the same root. Borrows only the name table: both trees can be closed afterwards. Returns
 * FLAME_NO_MEMORY on allocation failure; then nothing needs to be closed.
 */
enum flame_status flame_graph_open(struct flame_graph *graph, const struct tree *tree,
				   const struct tree *callers,
				   const struct flame_graph_options *options);

/* Whether a path of PART_MAIN with this weight is drawn; otherwise it is merged. */
bool flame_graph_draws(const struct flame_graph *graph, uint64_t weight);

/* Frees the boxes. Can be called again, and for a zeroed graph. */
void flame_graph_close(struct flame_graph *graph);
#endif
