/* flame/tree/tree.h - stacks merged into a tree, one node a path */
#ifndef FLAME_TREE_TREE_H
#define FLAME_TREE_TREE_H
#include <stdbool.h>
#include <stdint.h>

#include "flame/tree/name_table.h"
#include "flame/tree/stack.h"

/*
 * Nodes without a branch between them are one run: its nodes have the same stacks, and so one
 * weight. Run 0 is the root, one node without a name. After tree_finish() the runs are in preorder:
 * the descendants of run i are the runs from i + 1 to before `end`, and the children of one run are
 * in the order in which they first came.
 */
struct tree_run {
	uint64_t weight; /* self weight of its last node; after tree_finish() with descendants */
	uint32_t first;  /* tree->names[first] and the following ones are its names */
	uint32_t length; /* nodes, at least 1 */
	uint32_t parent; /* run */
	uint32_t name;   /* of the first node */
	uint32_t level;  /* after tree_finish(): of the first node; the root has 0 */
	union {
		struct {
			uint32_t newest : 31;  /* child; 0: none */
			uint32_t branches : 1; /* has more than one child */
		};
		uint32_t end; /* after tree_finish() */
	};
};

#define TREE_NODES_MAX (UINT32_C(1) << 31)

#define TREE_NO_LEAF SIZE_MAX

struct tree_slot;
struct tree_step;

/* A stack whose names are interned, before it is in the tree. */
struct tree_path {
	uint32_t *names; /* ids */
	struct tree_step *steps;
	size_t count;
	size_t name_capacity;
	size_t step_capacity;
	uint64_t weight;
	enum stack_side side;
};

/* Other sources only read the fields, except diff.c, which scales old_weights. */
struct tree {
	struct name_table *table; /* borrowed; two trees can share it */
	struct tree_run *runs;
	uint32_t run_count;
	uint32_t run_capacity;
	uint64_t *old_weights; /* parallel to runs, for SIDE_OLD; NULL without a second input */
	uint32_t *names;       /* of all nodes: index into table->items; [0] is the root */
	uint32_t count;        /* nodes */
	uint32_t capacity;
	struct tree_path paths[2]; /* the pending stack, and the one being added */
	unsigned waiting;          /* index of the pending one; it has no steps if there is none */
	struct tree_slot *slots;
	uint32_t slot_mask;
	uint32_t slot_count;
	uint64_t seed;
	bool in_time_order; /* a flame chart: only neighbours are merged */
	unsigned decimals;  /* weights are in units of 10 to the power of -decimals */
	uint64_t totals[2]; /* by stack_side */
};

/* Initializes an empty tree that borrows the table. `two_sides` adds weights for SIDE_OLD. Returns
 * FLAME_NO_MEMORY on allocation failure; then nothing needs to be closed. */
enum flame_status tree_open(struct tree *tree, struct name_table *table, bool in_time_order,
			    bool two_sides);

/* Frees the nodes, but not the table. Can be called again, and for a zeroed tree. */
void tree_close(struct tree *tree);

/*
 * Adds one stack. `leaf` is the index of the frame whose name is credited with the self weight, or
 * TREE_NO_LEAF. For the totals of names, all stacks added with the same table->stamp are one stack:
 * increment it before each. A stack with more decimals than any before rescales every weight. After
 * FLAME_OVERFLOW the tree is unchanged. After FLAME_NO_MEMORY and FLAME_TOO_LARGE it must be
 * closed.
 *
 * The last stack stays pending until the next one is added, so that its nodes are in the cache by
 * then. Nodes and weights are complete after tree_settle() or tree_finish().
 */
enum flame_status tree_add(struct tree *tree, const struct stack *stack, size_t leaf);

/* Credits a frame that is not in the tree with the weight of the stack. Fails as tree_add() does.
 */
enum flame_status tree_credit(struct tree *tree, const struct stack *stack,
			      const struct frame *frame, bool is_leaf);

/* Adds the pending stack. Fails as tree_add() does. */
enum flame_status tree_settle(struct tree *tree);

/* Returns the runs in the order in which their first nodes came, parents before children, which the
 * caller must free. Call before tree_finish(). Returns NULL on allocation failure.
 */
uint32_t *tree_arrivals(const struct tree *tree);

/* Settles, replaces self weights by inclusive weights, and puts the runs in preorder, siblings as
 * they first came. Add nothing afterwards. Fails as tree_add() does. */
enum flame_status tree_finish(struct tree *tree);
#endif
