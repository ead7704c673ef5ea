/* flame/tree/diff.h - makes two inputs of different totals comparable */
#ifndef FLAME_TREE_DIFF_H
#define FLAME_TREE_DIFF_H
#include "flame/tree/tree.h"

/*
 * Scales the old side to the total of the new side. The totals are then equal, to the unit: what
 * rounding takes from one node, a later node receives. Does nothing if either side is empty. Call
 * after tree_settle() and before tree_finish(). Returns FLAME_NO_MEMORY on allocation failure.
 */
enum flame_status diff_scale_old(struct tree *tree);

/*
 * Counts the old weights of all names again, from a finished tree. `reversed`: the paths start at
 * the leaf. Returns FLAME_NO_MEMORY on allocation failure.
 */
enum flame_status diff_recount_names(struct tree *tree, bool reversed);
#endif
