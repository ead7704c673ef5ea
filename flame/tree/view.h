/* flame/tree/view.h - selects the frames of each stack that are shown, and their order */
#ifndef FLAME_TREE_VIEW_H
#define FLAME_TREE_VIEW_H
#include <stdbool.h>

#include "flame/tree/frame_list.h"
#include "flame/tree/tree.h"

struct view_options {
	bool reverse;            /* merge from the leaf: callers are farther from the root */
	bool in_time_order;      /* a flame chart */
	bool two_sides;          /* a difference */
	bool normalize;          /* scale the old side to the total of the new side */
	const char *focus;       /* function whose callees and callers are shown; NULL: none */
	const char *const *base; /* functions at which stacks start */
	size_t base_count;
};

/* Receives the stacks of an input, changes them by the options, and merges them. */
struct view {
	struct view_options options; /* strings are borrowed */
	struct name_table table;
	struct tree tree;    /* with a focus, the callees */
	struct tree callers; /* only with a focus */
	struct frame_list frames;
	uint64_t left_out; /* stacks without the base or the focus */
};

/* Copies the options, and borrows their strings. Returns FLAME_NO_MEMORY on allocation failure;
 * then nothing needs to be closed. */
enum flame_status view_open(struct view *view, const struct view_options *options);

/* Frees the trees and the name table. Nothing may borrow them any more. */
void view_close(struct view *view);

/* Returns the sink for the stacks of inputs. Borrows the view. */
struct stack_sink view_sink(struct view *view);

/* Ends the input, and finishes the trees. Returns FLAME_EMPTY if nothing has a weight; fails as
 * tree_add() does. */
enum flame_status view_finish(struct view *view);
#endif
