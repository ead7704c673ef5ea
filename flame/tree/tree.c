/* flame/tree/tree.c - stacks merged into a tree, one node a path */
#include "flame/tree/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "flame/tree/large_array.h"

#define FIRST_NODES 4096u
#define FIRST_SLOTS 8192u
/* Nodes between the one that is visited and the one whose parent is prefetched. */
#define PREFETCH_AHEAD 16u

/*
 * Only nodes with siblings are hashed. Most nodes of a deep profile have one child, which is
 * compared directly, and a new path adds all its further nodes without a search.
 */
struct tree_slot {
	uint32_t hash;
	uint32_t node; /* 0: free */
};

/*
 * A frame that is being added. The hash is that of the path from the root to it. It is known before
 * the node is, so that all slots and nodes of a stack are prefetched before the first one is used.
 */
struct tree_step {
	uint64_t path_hash;
	uint32_t name;
};

enum flame_status tree_open(struct tree *tree, struct name_table *table, bool in_time_order,
			    bool two_sides)
{
	*tree = (struct tree){
		.table = table,
		.in_time_order = in_time_order,
		.slot_mask = FIRST_SLOTS - 1,
		.seed = table->seed | 1,
	};
	tree->capacity = FIRST_NODES;
	tree->nodes = large_array_new(FIRST_NODES * sizeof(*tree->nodes));
	tree->slots = large_array_new(FIRST_SLOTS * sizeof(*tree->slots));
	if (two_sides)
		tree->old_weights = large_array_new(FIRST_NODES * sizeof(*tree->old_weights));
	if (!tree->nodes || !tree->slots || (two_sides && !tree->old_weights)) {
		tree_close(tree);
		return FLAME_NO_MEMORY;
	}
	tree->nodes[0] = (struct tree_node){0};
	tree->count = 1;
	return FLAME_OK;
}

static void release_slots(struct tree *tree)
{
	large_array_free(tree->slots, ((size_t)tree->slot_mask + 1) * sizeof(*tree->slots));
	tree->slots = NULL;
}

void tree_close(struct tree *tree)
{
	large_array_free(tree->nodes, tree->capacity * sizeof(*tree->nodes));
	large_array_free(tree->old_weights, tree->capacity * sizeof(*tree->old_weights));
	release_slots(tree);
	free(tree->paths[0].steps);
	free(tree->paths[1].steps);
	*tree = (struct tree){0};
}

static uint64_t hash_path(const struct tree *tree, uint64_t parent_hash, uint32_t name)
{
	uint64_t mixed = (parent_hash ^ name) * (tree->seed ^ UINT64_C(0x9e3779b97f4a7c15));

	return mixed ^ mixed >> 29;
}

static uint32_t find_hashed(const struct tree *tree, uint32_t parent, const struct tree_step *step)
{
	uint32_t hash = (uint32_t)step->path_hash;
	uint32_t at = hash & tree->slot_mask;

	for (; tree->slots[at].node != 0; at = (at + 1) & tree->slot_mask) {
		const struct tree_node *node = &tree->nodes[tree->slots[at].node];

		if (tree->slots[at].hash == hash && node->parent == parent &&
		    node->name == step->name)
			return tree->slots[at].node;
	}
	return 0;
}

/* Returns the child with this name, or 0. */
static uint32_t find_child(const struct tree *tree, uint32_t parent, const struct tree_step *step)
{
	uint32_t newest = tree->nodes[parent].first_child;

	/* To compare the newest child first would mostly be a cache miss for nothing. */
	if (tree->nodes[parent].branches && !tree->in_time_order)
		return find_hashed(tree, parent, step);
	return newest != 0 && tree->nodes[newest].name == step->name ? newest : 0;
}

static void put_slot(struct tree_slot *slots, uint32_t mask, struct tree_slot slot)
{
	uint32_t at = slot.hash & mask;

	while (slots[at].node != 0)
		at = (at + 1) & mask;
	slots[at] = slot;
}

static enum flame_status grow_slots(struct tree *tree)
{
	uint32_t mask = tree->slot_mask * 2 + 1;
	size_t old_bytes = ((size_t)tree->slot_mask + 1) * sizeof(*tree->slots);
	struct tree_slot *larger = large_array_new(old_bytes * 2);

	if (!larger)
		return FLAME_NO_MEMORY;
	for (uint32_t i = 0; i <= tree->slot_mask; i++)
		if (tree->slots[i].node != 0)
			put_slot(larger, mask, tree->slots[i]);
	large_array_free(tree->slots, old_bytes);
	tree->slots = larger;
	tree->slot_mask = mask;
	return FLAME_OK;
}

