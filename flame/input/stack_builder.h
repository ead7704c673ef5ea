/* flame/input/stack_builder.h - collects the frames of one stack, whose lines do not stay valid */
#ifndef FLAME_INPUT_STACK_BUILDER_H
#define FLAME_INPUT_STACK_BUILDER_H
#include "base/buffer.h"
#include "flame/input/input_line.h"
#include "flame/tree/frame_list.h"
#include "flame/tree/stack.h"

/* Initialize with {0}. */
struct stack_builder {
	struct frame_list frames; /* names are set by stack_builder_pass() */
	struct buffer names;
};

/* Removes all frames. */
void stack_builder_clear(struct stack_builder *builder);

/* Appends a frame, and copies its name. Returns FLAME_NO_MEMORY on allocation failure. */
enum flame_status stack_builder_add(struct stack_builder *builder, const struct input_line *name,
				    enum frame_type type);

/* The same for code without a symbol: its module in brackets, without directories; an empty module
 * gives [unknown]. */
enum flame_status stack_builder_add_module(struct stack_builder *builder,
					   const struct input_line *module, enum frame_type type);

/* Reverses the frames from `first` on. */
void stack_builder_reverse(struct stack_builder *builder, size_t first);

/* Returns the names, at which the name of a frame is an offset until it is passed. Never NULL. */
const char *stack_builder_names(const struct stack_builder *builder);

/*
 * Passes the frames, the root first, as the stack's; then removes them. Code behind a function that
 * enters the kernel gets the type of the kernel, where no type was given. Without frames, passes
 * [empty], so that no weight is left out. Returns the status of the sink, or FLAME_NO_MEMORY.
 */
enum flame_status stack_builder_pass(struct stack_builder *builder, const struct stack_sink *sink,
				     struct stack *stack);

/* Frees the memory. Can be called again. */
void stack_builder_release(struct stack_builder *builder);

#endif
