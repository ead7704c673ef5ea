/* flame/tree/diff.h - two inputs of different length made comparable */
#ifndef FLAME_TREE_DIFF_H
#define FLAME_TREE_DIFF_H
#include "flame/tree/tree.h"

/*
 * Scales the old side so that its total is that of the new side, exactly: what rounding takes from
 * one node it gives to a later one. Does nothing if either side is empty. Comes before
 * tree_finish().
 */
void diff_scale_old(struct tree *tree);

/*
 * Counts the names' old weights anew from a finished tree. `reversed` tells which end of a path the
 * weight was spent at. FLAME_NO_MEMORY.
 */
enum flame_status diff_recount_names(struct tree *tree, bool reversed);
#endif