static enum flame_status hash_node(struct tree *tree, uint32_t node, uint64_t path_hash)
{
	if (tree->slot_count >= tree->slot_mask / 8 * 5) {
		enum flame_status status = grow_slots(tree);

		if (status != FLAME_OK)
			return status;
	}
	put_slot(tree->slots, tree->slot_mask,
		 (struct tree_slot){.hash = (uint32_t)path_hash, .node = node});
	tree->slot_count++;
	return FLAME_OK;
}

static enum flame_status grow_nodes(struct tree *tree)
{
	size_t count = tree->capacity;
	struct tree_node *nodes;

	if (tree->capacity > TREE_NODES_MAX / 2)
		return FLAME_TOO_LARGE;
	nodes = large_array_grow(tree->nodes, count * sizeof(*nodes), 2 * count * sizeof(*nodes));
	if (!nodes)
		return FLAME_NO_MEMORY;
	tree->nodes = nodes;
	if (tree->old_weights) {
		uint64_t *old_weights =
			large_array_grow(tree->old_weights, count * sizeof(*old_weights),
					 2 * count * sizeof(*old_weights));

		if (!old_weights) {
			/* Both keep one capacity, so that tree_close() frees all of both. */
			tree->nodes = large_array_grow(nodes, 2 * count * sizeof(*nodes),
						       count * sizeof(*nodes));
			return FLAME_NO_MEMORY;
		}
		tree->old_weights = old_weights;
	}
	tree->capacity *= 2;
	return FLAME_OK;
}

/* Hashes the new child. The second child of a node also makes the first one be hashed. */
static enum flame_status index_child(struct tree *tree, uint32_t child, uint64_t parent_hash)
{
	uint32_t elder = tree->nodes[child].next_sibling;
	struct tree_node *parent = &tree->nodes[tree->nodes[child].parent];
	enum flame_status status;

	if (elder == 0 || tree->in_time_order)
		return FLAME_OK;
	if (!parent->branches) {
		parent->branches = 1;
		status = hash_node(tree, elder,
				   hash_path(tree, parent_hash, tree->nodes[elder].name));
		if (status != FLAME_OK)
			return status;
	}
	return hash_node(tree, child, hash_path(tree, parent_hash, tree->nodes[child].name));
}

static enum flame_status add_child(struct tree *tree, uint32_t parent, uint32_t name,
				   uint32_t *ret_child)
{
	uint32_t child = tree->count;

	if (child == tree->capacity) {
		enum flame_status status = grow_nodes(tree);

		if (status != FLAME_OK)
			return status;
	}
	tree->nodes[child] = (struct tree_node){
		.name = name,
		.parent = parent,
		.next_sibling = tree->nodes[parent].first_child,
	};
	tree->nodes[parent].first_child = child & 0x7fffffff;
	tree->count++;
	*ret_child = child;
	return FLAME_OK;
}

static bool scale_by_ten(uint64_t *value, unsigned times)
{
	for (; times > 0; times--)
		if (__builtin_mul_overflow(*value, 10, value))
			return false;
	return true;
}

/* No weight exceeds the total, so it is enough to check the totals. */
static enum flame_status rescale(struct tree *tree, unsigned decimals)
{
	unsigned times = decimals - tree->decimals;
	uint64_t totals[2] = {tree->totals[0], tree->totals[1]};
	enum flame_status status = tree_settle(tree);

	if (status != FLAME_OK)
		return status;
	if (!scale_by_ten(&totals[0], times) || !scale_by_ten(&totals[1], times))
		return FLAME_OVERFLOW;
	name_table_rescale(tree->table, decimals);
	for (uint32_t i = 0; i < tree->count; i++) {
		scale_by_ten(&tree->nodes[i].weight, times);
		if (tree->old_weights)
			scale_by_ten(&tree->old_weights[i], times);
	}
	memcpy(tree->totals, totals, sizeof(totals));
	tree->decimals = decimals;
	return FLAME_OK;
}

/* Scales the weight to the decimals of the tree, or the tree to those of the stack. */
static enum flame_status align_weight(struct tree *tree, const struct stack *stack,
				      uint64_t *ret_weight)
{
	uint64_t weight = stack->weight;

	if (stack->decimals > tree->decimals) {
		enum flame_status status = rescale(tree, stack->decimals);

		if (status != FLAME_OK)
			return status;
	}
	if (!scale_by_ten(&weight, tree->decimals - stack->decimals))
		return FLAME_OVERFLOW;
	*ret_weight = weight;
	return FLAME_OK;
}

