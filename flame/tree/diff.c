/* flame/tree/diff.c - makes two inputs of different totals comparable */
#include "flame/tree/diff.h"

#include <stdlib.h>

#include "base/wide.h"

static void scale_old(struct tree *tree, const uint32_t *order)
{
	uint64_t old_total = tree->totals[SIDE_OLD];
	uint64_t new_total = tree->totals[SIDE_NEW];
	uint64_t passed = 0;
	uint64_t given = 0;

	for (uint32_t i = 0; i < tree->run_count; i++) {
		uint64_t *weight = &tree->old_weights[order[i]];
		uint64_t due;

		passed += *weight;
		due = wide_scale(passed, new_total, old_total);
		*weight = due - given;
		given = due;
	}
	tree->totals[SIDE_OLD] = new_total;
}

enum flame_status diff_scale_old(struct tree *tree)
{
	uint32_t *order;

	if (tree->totals[SIDE_OLD] == 0 || tree->totals[SIDE_NEW] == 0)
		return FLAME_OK;
	order = tree_arrivals(tree);
	if (!order)
		return FLAME_NO_MEMORY;
	scale_old(tree, order);
	free(order);
	return FLAME_OK;
}

/* The old weight of the stacks that end with this run. */
static uint64_t own_weight(const struct tree *tree, uint32_t run)
{
	uint64_t weight = tree->old_weights[run];

	for (uint32_t at = run + 1; at < tree->runs[run].end; at = tree->runs[at].end)
		weight -= tree->old_weights[at];
	return weight;
}

/* Credits the names of a run that `above` does not have yet, and adds them to it. */
static void enter_run(struct tree *tree, uint32_t run, uint32_t *above)
{
	const uint32_t *names = tree->names + tree->runs[run].first;

	for (uint32_t i = 0; i < tree->runs[run].length; i++)
		if (above[names[i]]++ == 0)
			tree->table->items[names[i]].total[SIDE_OLD] += tree->old_weights[run];
}

static void leave_run(const struct tree *tree, uint32_t run, uint32_t *above)
{
	const uint32_t *names = tree->names + tree->runs[run].first;

	for (uint32_t i = 0; i < tree->runs[run].length; i++)
		above[names[i]]--;
}

/* Visits the runs in preorder. `above` counts how often each name is on the path to the current
 * run. */
static void recount(struct tree *tree, bool reversed, uint32_t *above)
{
	uint32_t open = 0;

	for (uint32_t run = 1; run < tree->run_count; run++) {
		const struct tree_run *at = &tree->runs[run];

		for (; open != at->parent; open = tree->runs[open].parent)
			leave_run(tree, open, above);
		enter_run(tree, run, above);
		open = run;
		if (!reversed)
			tree->table->items[tree->names[at->first + at->length - 1]]
				.self[SIDE_OLD] += own_weight(tree, run);
		else if (at->parent == 0)
			tree->table->items[at->name].self[SIDE_OLD] += tree->old_weights[run];
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
