/* flame/tree/stack.h - a stack with its weight, as inputs pass it to the tree */
#ifndef FLAME_TREE_STACK_H
#define FLAME_TREE_STACK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flame/tree/status.h"

/* What a frame's code is; sets its colour. */
enum frame_type {
	FRAME_TYPE_AUTO, /* not given by the input: follows from the name (frame_type.h) */
	FRAME_TYPE_USER,
	FRAME_TYPE_LIBRARY,
	FRAME_TYPE_KERNEL,
	FRAME_TYPE_JIT,
	FRAME_TYPE_INLINED,
	FRAME_TYPE_GROUP, /* a process, a control group, a separator: not code */
	FRAME_TYPE_UNKNOWN,
	FRAME_TYPE_LOST,
	FRAME_TYPE_COUNT,
};

/* All frames of one run of the program that have the same number, which is not 0, have the same
 * name and type. Numbers are small: the name table has an item for each up to the largest. */
struct frame {
	const char *name; /* any bytes, without a NUL at the end */
	size_t size;      /* bytes */
	enum frame_type type;
	uint32_t number; /* by which the name table finds it; 0: none */
};

/* Which of two inputs a stack belongs to; without a difference, always SIDE_NEW. */
enum stack_side {
	SIDE_NEW,
	SIDE_OLD,
};

/* Where a stack is from, as far as the input shows it. */
struct stack_origin {
	const char *comm; /* any bytes, without a NUL at the end */
	size_t comm_size;
	uint64_t time_ns; /* of the clock of the input */
	uint32_t pid;
	uint32_t tid;
	uint32_t cpu;
	bool has_comm;
	bool has_pid;
	bool has_tid;
	bool has_cpu;
	bool has_time;
	bool one_id;       /* pid and tid are the same number, of which of them is unknown */
	size_t root_count; /* frames at the start of the stack that are no code */
};

struct stack {
	const struct frame *frames; /* the root first */
	size_t count;
	enum stack_side side;
	uint64_t weight;                   /* in units of 10 to the power of -decimals */
	unsigned decimals;                 /* 0 to STACK_DECIMALS_MAX */
	const struct stack_origin *origin; /* NULL: the input has stacks and weights only */
};

#define STACK_DECIMALS_MAX 9u

/* Receives stacks. A stack and everything that it points to is valid during the call. Any result
 * but FLAME_OK ends the input. */
struct stack_sink {
	void *context;
	enum flame_status (*stack)(void *context, const struct stack *stack);
};
#endif
