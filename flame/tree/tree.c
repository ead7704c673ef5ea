/* flame/tree/tree.c - stacks merged into a tree, one node a path */
#include "flame/tree/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "flame/tree/large_array.h"

#define FIRST_NODES 4096u
#define FIRST_RUNS  4096u
#define FIRST_SLOTS 8192u
/* Runs between the one that is visited and the one whose parent is prefetched. */
#define PREFETCH_AHEAD 16u

/*
 * Only runs with siblings are hashed. The only child of a run is compared directly, and a new path
 * adds all its further nodes, as one run, without a search.
 */
struct tree_slot {
	uint32_t hash;
	uint32_t run; /* 0: free */
};

/*
 * A frame that is being added. The hash is that of the path from the root to it. It is known before
 * the run is, so that all slots and runs of a stack are prefetched before the first one is used.
 */
struct tree_step {
	uint64_t path_hash;
	uint32_t run; /* that may start here, from fetch_runs(); 0: unknown */
};

enum flame_status tree_open(struct tree *tree, struct name_table *table, bool in_time_order,
			    bool two_sides)
{
	*tree = (struct tree){
		.table = table,
		.in_time_order = in_time_order,
		.slot_mask = FIRST_SLOTS - 1,
		.seed = table->spellings.seed | 1,
	};
	tree->capacity = FIRST_NODES;
	tree->run_capacity = FIRST_RUNS;
	tree->names = large_array_new(FIRST_NODES * sizeof(*tree->names));
	tree->runs = large_array_new(FIRST_RUNS * sizeof(*tree->runs));
	tree->slots = large_array_new_table(FIRST_SLOTS * sizeof(*tree->slots));
	if (two_sides)
		tree->old_weights = large_array_new(FIRST_RUNS * sizeof(*tree->old_weights));
	if (!tree->names || !tree->runs || !tree->slots || (two_sides && !tree->old_weights)) {
		tree_close(tree);
		return FLAME_NO_MEMORY;
	}
	tree->runs[0] = (struct tree_run){.length = 1};
	tree->count = 1;
	tree->run_count = 1;
	return FLAME_OK;
}

static void release_slots(struct tree *tree)
{
	large_array_free(tree->slots, ((size_t)tree->slot_mask + 1) * sizeof(*tree->slots));
	tree->slots = NULL;
}

static void release_runs(struct tree *tree)
{
	large_array_free(tree->runs, tree->run_capacity * sizeof(*tree->runs));
	large_array_free(tree->old_weights, tree->run_capacity * sizeof(*tree->old_weights));
}

void tree_close(struct tree *tree)
{
	release_runs(tree);
	large_array_free(tree->names, tree->capacity * sizeof(*tree->names));
	release_slots(tree);
	for (int i = 0; i < 2; i++) {
		free(tree->paths[i].names);
		free(tree->paths[i].steps);
	}
	*tree = (struct tree){0};
}

static uint64_t hash_path(const struct tree *tree, uint64_t parent_hash, uint32_t name)
{
	uint64_t mixed = (parent_hash ^ name) * (tree->seed ^ UINT64_C(0x9e3779b97f4a7c15));

	return mixed ^ mixed >> 29;
}

static bool is_child(const struct tree *tree, uint32_t run, uint32_t parent, uint32_t name)
{
	return tree->runs[run].parent == parent && tree->runs[run].name == name;
}

/* Returns the slot of the child with this name, or the free slot where the search ends. */
static struct tree_slot *find_slot(const struct tree *tree, uint32_t parent, uint64_t path_hash,
				   uint32_t name)
{
	uint32_t hash = (uint32_t)path_hash;
	uint32_t at = hash & tree->slot_mask;

	while (tree->slots[at].run != 0 &&
	       (tree->slots[at].hash != hash || !is_child(tree, tree->slots[at].run, parent, name)))
		at = (at + 1) & tree->slot_mask;
	return &tree->slots[at];
}

