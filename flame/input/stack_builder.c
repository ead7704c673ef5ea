/* flame/input/stack_builder.c - collects the frames of one stack, whose lines do not stay valid */
#include "flame/input/stack_builder.h"

#include <string.h>

#include "flame/tree/frame_type.h"

void stack_builder_clear(struct stack_builder *builder)
{
	builder->frames.count = 0;
	buffer_clear(&builder->names);
}

/* Until the names are passed, a frame has the offset of its name instead. */
static enum flame_status add(struct stack_builder *builder, size_t start, enum frame_type type)
{
	const struct frame frame = {
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): never dereferenced */
		.name = (const char *)(uintptr_t)start,
		.size = builder->names.size - start,
		.type = type,
	};

	return builder->names.failed ? FLAME_NO_MEMORY : frame_list_add(&builder->frames, &frame);
}

enum flame_status stack_builder_add(struct stack_builder *builder, const struct input_line *name,
				    enum frame_type type)
{
	size_t start = builder->names.size;

	buffer_put(&builder->names, name->text, name->size);
	return add(builder, start, type);
}

enum flame_status stack_builder_add_module(struct stack_builder *builder,
					   const struct input_line *module, enum frame_type type)
{
	static const struct input_line unknown = {.text = "[unknown]", .size = 9};
	const char *slash = module->size ? memrchr(module->text, '/', module->size) : NULL;
	struct input_line name = *module;
	size_t start = builder->names.size;

	if (name.size == 0 || name.text[0] == '[')
		return stack_builder_add(builder, name.size ? &name : &unknown, type);
	if (slash && slash + 1 < module->text + module->size) {
		name.text = slash + 1;
		name.size = (size_t)(module->text + module->size - name.text);
	}
	buffer_put(&builder->names, "[", 1);
	buffer_put(&builder->names, name.text, name.size);
	buffer_put(&builder->names, "]", 1);
	return add(builder, start, type);
}

void stack_builder_reverse(struct stack_builder *builder, size_t first)
{
	struct frame_list rest;

	if (first >= builder->frames.count)
		return;
	rest = (struct frame_list){
		.items = builder->frames.items + first,
		.count = builder->frames.count - first,
	};
	frame_list_reverse(&rest);
}

const char *stack_builder_names(const struct stack_builder *builder)
{
	return builder->names.data ? (const char *)builder->names.data : "";
}

enum flame_status stack_builder_pass(struct stack_builder *builder, const struct stack_sink *sink,
				     struct stack *stack)
{
	static const struct input_line empty = {.text = "[empty]", .size = 7};
	struct frame_list *frames = &builder->frames;
	bool in_kernel = false;
	enum flame_status status = FLAME_OK;
	const char *names;

	if (frames->count == 0)
		status = stack_builder_add(builder, &empty, FRAME_TYPE_UNKNOWN);
	if (status != FLAME_OK)
		return status;
	names = stack_builder_names(builder);
	for (size_t i = 0; i < frames->count; i++) {
		struct frame *frame = &frames->items[i];

		frame->name = names + (uintptr_t)frame->name;
		if (frame->type != FRAME_TYPE_AUTO)
			continue;
		in_kernel = in_kernel || frame_type_enters_kernel(frame->name, frame->size);
		frame->type = in_kernel ? FRAME_TYPE_KERNEL : FRAME_TYPE_AUTO;
	}
	stack->frames = frames->items;
	stack->count = frames->count;
	status = sink->stack(sink->context, stack);
	stack_builder_clear(builder);
	return status;
}

void stack_builder_release(struct stack_builder *builder)
{
	frame_list_release(&builder->frames);
	buffer_release(&builder->names);
}
