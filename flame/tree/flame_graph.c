/* flame/tree/flame_graph.c - the boxes of a tree that are drawn, and the frames that are merged */
#include "flame/tree/flame_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/wide.h"

#define BOXES_MAX ((size_t)UINT32_MAX - 1)

/* A node that becomes a box. */
struct pending {
	uint32_t run;
	uint32_t index;  /* of the node in the run */
	uint32_t parent; /* box */
	uint32_t level;
	uint64_t start;
};

struct builder {
	struct flame_graph *graph;
	const struct tree *tree;
	const struct flame_graph_options *options;
	enum flame_graph_part part;
	const uint64_t *gone; /* by run, from weigh_gone(); NULL without a second side */
	struct pending *stack;
	size_t depth;
	size_t stack_capacity;
	uint32_t *children; /* runs, of the current node */
	size_t child_count;
	size_t child_capacity;
};

static uint64_t width_of(const struct builder *builder, uint32_t run)
{
	if (builder->part == PART_GONE && builder->gone)
		return builder->gone[run];
	return builder->tree->runs[run].weight;
}

bool flame_graph_draws(const struct flame_graph *graph, uint64_t weight)
{
	/* With two sides, paths that the new side does not have are drawn in PART_GONE. */
	if (graph->two_sides && weight == 0)
		return false;
	return !wide_less(wide_multiply(weight, graph->whole),
			  wide_multiply(graph->least, graph->width));
}

static bool is_drawn(const struct builder *builder, uint32_t run)
{
	return flame_graph_draws(builder->graph, width_of(builder, run));
}

static int compare_names(const struct name_table *table, uint32_t left, uint32_t right)
{
	int order = strcmp(table->items[left].text, table->items[right].text);

	if (order != 0)
		return order;
	return (int)table->items[left].type - (int)table->items[right].type;
}

static int compare_children(const void *left_pointer, const void *right_pointer, void *context)
{
	const struct builder *builder = context;
	uint32_t left = *(const uint32_t *)left_pointer;
	uint32_t right = *(const uint32_t *)right_pointer;

	if (builder->options->order == ORDER_WIDTH) {
		uint64_t left_width = width_of(builder, left);
		uint64_t right_width = width_of(builder, right);

		if (left_width != right_width)
			return left_width < right_width ? 1 : -1;
	}
	return compare_names(builder->tree->table, builder->tree->runs[left].name,
			     builder->tree->runs[right].name);
}

static bool add_child(struct builder *builder, uint32_t run)
{
	uint32_t *children =
		array_grow(builder->children, &builder->child_capacity, builder->child_count + 1,
			   sizeof(*children), ARRAY_NO_LIMIT);

	if (!children)
		return false;
	builder->children = children;
	children[builder->child_count++] = run;
	return true;
}

/* Finds the children to draw, and sorts them. The tree lists the oldest child first. */
static bool gather_children(struct builder *builder, uint32_t run)
{
	const struct tree_run *runs = builder->tree->runs;

	builder->child_count = 0;
	for (uint32_t at = run + 1; at < runs[run].end; at = runs[at].end) {
		if (is_drawn(builder, at) && !add_child(builder, at))
			return false;
	}
	if (builder->child_count < 2)
		return true;
	if (builder->options->order != ORDER_INPUT && !builder->tree->in_time_order)
		qsort_r(builder->children, builder->child_count, sizeof(*builder->children),
			compare_children, builder);
	return true;
}

static bool add_level(struct flame_graph_levels *levels, size_t level, uint64_t width)
{
	uint64_t *widths = array_grow(levels->widths, &levels->capacity, level + 1, sizeof(*widths),
				      ARRAY_NO_LIMIT);

	if (!widths)
		return false;
	levels->widths = widths;
	while (levels->count <= level)
		levels->widths[levels->count++] = 0;
	levels->widths[level] += width;
	return true;
}

static bool add_levels(const struct builder *builder, const struct box *box)
{
	struct flame_graph *graph = builder->graph;
	struct flame_graph_levels *levels =
		builder->part == PART_CALLERS ? &graph->callers : &graph->main;

	if (!add_level(levels, box->level, box->width))
		return false;
	for (uint32_t i = 0; i < box->hidden_levels; i++)
		if (!add_level(levels, box->level + i + 1, graph->hidden[box->hidden_at + i]))
			return false;
	return true;
}

/* Adds a level to the merged frames of the current box. */
static bool add_hidden_level(struct flame_graph *graph)
{
	uint64_t *hidden = array_grow(graph->hidden, &graph->hidden_capacity,
				      graph->hidden_count + 1, sizeof(*hidden), ARRAY_NO_LIMIT);

	if (!hidden)
		return false;
	graph->hidden = hidden;
	hidden[graph->hidden_count++] = 0;
	return true;
}