/* Adds the weight to the total of the name, once a stack. */
static void credit(struct name_table *table, uint32_t id, enum stack_side side, uint64_t weight)
{
	struct name *name = &table->items[id];

	if (name->stamp == table->stamp)
		return;
	name->stamp = table->stamp;
	name->total[side] += weight;
}

/* Credits the names of a path. */
static void credit_path(struct tree *tree, const struct tree_path *path, size_t leaf)
{
	for (size_t i = 0; i < path->count; i++) {
		credit(tree->table, path->steps[i].name, path->side, path->weight);
		if (i == leaf)
			tree->table->items[path->steps[i].name].self[path->side] += path->weight;
	}
}

/* Interns the names of the frames, credits them, and prefetches the slots for walk(). Each loop
 * prefetches for the next one. */
static enum flame_status prepare(struct tree *tree, struct tree_path *path,
				 const struct stack *stack, size_t leaf)
{
	struct tree_step *steps = array_grow(path->steps, &path->capacity, stack->count,
					     sizeof(*steps), ARRAY_NO_LIMIT);
	uint64_t path_hash = tree->seed;

	if (!steps)
		return FLAME_NO_MEMORY;
	path->steps = steps;
	/* Until its name is interned, a step has the hash of the name in its place. */
	for (size_t i = 0; i < stack->count; i++)
		steps[i].name = name_table_hash(tree->table, &stack->frames[i]);
	for (size_t i = 0; i < stack->count; i++)
		name_table_prefetch(tree->table, steps[i].name);
	for (size_t i = 0; i < stack->count; i++) {
		uint32_t name = 0;
		enum flame_status status =
			name_table_intern(tree->table, &stack->frames[i], steps[i].name, &name);

		if (status != FLAME_OK)
			return status;
		path_hash = hash_path(tree, path_hash, name);
		steps[i] = (struct tree_step){.path_hash = path_hash, .name = name};
		__builtin_prefetch(&tree->slots[(uint32_t)path_hash & tree->slot_mask]);
		__builtin_prefetch(&tree->table->items[name].stamp, 1);
	}
	path->count = stack->count;
	path->side = stack->side;
	credit_path(tree, path, leaf);
	return FLAME_OK;
}

/* Prefetches the nodes for walk(). */
static void fetch_nodes(const struct tree *tree, const struct tree_path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		uint32_t at = (uint32_t)path->steps[i].path_hash & tree->slot_mask;

		__builtin_prefetch(&tree->nodes[tree->slots[at].node]);
	}
}

/* Finds or adds the nodes of the path, and returns the last one in *ret_node. */
static enum flame_status walk(struct tree *tree, const struct tree_path *path, uint32_t *ret_node)
{
	uint64_t parent_hash = tree->seed;
	uint32_t at = 0;

	for (size_t i = 0; i < path->count; i++) {
		const struct tree_step *step = &path->steps[i];
		uint32_t child = find_child(tree, at, step);
		enum flame_status status = FLAME_OK;

		if (child == 0) {
			status = add_child(tree, at, step->name, &child);
			if (status == FLAME_OK)
				status = index_child(tree, child, parent_hash);
		}
		if (status != FLAME_OK)
			return status;
		parent_hash = step->path_hash;
		at = child;
	}
	*ret_node = at;
	return FLAME_OK;
}

enum flame_status tree_settle(struct tree *tree)
{
	struct tree_path *path = &tree->paths[tree->waiting];
	uint32_t node = 0;
	enum flame_status status = walk(tree, path, &node);

	if (status != FLAME_OK)
		return status;
	if (path->side == SIDE_OLD)
		tree->old_weights[node] += path->weight;
	else
		tree->nodes[node].weight += path->weight;
	path->count = 0;
	path->weight = 0;
	return FLAME_OK;
}

enum flame_status tree_add(struct tree *tree, const struct stack *stack, size_t leaf)
{
	struct tree_path *path = &tree->paths[1 - tree->waiting];
	enum flame_status status = align_weight(tree, stack, &path->weight);
	uint64_t total;

