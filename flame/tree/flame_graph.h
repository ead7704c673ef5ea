/* flame/tree/flame_graph.h - what is drawn of a tree: boxes wide enough to see, and what is merged
 */
#ifndef FLAME_TREE_FLAME_GRAPH_H
#define FLAME_TREE_FLAME_GRAPH_H
#include "flame/tree/tree.h"

#define FLAME_GRAPH_NO_NAME UINT32_MAX

/* One frame that is drawn. All weights are in the tree's unit. */
struct box {
	uint32_t name;      /* FLAME_GRAPH_NO_NAME: the root and the band of vanished paths */
	uint32_t parent;    /* index of a box; the root is its own */
	uint32_t level;     /* 0 is the root */
	uint32_t hidden_at; /* index into picture->hidden of the level above this box */
	uint32_t hidden_levels;
	uint32_t node;  /* of the tree */
	uint64_t start; /* from the left edge of the root */
	uint64_t width;
	uint64_t total;        /* of the new side: the width, except for what vanished */
	uint64_t old;          /* of the old side */
	uint64_t gone;         /* the part of old below paths that the new side lacks */
	uint64_t hidden_start; /* where the merged children begin; hidden[hidden_at] wide */
	uint64_t hidden_frames;
	uint64_t hidden_old;
	uint8_t part; /* enum flame_graph_part */
};

/* The picture is made of up to three trees of boxes, one after the other. */
enum flame_graph_part {
	PART_MAIN,
	PART_GONE,    /* paths that only the old side has */
	PART_CALLERS, /* who called the function in focus: on the other side of the root */
	PART_COUNT,
};

enum flame_graph_order {
	ORDER_NAME,
	ORDER_WIDTH, /* widest first */
	ORDER_INPUT, /* as they first came */
};

struct flame_graph_options {
	enum flame_graph_order order;
	/* A box is drawn if width / total >= least / whole; exact. least 0 draws every box. */
	uint64_t least;
	uint64_t whole;
	uint64_t total; /* the root is at least so wide, in the tree's unit; 0 for its own weight */
};

/* How wide the boxes and what is merged are together, by level; level 0 is the root. */
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
	uint64_t *hidden; /* for each box with merged children: their width, level by level */
	size_t hidden_count;
	size_t hidden_capacity;
	struct flame_graph_levels main;    /* with what vanished */
	struct flame_graph_levels callers; /* empty without a focus */
	uint64_t frames;                   /* drawn or merged */
	uint64_t merged_frames;
	uint64_t width; /* of the root */
	uint64_t total; /* what 100 % is */
	uint64_t old_total;
	uint64_t least; /* as in the options */
	uint64_t whole;
	bool two_sides;
};

/*
 * Lays a finished tree out. `callers` is NULL or a second tree whose boxes hang below the same
 * root. Both may be closed afterwards, but their names have to stay. FLAME_NO_MEMORY; then nothing
 * is left to close.
 */
enum flame_status flame_graph_open(struct flame_graph *graph, const struct tree *tree,
				   const struct tree *callers,
				   const struct flame_graph_options *options);

/* Whether a path of the main part with that weight is drawn, rather than merged. */
bool flame_graph_draws(const struct flame_graph *graph, uint64_t weight);

/* A zeroed or closed one may be closed again. */
void flame_graph_close(struct flame_graph *graph);
#endif