/* Returns the child that starts with this name, or 0. */
static uint32_t find_child(const struct tree *tree, uint32_t parent, const struct tree_step *step,
			   uint32_t name)
{
	uint32_t newest = tree->runs[parent].newest;

	/* To compare the newest child first would mostly be a cache miss for nothing. */
	if (!tree->runs[parent].branches || tree->in_time_order)
		return newest != 0 && tree->runs[newest].name == name ? newest : 0;
	if (step->run != 0 && is_child(tree, step->run, parent, name))
		return step->run;
	return find_slot(tree, parent, step->path_hash, name)->run;
}

static void put_slot(struct tree_slot *slots, uint32_t mask, struct tree_slot slot)
{
	uint32_t at = slot.hash & mask;

	while (slots[at].run != 0)
		at = (at + 1) & mask;
	slots[at] = slot;
}

static enum flame_status grow_slots(struct tree *tree)
{
	uint32_t mask = tree->slot_mask * 2 + 1;
	size_t old_bytes = ((size_t)tree->slot_mask + 1) * sizeof(*tree->slots);
	struct tree_slot *larger = large_array_new_table(old_bytes * 2);

	if (!larger)
		return FLAME_NO_MEMORY;
	for (uint32_t i = 0; i <= tree->slot_mask; i++)
		if (tree->slots[i].run != 0)
			put_slot(larger, mask, tree->slots[i]);
	large_array_free(tree->slots, old_bytes);
	tree->slots = larger;
	tree->slot_mask = mask;
	return FLAME_OK;
}

static enum flame_status hash_run(struct tree *tree, uint32_t run, uint64_t path_hash)
{
	if (tree->slot_count >= tree->slot_mask / 8 * 5) {
		enum flame_status status = grow_slots(tree);

		if (status != FLAME_OK)
			return status;
	}
	put_slot(tree->slots, tree->slot_mask,
		 (struct tree_slot){.hash = (uint32_t)path_hash, .run = run});
	tree->slot_count++;
	return FLAME_OK;
}

/* Makes room for more names. */
static enum flame_status reserve_names(struct tree *tree, size_t more)
{
	size_t wanted = tree->capacity;
	uint32_t *names;

	if (more > TREE_NODES_MAX - tree->count)
		return FLAME_TOO_LARGE;
	while (wanted - tree->count < more)
		wanted *= 2;
	if (wanted == tree->capacity)
		return FLAME_OK;
	names = large_array_grow(tree->names, tree->capacity * sizeof(*names),
				 wanted * sizeof(*names));
	if (!names)
		return FLAME_NO_MEMORY;
	tree->names = names;
	tree->capacity = (uint32_t)wanted;
	return FLAME_OK;
}

/* Makes room for one more run. */
static enum flame_status reserve_run(struct tree *tree)
{
	size_t count = tree->run_capacity;
	struct tree_run *runs;

	if (tree->run_count < tree->run_capacity)
		return FLAME_OK;
	if (count > TREE_NODES_MAX / 2)
		return FLAME_TOO_LARGE;
	runs = large_array_grow(tree->runs, count * sizeof(*runs), 2 * count * sizeof(*runs));
	if (!runs)
		return FLAME_NO_MEMORY;
	tree->runs = runs;
	if (tree->old_weights) {
		uint64_t *old_weights =
			large_array_grow(tree->old_weights, count * sizeof(*old_weights),
					 2 * count * sizeof(*old_weights));

		if (!old_weights) {
			/* Both keep one capacity, so that tree_close() frees all of both. */
			tree->runs = large_array_grow(runs, 2 * count * sizeof(*runs),
						      count * sizeof(*runs));
			return FLAME_NO_MEMORY;
		}
		tree->old_weights = old_weights;
	}
	tree->run_capacity *= 2;
	return FLAME_OK;
}

/* Hashes the new child. The second child of a run also makes the first one be hashed. */
static enum flame_status index_child(struct tree *tree, uint32_t child, uint32_t elder,
				     uint64_t parent_hash)
{
	struct tree_run *parent = &tree->runs[tree->runs[child].parent];
	enum flame_status status;

	if (elder == 0 || tree->in_time_order)
		return FLAME_OK;
	if (!parent->branches) {
		parent->branches = 1;
		status =
			hash_run(tree, elder, hash_path(tree, parent_hash, tree->runs[elder].name));
		if (status != FLAME_OK)
			return status;
	}
	return hash_run(tree, child, hash_path(tree, parent_hash, tree->runs[child].name));
}