/* Adds the width to `count` levels of the merged frames of the box. */
static bool add_hidden(struct flame_graph *graph, const struct box *box, uint32_t level,
		       uint32_t count, uint64_t width)
{
	size_t at = box->hidden_at + level;

	while (at + count > graph->hidden_count)
		if (!add_hidden_level(graph))
			return false;
	for (uint32_t i = 0; i < count; i++)
		graph->hidden[at + i] += width;
	return true;
}

/* Adds the widths of a subtree, level by level, to the merged frames of the box. */
static bool merge_subtree(struct builder *builder, struct box *box, uint32_t top)
{
	const struct tree_run *runs = builder->tree->runs;

	for (uint32_t at = top; at < runs[top].end; at++) {
		uint64_t width = width_of(builder, at);

		if (width == 0 && builder->gone)
			continue;
		if (!add_hidden(builder->graph, box, runs[at].level - runs[top].level,
				runs[at].length, width))
			return false;
		box->hidden_frames += runs[at].length;
	}
	return true;
}

/* Frames without weight are counted, but add no level. */
static void trim_levels(struct flame_graph *graph, const struct box *box)
{
	while (graph->hidden_count > box->hidden_at && graph->hidden[graph->hidden_count - 1] == 0)
		graph->hidden_count--;
}

/* Whether this is the last node of its run, which all children of the run are called by. */
static bool is_last(const struct builder *builder, const struct pending *pending)
{
	return pending->index + 1 == builder->tree->runs[pending->run].length;
}

static bool merge_hidden(struct builder *builder, struct box *box)
{
	const struct tree_run *runs = builder->tree->runs;

	for (uint32_t at = box->run + 1; at < runs[box->run].end; at = runs[at].end) {
		if (is_drawn(builder, at))
			continue;
		if (!merge_subtree(builder, box, at))
			return false;
		if (builder->gone && builder->part != PART_GONE)
			box->hidden_old += builder->tree->old_weights[at] - builder->gone[at];
	}
	trim_levels(builder->graph, box);
	box->hidden_levels = (uint32_t)(builder->graph->hidden_count - box->hidden_at);
	builder->graph->merged_frames += box->hidden_frames;
	return true;
}

static bool reserve_stack(struct builder *builder, size_t more)
{
	struct pending *stack = array_grow(builder->stack, &builder->stack_capacity,
					   builder->depth + more, sizeof(*stack), ARRAY_NO_LIMIT);

	if (stack)
		builder->stack = stack;
	return stack;
}

/* Pushes the only child, the next node of the run. */
static bool push_next(struct builder *builder, uint32_t box_index, const struct pending *pending)
{
	struct box *box = &builder->graph->boxes[box_index];

	if (!reserve_stack(builder, 1))
		return false;
	box->hidden_start = box->start + box->width;
	builder->stack[builder->depth++] = (struct pending){
		.run = pending->run,
		.index = pending->index + 1,
		.parent = box_index,
		.level = pending->level + 1,
		.start = box->start,
	};
	return true;
}

/* Pushes the children to draw, so that the first one is on top. */
static bool push_children(struct builder *builder, uint32_t box_index, uint32_t level)
{
	struct box *box = &builder->graph->boxes[box_index];
	uint64_t end = box->start;

	if (!reserve_stack(builder, builder->child_count))
		return false;
	for (size_t i = 0; i < builder->child_count; i++)
		end += width_of(builder, builder->children[i]);
	box->hidden_start = end;
	for (size_t i = builder->child_count; i-- > 0;) {
		end -= width_of(builder, builder->children[i]);
		builder->stack[builder->depth++] = (struct pending){
			.run = builder->children[i],
			.parent = box_index,
			.level = level + 1,
			.start = end,
		};
	}
	return true;
}

static struct box make_box(const struct builder *builder, const struct pending *pending)
{
	const struct tree *tree = builder->tree;
	uint32_t run = pending->run;
	struct box box = {
		.name = run ? tree->names[tree->runs[run].first + pending->index]
			    : FLAME_GRAPH_NO_NAME,
		.parent = pending->parent,
		.level = pending->level,
		.run = run,
		.start = pending->start,
		.width = width_of(builder, run),
		.part = (uint8_t)builder->part,
		.hidden_at = (uint32_t)builder->graph->hidden_count,
	};

	box.total = builder->part == PART_GONE ? 0 : box.width;
	if (builder->gone) {
		box.gone = builder->gone[run];
		box.old = builder->part == PART_GONE ? box.gone : tree->old_weights[run];
	}
	return box;
}

