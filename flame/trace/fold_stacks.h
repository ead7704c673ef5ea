/* flame/trace/fold_stacks.h - the stacks of a trace, passed to a flame graph */
#ifndef FLAME_TRACE_FOLD_STACKS_H
#define FLAME_TRACE_FOLD_STACKS_H

#include <stdbool.h>

#include "analyze/fold/fold.h"
#include "flame/tree/frame_list.h"
#include "flame/tree/stack.h"

/* Initialize with sink and side. */
struct fold_stacks {
	struct stack_sink sink;
	enum stack_side side;
	struct frame_list frames;
	enum flame_status status; /* the first failure; stacks after it are ignored */
};

/* Passes a stack to the sink of the struct fold_stacks that context points to: the function for a
 * struct fold_sink. Returns false after a failure, which is in status. */
bool fold_stacks_pass(void *context, const struct fold_stack *given);

/* Frees the memory. status stays. */
void fold_stacks_release(struct fold_stacks *stacks);

#endif
