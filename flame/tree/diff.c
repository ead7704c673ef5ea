/* flame/tree/diff.c - makes two inputs of different totals comparable */
#include "flame/tree/diff.h"

#include <stdlib.h>

#include "base/wide.h"

void diff_scale_old(struct tree *tree)
{
	uint64_t old_total = tree->totals[SIDE_OLD];
	uint64_t new_total = tree->totals[SIDE_NEW];
	uint64_t passed = 0;
	uint64_t given = 0;

	if (old_total == 0 || new_total == 0)
		return;
	for (uint32_t i = 0; i < tree->count; i++) {
		uint64_t due;

		passed += tree->old_weights[i];
		due = wide_scale(passed, new_total, old_total);
		tree->old_weights[i] = due - given;
		given = due;
	}
	tree->totals[SIDE_OLD] = new_total;
}

/* The old weight of the stacks whose leaf is this node. */
static uint64_t own_weight(const struct tree *tree, uint32_t node, bool reversed)
{
	uint64_t weight = tree->old_weights[node];

	if (reversed)
		return tree->nodes[node].parent == 0 ? weight : 0;
	for (uint32_t at = tree->nodes[node].first_child; at; at = tree->nodes[at].next_sibling)
		weight -= tree->old_weights[at];
	return weight;
}

/* Walks the tree in preorder. `above` counts how often each name is on the path to the current
 * node. */
static void recount(struct tree *tree, bool reversed, uint32_t *above)
{
	const struct tree_node *nodes = tree->nodes;
	uint32_t at = nodes[0].first_child;

	while (at != 0) {
		struct name *name = &tree->table->items[nodes[at].name];

		name->self[SIDE_OLD] += own_weight(tree, at, reversed);
		if (above[nodes[at].name]++ == 0)
			name->total[SIDE_OLD] += tree->old_weights[at];
		if (nodes[at].first_child) {
			at = nodes[at].first_child;
			continue;
		}
		above[nodes[at].name]--;
		while (nodes[at].next_sibling == 0 && nodes[at].parent != 0) {
			at = nodes[at].parent;
			above[nodes[at].name]--;
		}
		at = nodes[at].next_sibling;
	}
}

enum flame_status diff_recount_names(struct tree *tree, bool reversed)
{
	uint32_t *above = calloc((size_t)tree->table->count + 1, sizeof(*above));

	if (!above)
		return FLAME_NO_MEMORY;
	for (uint32_t i = 0; i < tree->table->count; i++) {
		tree->table->items[i].self[SIDE_OLD] = 0;
		tree->table->items[i].total[SIDE_OLD] = 0;
	}
	recount(tree, reversed, above);
	free(above);
	return FLAME_OK;
}