static bool add_box(struct builder *builder, const struct pending *pending)
{
	struct flame_graph *graph = builder->graph;
	uint32_t index = (uint32_t)graph->count;
	struct box box = make_box(builder, pending);
	bool last = is_last(builder, pending);
	struct box *boxes;

	if (last && (!gather_children(builder, pending->run) || !merge_hidden(builder, &box)))
		return false;
	boxes = array_grow(graph->boxes, &graph->capacity, graph->count + 1, sizeof(*boxes),
			   BOXES_MAX);
	if (!boxes)
		return false;
	graph->boxes = boxes;
	graph->boxes[graph->count++] = box;
	if (!add_levels(builder, &box))
		return false;
	return last ? push_children(builder, index, pending->level)
		    : push_next(builder, index, pending);
}

static bool build_part(struct builder *builder, const struct pending *root)
{
	bool done = reserve_stack(builder, 1);

	if (done)
		builder->stack[builder->depth++] = *root;
	while (done && builder->depth > 0) {
		struct pending pending = builder->stack[--builder->depth];

		done = add_box(builder, &pending);
	}
	builder->depth = 0;
	return done;
}

/* Returns, by run, the old weight of the paths through it that the new side does not have. */
static uint64_t *weigh_gone(const struct tree *tree)
{
	const struct tree_run *runs = tree->runs;
	uint64_t *gone = calloc(tree->run_count, sizeof(*gone));

	if (!gone)
		return NULL;
	for (uint32_t i = tree->run_count; i-- > 0;) {
		bool is_gone = runs[i].weight == 0;

		/* The whole subtree of a run that is gone is gone: its top alone counts for the
		 * parent. */
		if (is_gone)
			gone[i] = tree->old_weights[i];
		if (i > 0 && !(is_gone && runs[runs[i].parent].weight == 0))
			gone[runs[i].parent] += gone[i];
	}
	return gone;
}

static bool build_main(struct builder *builder)
{
	struct flame_graph *graph = builder->graph;
	bool done = build_part(builder, &(struct pending){0});

	if (done)
		graph->boxes[0].width = graph->width;
	graph->part_start[PART_GONE] = graph->count;
	return done;
}

/* The band on the right starts at level 1, and its children are those of the root. */
static bool build_gone(struct builder *builder)
{
	struct pending band = {.level = 1};

	if (!builder->gone || builder->gone[0] == 0)
		return true;
	band.start = builder->graph->width - builder->gone[0];
	builder->part = PART_GONE;
	return build_part(builder, &band);
}

/* Both trees have the same root, so this one gets the same width. */
static bool build_callers(struct builder *builder, const struct tree *callers)
{
	struct flame_graph *graph = builder->graph;
	size_t root = graph->count;

	if (!callers)
		return true;
	builder->tree = callers;
	builder->part = PART_CALLERS;
	builder->gone = NULL;
	if (!build_part(builder, &(struct pending){0}))
		return false;
	graph->boxes[root].width = graph->width;
	return true;
}

static bool build(struct builder *builder, const struct tree *callers)
{
	struct flame_graph *graph = builder->graph;
	bool done;

	graph->frames = builder->tree->count - 1 + (callers ? callers->count - 1 : 0);
	done = build_main(builder) && build_gone(builder);
	graph->part_start[PART_CALLERS] = graph->count;
	done = done && build_callers(builder, callers);
	graph->part_start[PART_COUNT] = graph->count;
	return done;
}

enum flame_status flame_graph_open(struct flame_graph *graph, const struct tree *tree,
				   const struct tree *callers,
				   const struct flame_graph_options *options)
{
	struct builder builder = {.graph = graph, .tree = tree, .options = options};
	uint64_t *gone = tree->old_weights ? weigh_gone(tree) : NULL;
	bool done = !tree->old_weights || gone;

	*graph = (struct flame_graph){
		.table = tree->table,
		.total = tree->totals[SIDE_NEW],
		.old_total = tree->totals[SIDE_OLD],
		.least = options->least,
		.whole = options->whole,
		.two_sides = gone != NULL,
	};
	if (options->total > graph->total)
		graph->total = options->total;
	graph->width = graph->total + (gone ? gone[0] : 0);
	builder.gone = gone;
	done = done && build(&builder, callers);
	free(gone);
	free(builder.stack);
	free(builder.children);
	if (!done)
		flame_graph_close(graph);
	return done ? FLAME_OK : FLAME_NO_MEMORY;
}

void flame_graph_close(struct flame_graph *graph)
{
	free(graph->boxes);
	free(graph->hidden);
	free(graph->main.widths);
	free(graph->callers.widths);
	*graph = (struct flame_graph){0};
}
