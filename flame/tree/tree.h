/* flame/tree/tree.h - stacks merged into a tree: one path is one node */
#ifndef FLAME_TREE_TREE_H
#define FLAME_TREE_TREE_H
#include <stdbool.h>
#include <stdint.h>

#include "flame/tree/name_table.h"
#include "flame/tree/stack.h"

/* Node 0 is the root: no name, all weight. Children always have larger indexes. */
struct tree_node {
	uint32_t name; /* index into tree->names */
	uint32_t parent;
	uint32_t first_child : 31; /* the child added last; 0 is none */
	uint32_t branches : 1;     /* has more than one child */
	uint32_t next_sibling;     /* the child added before; 0 is none */
	uint64_t weight;           /* its own; after tree_finish() with its descendants */
};

#define TREE_NODES_MAX (UINT32_C(1) << 31)

#define TREE_NO_LEAF SIZE_MAX

struct tree_slot;
struct tree_step;

/* A stack whose frames are named, before it is in the tree. */
struct tree_path {
	struct tree_step *steps;
	size_t count;
	size_t capacity;
	uint64_t weight;
	enum stack_side side;
};

/* The fields are read-only outside tree.c. */
struct tree {
	struct name_table *table; /* borrowed; two trees may share them */
	struct tree_node *nodes;
	uint32_t count;
	uint32_t capacity;
	uint64_t *old_weights; /* parallel to nodes, for SIDE_OLD; NULL without a second input */
	struct tree_path paths[2]; /* the stack that waits, and the one being added */
	unsigned waiting;          /* which of them waits; no steps and no weight if none does */
	struct tree_slot *slots;
	uint32_t slot_mask;
	uint32_t slot_count;
	uint64_t seed;
	bool in_time_order; /* a flame chart: only neighbours in time are merged */
	unsigned decimals;  /* weights are in units of 10 to the power of -decimals */
	uint64_t totals[2]; /* by stack_side */
};

/* `two_sides` makes room for SIDE_OLD. The names are borrowed. FLAME_NO_MEMORY; then nothing is
 * left to close. */
enum flame_status tree_open(struct tree *tree, struct name_table *table, bool in_time_order,
			    bool two_sides);

/* A zeroed or closed one may be closed again. The names stay the caller's. */
void tree_close(struct tree *tree);

/*
 * Adds one stack. `leaf` is the index of the frame where the weight was spent, whose name is
 * credited with it, or TREE_NO_LEAF. Stacks added under the same names->stamp are one stack for the
 * totals of the names, so count it up before each. A stack with more decimals than seen so far
 * rescales every weight. After FLAME_OVERFLOW the tree is as it was before; after FLAME_NO_MEMORY
 * and FLAME_TOO_LARGE it can only be closed.
 *
 * The nodes and their weights are complete after tree_settle() or tree_finish(): the last stack
 * waits for the next one, so that the memory where it belongs is in the cache by then.
 */
enum flame_status tree_add(struct tree *tree, const struct stack *stack, size_t leaf);

/* Credits a frame that is not in the tree with the stack's weight, as tree_add() does. */
enum flame_status tree_credit(struct tree *tree, const struct stack *stack,
			      const struct frame *frame, bool is_leaf);

/* Adds the stack that waits. Fails as tree_add() does. */
enum flame_status tree_settle(struct tree *tree);

/* Settles, and turns own weights into inclusive ones; then nothing may be added. */
enum flame_status tree_finish(struct tree *tree);
#endif
