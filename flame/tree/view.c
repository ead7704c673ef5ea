/* flame/tree/view.c - selects the frames of each stack that are shown, and their order */
#include "flame/tree/view.h"
#include "flame/tree/frame_list.h"

#include <string.h>

#include "flame/tree/diff.h"
#include "flame/tree/frame_type.h"

enum flame_status view_open(struct view *view, const struct view_options *options)
{
	enum flame_status status;

	*view = (struct view){.options = *options};
	status = name_table_open(&view->table);
	if (status != FLAME_OK)
		return status;
	status = tree_open(&view->tree, &view->table, options->in_time_order, options->two_sides);
	if (status == FLAME_OK && options->focus)
		status = tree_open(&view->callers, &view->table, false, options->two_sides);
	if (status != FLAME_OK)
		view_close(view);
	return status;
}

void view_close(struct view *view)
{
	tree_close(&view->tree);
	tree_close(&view->callers);
	name_table_close(&view->table);
	frame_list_release(&view->frames);
}

static bool is_named(const struct frame *frame, const char *name)
{
	size_t length = strlen(name);

	if (frame->size == length && memcmp(frame->name, name, length) == 0)
		return true;
	return frame_type_trim_suffix(frame->name, frame->size) == length &&
	       memcmp(frame->name, name, length) == 0;
}

/* Returns the index of the outermost frame with one of the names, or count. */
static size_t find_frame(const struct stack *stack, const char *const *names, size_t name_count)
{
	for (size_t i = 0; i < stack->count; i++)
		for (size_t name = 0; name < name_count; name++)
			if (is_named(&stack->frames[i], names[name]))
				return i;
	return stack->count;
}

/* Adds the stack with its frames in reverse order. */
static enum flame_status add_reversed(struct view *view, struct tree *tree,
				      const struct stack *stack, size_t leaf)
{
	struct stack reversed = *stack;
	enum flame_status status = FLAME_OK;

	view->frames.count = 0;
	for (size_t i = stack->count; i-- > 0 && status == FLAME_OK;)
		status = frame_list_add(&view->frames, &stack->frames[i]);
	if (status != FLAME_OK)
		return status;
	reversed.frames = view->frames.items;
	return tree_add(tree, &reversed, leaf);
}

/* Splits the stack at the outermost call of the function, so that a recursive function is counted
 * once. */
static enum flame_status add_focused(struct view *view, const struct stack *stack, size_t focus)
{
	struct stack callees = *stack;
	struct stack callers = *stack;
	enum flame_status status;

	callees.frames += focus + 1;
	callees.count -= focus + 1;
	callers.count = focus;
	status = tree_add(&view->tree, &callees, callees.count - 1);
	if (status == FLAME_OK)
		status = tree_credit(&view->tree, stack, &stack->frames[focus], callees.count == 0);
	return status == FLAME_OK ? add_reversed(view, &view->callers, &callers, TREE_NO_LEAF)
				  : status;
}

static enum flame_status add_stack(void *context, const struct stack *given)
{
	struct view *view = context;
	struct stack stack = *given;
	size_t at = 0;

	view->table.stamp++;
	if (view->options.base_count > 0) {
		at = find_frame(&stack, view->options.base, view->options.base_count);
		view->left_out += at == stack.count;
		if (at == stack.count)
			return FLAME_OK;
		stack.frames += at;
		stack.count -= at;
	}
	if (view->options.focus) {
		at = find_frame(&stack, &view->options.focus, 1);
		view->left_out += at == stack.count;
		return at == stack.count ? FLAME_OK : add_focused(view, &stack, at);
	}
	if (view->options.reverse)
		return add_reversed(view, &view->tree, &stack, 0);
	return tree_add(&view->tree, &stack, stack.count - 1);
}

struct stack_sink view_sink(struct view *view)
{
	return (struct stack_sink){.context = view, .stack = add_stack};
}

enum flame_status view_finish(struct view *view)
{
	enum flame_status status = tree_settle(&view->tree);

	if (status == FLAME_OK && view->options.normalize)
		status = diff_scale_old(&view->tree);
	if (status == FLAME_OK)
		status = tree_finish(&view->tree);
	if (status == FLAME_OK && view->options.normalize)
		status = diff_recount_names(&view->tree, view->options.reverse);
	if (status == FLAME_OK && view->options.focus)
		status = tree_finish(&view->callers);
	if (status != FLAME_OK)
		return status;
	if (view->tree.totals[SIDE_NEW] == 0 && view->tree.totals[SIDE_OLD] == 0)
		return FLAME_EMPTY;
	return FLAME_OK;
}
