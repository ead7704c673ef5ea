/* flame/tree/stack.h - one weighted stack on its way from an input to the tree */
#ifndef FLAME_TREE_STACK_H
#define FLAME_TREE_STACK_H
#include <stddef.h>
#include <stdint.h>

#include "flame/tree/status.h"

/* Where a frame's code came from; decides its colour. */
enum frame_type {
	FRAME_TYPE_AUTO, /* the input does not say: to be told from the name
			  * (flame/tree/frame_type.h)
			  */
	FRAME_TYPE_USER,
	FRAME_TYPE_LIBRARY,
	FRAME_TYPE_KERNEL,
	FRAME_TYPE_JIT,
	FRAME_TYPE_INLINED,
	FRAME_TYPE_GROUP, /* a process, a cgroup, a separator: no code */
	FRAME_TYPE_UNKNOWN,
	FRAME_TYPE_LOST,
	FRAME_TYPE_COUNT,
};

struct frame {
	const char *name; /* any bytes, not terminated */
	size_t size;      /* bytes */
	enum frame_type type;
};

/* Which of two inputs a stack belongs to; a picture of one input has only SIDE_NEW. */
enum stack_side {
	SIDE_NEW,
	SIDE_OLD,
};

struct stack {
	const struct frame *frames; /* root first */
	size_t count;
	enum stack_side side;
	uint64_t weight;   /* in units of 10 to the power of -decimals */
	unsigned decimals; /* 0 to STACK_DECIMALS_MAX */
};

#define STACK_DECIMALS_MAX 9u

/* What takes stacks; everything that a stack points to lives until the call returns. */
struct stack_sink {
	void *context;
	enum flame_status (*stack)(void *context, const struct stack *stack);
};
#endif