/* Adds the names as a child of the run. `parent_hash` is that of the path to the parent. */
static enum flame_status add_run(struct tree *tree, uint32_t parent, uint64_t parent_hash,
				 const uint32_t *names, size_t count)
{
	uint32_t child = tree->run_count;
	uint32_t elder = tree->runs[parent].newest;
	enum flame_status status = reserve_run(tree);

	if (status == FLAME_OK)
		status = reserve_names(tree, count);
	if (status != FLAME_OK)
		return status;
	tree->runs[child] = (struct tree_run){
		.first = tree->count,
		.length = (uint32_t)count,
		.parent = parent,
		.name = names[0],
	};
	memcpy(tree->names + tree->count, names, count * sizeof(*names));
	tree->count += (uint32_t)count;
	tree->run_count++;
	tree->runs[parent].newest = child & 0x7fffffff;
	return index_child(tree, child, elder, parent_hash);
}

/* Splits the run in front of a name. The children keep the run, which becomes the second half; the
 * first half is new, and takes its place at the parent. Returns the first half in *ret_head. */
static enum flame_status split_run(struct tree *tree, uint32_t run, uint32_t length,
				   uint64_t path_hash, uint32_t *ret_head)
{
	uint32_t head = tree->run_count;
	enum flame_status status = reserve_run(tree);
	struct tree_run *tail = &tree->runs[run];
	struct tree_run *parent = &tree->runs[tail->parent];

	if (status != FLAME_OK)
		return status;
	if (parent->branches)
		find_slot(tree, tail->parent, path_hash, tail->name)->run = head;
	if (parent->newest == run)
		parent->newest = head & 0x7fffffff;
	tree->runs[head] = (struct tree_run){
		.first = tail->first,
		.length = length,
		.parent = tail->parent,
		.name = tail->name,
		.newest = run & 0x7fffffff,
	};
	tail->first += length;
	tail->length -= length;
	tail->parent = head;
	tail->name = tree->names[tail->first];
	tree->run_count++;
	*ret_head = head;
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
	for (uint32_t i = 0; i < tree->run_count; i++) {
		scale_by_ten(&tree->runs[i].weight, times);
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
		credit(tree->table, path->names[i], path->side, path->weight);
		if (i == leaf)
			tree->table->items[path->names[i]].self[path->side] += path->weight;
	}
}

/* Makes room for the names of a stack. */
static bool reserve_path(struct tree_path *path, size_t count)
{
	uint32_t *names = array_grow(path->names, &path->name_capacity, count, sizeof(*names),
				     ARRAY_NO_LIMIT);
	struct tree_step *steps;

	if (!names)
		return false;
	path->names = names;
	steps = array_grow(path->steps, &path->step_capacity, count, sizeof(*steps),
			   ARRAY_NO_LIMIT);
	if (steps)
		path->steps = steps;
	return steps;
}

/* Interns the names of the frames, credits them, and prefetches the slots for walk(). */
static enum flame_status prepare(struct tree *tree, struct tree_path *path,
				 const struct stack *stack, size_t leaf)
{
	uint64_t path_hash = tree->seed;
	enum flame_status status;

	if (!reserve_path(path, stack->count))
		return FLAME_NO_MEMORY;
	status = name_table_intern_all(tree->table, stack->frames, stack->count, path->names);
	if (status != FLAME_OK)
		return status;
	for (size_t i = 0; i < stack->count; i++) {
		path_hash = hash_path(tree, path_hash, path->names[i]);
		path->steps[i] = (struct tree_step){.path_hash = path_hash};
		__builtin_prefetch(&tree->slots[(uint32_t)path_hash & tree->slot_mask]);
	}
	path->count = stack->count;
	path->side = stack->side;
	credit_path(tree, path, leaf);
	return FLAME_OK;
}

