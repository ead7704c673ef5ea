/* flame/trace/fold_stacks.c - frames and weights of a trace as those of a flame graph */
#include "flame/trace/fold_stacks.h"

static enum frame_type type_of(enum fold_frame_type type)
{
	static const enum frame_type types[] = {
		[FOLD_ROOT] = FRAME_TYPE_GROUP,      [FOLD_KERNEL] = FRAME_TYPE_KERNEL,
		[FOLD_USER] = FRAME_TYPE_USER,       [FOLD_LIBRARY] = FRAME_TYPE_LIBRARY,
		[FOLD_JIT] = FRAME_TYPE_JIT,         [FOLD_INLINED] = FRAME_TYPE_INLINED,
		[FOLD_UNKNOWN] = FRAME_TYPE_UNKNOWN, [FOLD_MARKER] = FRAME_TYPE_UNKNOWN,
		[FOLD_LOST] = FRAME_TYPE_LOST,
	};

	return types[type];
}

bool fold_stacks_pass(void *context, const struct fold_stack *given)
{
	struct fold_stacks *stacks = context;
	struct stack stack = {.weight = given->weight, .side = stacks->side};

	stacks->frames.count = 0;
	for (size_t i = 0; i < given->count && stacks->status == FLAME_OK; i++) {
		const struct frame frame = {
			.name = given->frames[i].name.bytes,
			.size = given->frames[i].name.size,
			.type = type_of(given->frames[i].type),
		};

		stacks->status = frame_list_add(&stacks->frames, &frame);
	}
	stack.frames = stacks->frames.items;
	stack.count = stacks->frames.count;
	if (stacks->status == FLAME_OK)
		stacks->status = stacks->sink.stack(stacks->sink.context, &stack);
	return stacks->status == FLAME_OK;
}

void fold_stacks_release(struct fold_stacks *stacks)
{
	frame_list_release(&stacks->frames);
}