	if (status != FLAME_OK)
		return status;
	if (__builtin_add_overflow(tree->totals[stack->side], path->weight, &total))
		return FLAME_OVERFLOW;
	status = prepare(tree, path, stack, leaf);
	if (status == FLAME_OK)
		status = tree_settle(tree);
	if (status != FLAME_OK)
		return status;
	tree->waiting = 1 - tree->waiting;
	tree->totals[stack->side] = total;
	fetch_nodes(tree, path);
	return FLAME_OK;
}

enum flame_status tree_credit(struct tree *tree, const struct stack *stack,
			      const struct frame *frame, bool is_leaf)
{
	uint64_t weight = 0;
	uint32_t name = 0;
	enum flame_status status = align_weight(tree, stack, &weight);

	if (status == FLAME_OK)
		status = name_table_intern(tree->table, frame, name_table_hash(tree->table, frame),
					   &name);
	if (status != FLAME_OK)
		return status;
	credit(tree->table, name, stack->side, weight);
	if (is_leaf)
		tree->table->items[name].self[stack->side] += weight;
	return FLAME_OK;
}

/* The number of descendants, which is in the place of the link to the sibling: see add_up(). */
static uint32_t count_descendants(const struct tree_node *node)
{
	return node->first_child ? node->next_sibling : 0;
}

/* Makes weights inclusive, and counts descendants. The newest child comes first here. */
static void add_up(struct tree *tree)
{
	struct tree_node *nodes = tree->nodes;

	for (uint32_t i = tree->count - 1; i > 0; i--) {
		struct tree_node *parent = &nodes[nodes[i].parent];
		uint32_t size = count_descendants(&nodes[i]) + 1;

		if (i > PREFETCH_AHEAD)
			__builtin_prefetch(&nodes[nodes[i - PREFETCH_AHEAD].parent], 1);
		parent->weight += nodes[i].weight;
		parent->next_sibling =
			parent->first_child == i ? size : parent->next_sibling + size;
		if (tree->old_weights)
			tree->old_weights[nodes[i].parent] += tree->old_weights[i];
	}
}

/* Copies the nodes to their places in preorder. A node that was copied has its place in `parent`,
 * and that of its next child in `next_sibling`. */
static void place_nodes(struct tree *tree, struct tree_node *ordered, uint64_t *old_weights)
{
	struct tree_node *nodes = tree->nodes;

	for (uint32_t i = 0; i < tree->count; i++) {
		struct tree_node node = nodes[i];
		struct tree_node *parent = &nodes[node.parent];
		uint32_t size = count_descendants(&node);
		uint32_t at = i ? parent->next_sibling : 0;

		if (i + PREFETCH_AHEAD < tree->count)
			__builtin_prefetch(&nodes[nodes[i + PREFETCH_AHEAD].parent], 1);
		node.parent = i ? parent->parent : 0;
		/* The list of children starts with the newest, which becomes the last one. */
		node.next_sibling = i && parent->first_child != i ? at + size + 1 : 0;
		node.first_child = (size ? at + 1 : 0) & 0x7fffffff;
		ordered[at] = node;
		if (old_weights)
			old_weights[at] = tree->old_weights[i];
		parent->next_sibling = at + size + 1;
		nodes[i].next_sibling = at + 1;
		nodes[i].parent = at;
	}
}

static void replace_nodes(struct tree *tree, struct tree_node *ordered, uint64_t *old_weights)
{
	large_array_free(tree->nodes, tree->capacity * sizeof(*tree->nodes));
	large_array_free(tree->old_weights, tree->capacity * sizeof(*tree->old_weights));
	tree->nodes = ordered;
	tree->old_weights = old_weights;
	tree->capacity = tree->count;
}

/* Orders the nodes as all later walks visit them: in the order of the input, most of these walks
 * would be cache misses. */
static bool order_nodes(struct tree *tree)
{
	size_t count = tree->count;
	struct tree_node *ordered = large_array_new(count * sizeof(*ordered));
	uint64_t *old_weights =
		tree->old_weights ? large_array_new(count * sizeof(*old_weights)) : NULL;

	if (!ordered || (tree->old_weights && !old_weights)) {
		large_array_free(ordered, count * sizeof(*ordered));
		large_array_free(old_weights, count * sizeof(*old_weights));
		return false;
	}
	place_nodes(tree, ordered, old_weights);
	replace_nodes(tree, ordered, old_weights);
	return true;
}

enum flame_status tree_finish(struct tree *tree)
{
	enum flame_status status = tree_settle(tree);

	if (status != FLAME_OK)
		return status;
	release_slots(tree);
	add_up(tree);
	return order_nodes(tree) ? FLAME_OK : FLAME_NO_MEMORY;
}