/* Finds the runs that the slots name, and prefetches them for fetch_names() and walk(). Without a
 * branch, which would often be mispredicted: run 0 stands for no run. */
static void fetch_runs(const struct tree *tree, const struct tree_path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		struct tree_step *step = &path->steps[i];
		uint32_t hash = (uint32_t)step->path_hash;
		struct tree_slot slot = tree->slots[hash & tree->slot_mask];

		step->run = slot.run & -(uint32_t)(slot.hash == hash);
		__builtin_prefetch(&tree->runs[step->run]);
	}
}

/* Prefetches the names of these runs for walk(). */
static void fetch_names(const struct tree *tree, const struct tree_path *path)
{
	for (size_t i = 0; i < path->count; i++)
		__builtin_prefetch(&tree->names[tree->runs[path->steps[i].run].first]);
}

/* Returns how many of the names the run starts with. The first one is equal. */
static uint32_t count_equal(const struct tree *tree, const struct tree_run *run,
			    const uint32_t *names, size_t count)
{
	const uint32_t *own = tree->names + run->first;
	uint32_t limit = run->length < count ? run->length : (uint32_t)count;
	uint32_t equal = 1;

	while (equal < limit && own[equal] == names[equal])
		equal++;
	return equal;
}

/* Finds or adds the nodes of the path. Returns the run that ends with the last one in *ret_run. */
static enum flame_status walk(struct tree *tree, const struct tree_path *path, uint32_t *ret_run)
{
	enum flame_status status = FLAME_OK;
	uint32_t at = 0;

	for (size_t i = 0; i < path->count && status == FLAME_OK;) {
		const struct tree_step *step = &path->steps[i];
		uint32_t child = find_child(tree, at, step, path->names[i]);
		uint32_t equal;

		if (child == 0) {
			status = add_run(tree, at, i > 0 ? step[-1].path_hash : tree->seed,
					 path->names + i, path->count - i);
			at = tree->run_count - 1;
			break;
		}
		equal = count_equal(tree, &tree->runs[child], path->names + i, path->count - i);
		if (equal < tree->runs[child].length)
			status = split_run(tree, child, equal, step->path_hash, &child);
		at = child;
		i += equal;
	}
	*ret_run = at;
	return status;
}

enum flame_status tree_settle(struct tree *tree)
{
	struct tree_path *path = &tree->paths[tree->waiting];
	uint32_t run = 0;
	enum flame_status status = walk(tree, path, &run);

	if (status != FLAME_OK)
		return status;
	if (path->side == SIDE_OLD)
		tree->old_weights[run] += path->weight;
	else
		tree->runs[run].weight += path->weight;
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
	fetch_names(tree, &tree->paths[tree->waiting]);
	status = prepare(tree, path, stack, leaf);
	if (status == FLAME_OK)
		status = tree_settle(tree);
	if (status != FLAME_OK)
		return status;
	tree->waiting = 1 - tree->waiting;
	tree->totals[stack->side] = total;
	fetch_runs(tree, path);
	return FLAME_OK;
}

enum flame_status tree_credit(struct tree *tree, const struct stack *stack,
			      const struct frame *frame, bool is_leaf)
{
	uint64_t weight = 0;
	uint32_t name = 0;
	enum flame_status status = align_weight(tree, stack, &weight);

	if (status == FLAME_OK)
		status = name_table_intern(tree->table, frame, &name);
	if (status != FLAME_OK)
		return status;
	credit(tree->table, name, stack->side, weight);
	if (is_leaf)
		tree->table->items[name].self[stack->side] += weight;
	return FLAME_OK;
}

/* Runs by the place of their first name. */
struct arrivals {
	uint64_t *starts; /* one bit for each name: a run starts there; all 0 at first */
	uint32_t *before; /* runs that start before each word of `starts` */
	size_t words;
};

