/* flame/tree/view.h - which part of the stacks a picture shows, and from which end */
#ifndef FLAME_TREE_VIEW_H
#define FLAME_TREE_VIEW_H
#include <stdbool.h>

#include "flame/tree/frame_list.h"
#include "flame/tree/tree.h"

struct view_options {
	bool reverse;            /* merge from the leaf: callers on top of their callees */
	bool in_time_order;      /* a flame chart */
	bool two_sides;          /* a difference */
	bool normalize;          /* and the old side is scaled to the new one's total */
	const char *focus;       /* the function whose callees and callers are shown, or NULL */
	const char *const *base; /* functions below which a stack is cut off */
	size_t base_count;
};

/* What takes the stacks of an input, changes them as asked and merges them. */
struct view {
	struct view_options options; /* its strings are borrowed */
	struct name_table table;
	struct tree tree;    /* of callees, with a focus */
	struct tree callers; /* only with a focus */
	struct frame_list frames;
	uint64_t left_out; /* stacks without the base or the focus */
};

/* The options are copied. FLAME_NO_MEMORY; then nothing is left to close. */
enum flame_status view_open(struct view *view, const struct view_options *options);

/* Frees the trees and their names, which nothing may borrow any more. */
void view_close(struct view *view);

/* Where inputs send their stacks; borrows the view. */
struct stack_sink view_sink(struct view *view);

/* Ends the input: sums the trees up. FLAME_EMPTY if nothing has any weight; the errors of
 * tree_add(). */
enum flame_status view_finish(struct view *view);
#endif
