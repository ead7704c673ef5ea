/* flame/svg/search_sample.c - a sample of the merged stacks, for searches */
#include "flame/svg/search_sample.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/wide.h"

struct picker {
	struct search_sample *sample;
	const struct tree *tree;
	uint32_t box;
	uint32_t next;   /* the next pick */
	uint64_t passed; /* merged weight before the current run */
};

static uint64_t position_of(const struct search_sample *sample, uint32_t pick)
{
	return wide_scale(sample->weight, 2 * (uint64_t)pick + 1, 2 * (uint64_t)sample->picks);
}

static bool add_name(struct search_sample *sample, const struct search_sample_stack *stack,
		     uint32_t name)
{
	uint32_t *names;

	for (size_t i = stack->name_start; i < sample->name_count; i++)
		if (sample->names[i] == name)
			return true;
	names = array_grow(sample->names, &sample->name_capacity, sample->name_count + 1,
			   sizeof(*names), ARRAY_NO_LIMIT);
	if (!names)
		return false;
	sample->names = names;
	names[sample->name_count++] = name;
	return true;
}

/* Adds all names of the run. */
static bool add_names(struct picker *picker, const struct search_sample_stack *stack, uint32_t run)
{
	const struct tree_run *at = &picker->tree->runs[run];

	for (uint32_t i = 0; i < at->length; i++)
		if (!add_name(picker->sample, stack, picker->tree->names[at->first + i]))
			return false;
	return true;
}

/* Returns the child in whose weight *offset lies, and makes *offset relative to it. Returns 0 if
 * the offset lies in the self weight of the run. */
static uint32_t child_at(const struct tree *tree, uint32_t run, uint64_t *offset)
{
	for (uint32_t at = run + 1; at < tree->runs[run].end; at = tree->runs[at].end) {
		if (*offset < tree->runs[at].weight)
			return at;
		*offset -= tree->runs[at].weight;
	}
	return 0;
}

/* Adds the stack at the offset: follows it towards the leaf until it lies in a self weight. */
static bool take_stack(struct picker *picker, uint32_t run, uint64_t offset)
{
	struct search_sample *sample = picker->sample;
	struct search_sample_stack stack = {
		.box = picker->box,
		.name_start = (uint32_t)sample->name_count,
	};
	struct search_sample_stack *stacks;

	for (; run != 0; run = child_at(picker->tree, run, &offset))
		if (!add_names(picker, &stack, run))
			return false;
	stack.name_count = (uint32_t)(sample->name_count - stack.name_start);
	stacks = array_grow(sample->stacks, &sample->capacity, sample->count + 1, sizeof(*stacks),
			    ARRAY_NO_LIMIT);
	if (!stacks)
		return false;
	sample->stacks = stacks;
	stacks[sample->count++] = stack;
	return true;
}

static bool pick_below(struct picker *picker, uint32_t run)
{
	const struct search_sample *sample = picker->sample;
	uint64_t weight = picker->tree->runs[run].weight;

	while (picker->next < sample->picks) {
		uint64_t position = position_of(sample, picker->next);

		if (position - picker->passed >= weight)
			break;
		if (!take_stack(picker, run, position - picker->passed))
			return false;
		picker->next++;
	}
	picker->passed += weight;
	return true;
}

static bool pick_merged(struct picker *picker, const struct flame_graph *graph)
{
	const struct tree_run *runs = picker->tree->runs;
	uint32_t run = graph->boxes[picker->box].run;

	if (graph->boxes[picker->box].hidden_levels == 0)
		return true;
	for (uint32_t at = run + 1; at < runs[run].end; at = runs[at].end)
		if (!flame_graph_draws(graph, runs[at].weight) && !pick_below(picker, at))
			return false;
	return true;
}

static uint64_t merged_weight(const struct flame_graph *graph)
{
	uint64_t weight = 0;

	for (size_t i = 0; i < graph->part_start[PART_GONE]; i++)
		if (graph->boxes[i].hidden_levels > 0)
			weight += graph->hidden[graph->boxes[i].hidden_at];
	return weight;
}

enum flame_status search_sample_open(struct search_sample *sample, const struct tree *tree,
				     const struct flame_graph *graph)
{
	struct picker picker = {.sample = sample, .tree = tree};

	*sample = (struct search_sample){.weight = merged_weight(graph)};
	sample->picks = sample->weight < SEARCH_SAMPLE_PICKS_MAX ? (uint32_t)sample->weight
								 : SEARCH_SAMPLE_PICKS_MAX;
	for (; picker.box < graph->part_start[PART_GONE]; picker.box++)
		if (!pick_merged(&picker, graph)) {
			search_sample_close(sample);
			return FLAME_NO_MEMORY;
		}
	return FLAME_OK;
}

void search_sample_close(struct search_sample *sample)
{
	free(sample->stacks);
	free(sample->names);
	*sample = (struct search_sample){0};
}