static void sort_runs(const struct tree *tree, const struct arrivals *arrivals, uint32_t *order)
{
	uint64_t *starts = arrivals->starts;
	uint32_t *before = arrivals->before;
	uint32_t sum = 0;

	for (uint32_t i = 0; i < tree->run_count; i++)
		starts[tree->runs[i].first / 64] |= UINT64_C(1) << tree->runs[i].first % 64;
	for (size_t i = 0; i < arrivals->words; i++) {
		before[i] = sum;
		sum += (uint32_t)__builtin_popcountll(starts[i]);
	}
	for (uint32_t i = 0; i < tree->run_count; i++) {
		uint32_t first = tree->runs[i].first;
		uint64_t below = starts[first / 64] & ((UINT64_C(1) << first % 64) - 1);

		order[before[first / 64] + (uint32_t)__builtin_popcountll(below)] = i;
	}
}

uint32_t *tree_arrivals(const struct tree *tree)
{
	size_t words = tree->count / 64 + 1;
	uint64_t *starts = calloc(words, sizeof(*starts));
	uint32_t *before = malloc(words * sizeof(*before));
	uint32_t *order = calloc(tree->run_count, sizeof(*order));

	if (starts && before && order) {
		sort_runs(tree, &(struct arrivals){starts, before, words}, order);
	} else {
		free(order);
		order = NULL;
	}
	free(starts);
	free(before);
	return order;
}

/* What place_runs() knows of a run of the tree before. */
struct run_place {
	uint32_t size; /* runs: itself and all descendants */
	uint32_t at;   /* in preorder */
	uint32_t next; /* of its next child, in preorder */
};

/* Makes weights inclusive, and counts descendants. */
static void add_up(struct tree *tree, const uint32_t *order, struct run_place *places)
{
	for (uint32_t i = tree->run_count; i-- > 1;) {
		uint32_t run = order[i];
		uint32_t parent = tree->runs[run].parent;

		tree->runs[parent].weight += tree->runs[run].weight;
		places[run].size++;
		places[parent].size += places[run].size;
		if (tree->old_weights)
			tree->old_weights[parent] += tree->old_weights[run];
	}
	places[0].size++;
}

/* Copies the runs to their places in preorder. */
static void place_runs(const struct tree *tree, const uint32_t *order, struct run_place *places,
		       struct tree *ordered)
{
	for (uint32_t i = 0; i < tree->run_count; i++) {
		uint32_t run = order[i];
		struct tree_run copy = tree->runs[run];
		struct run_place *place = &places[run];
		struct run_place *parent = &places[copy.parent];

		if (i > 0) {
			const struct tree_run *above = &ordered->runs[parent->at];

			place->at = parent->next;
			parent->next += place->size;
			copy.parent = parent->at;
			copy.level = above->level + above->length;
		}
		place->next = place->at + 1;
		copy.end = place->at + place->size;
		ordered->runs[place->at] = copy;
		if (ordered->old_weights)
			ordered->old_weights[place->at] = tree->old_weights[run];
	}
}

/* Orders the runs as all later walks visit them: in the order of the input, most of these walks
 * would be cache misses. */
static bool order_runs(struct tree *tree)
{
	size_t count = tree->run_count;
	uint32_t *order = tree_arrivals(tree);
	struct run_place *places = calloc(count, sizeof(*places));
	struct tree ordered = {.run_capacity = tree->run_count};
	bool done;

	ordered.runs = large_array_new(count * sizeof(*ordered.runs));
	if (tree->old_weights)
		ordered.old_weights = large_array_new(count * sizeof(*ordered.old_weights));
	done = order && places && ordered.runs && (ordered.old_weights || !tree->old_weights);
	if (done) {
		add_up(tree, order, places);
		place_runs(tree, order, places, &ordered);
		release_runs(tree);
		tree->runs = ordered.runs;
		tree->old_weights = ordered.old_weights;
		tree->run_capacity = ordered.run_capacity;
	} else {
		release_runs(&ordered);
	}
	free(order);
	free(places);
	return done;
}

enum flame_status tree_finish(struct tree *tree)
{
	enum flame_status status = tree_settle(tree);

	if (status != FLAME_OK)
		return status;
	release_slots(tree);
	return order_runs(tree) ? FLAME_OK : FLAME_NO_MEMORY;
}
