/* record/stacks/kernel_stack.c - makes stack records of kernel addresses */
#include "record/stacks/kernel_stack.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"
#include <dz/enums.h>

/* Both caches are direct-mapped: an entry replaces the one with the same index. */
#define KERNEL_FRAMES_CACHED 4096u
#define KERNEL_STACKS_CACHED 256u

#define KERNEL_MODULE_NAME_MAX 80u

struct cached_frame {
	uint64_t address;
	uint32_t reference; /* 0 for an empty entry */
	bool is_own;        /* a frame of the recorder */
};

struct cached_stack {
	uint64_t addresses[EVENT_KERNEL_FRAMES_MAX];
	size_t count; /* 0 for an empty entry */
	uint32_t reference;
};

struct kernel_stacks {
	struct kernel_symbols *symbols;
	struct cached_frame frames[KERNEL_FRAMES_CACHED];
	struct cached_stack stacks[KERNEL_STACKS_CACHED];
};

struct kernel_stacks *kernel_stacks_new(struct kernel_symbols *symbols)
{
	struct kernel_stacks *stacks = calloc(1, sizeof(*stacks));

	if (stacks)
		stacks->symbols = symbols;
	return stacks;
}

void kernel_stacks_forget(struct kernel_stacks *stacks)
{
	memset(stacks->frames, 0, sizeof(stacks->frames));
	memset(stacks->stacks, 0, sizeof(stacks->stacks));
}

static bool kernel_function_is_own(const char *name)
{
	static const char *const prefixes[] = {"bpf_prog_", "bpf_trace_run", "__bpf_trace_",
					       "__traceiter_", "__probestub_"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

/* An address without a symbol stays unnamed: as a number it would reveal where the kernel is. */
static void kernel_frame_resolve(const struct kernel_stacks *stacks, struct dz_writer *writer,
				 uint64_t address, struct cached_frame *out)
{
	struct kernel_symbol function = {.name = "[unknown]", .module = "[kernel]"};
	char bracketed[KERNEL_MODULE_NAME_MAX];
	struct dz_module module = {0};
	struct dz_frame frame = {.type = DZ_FRAME_TYPE_KERNEL};

	/* If a function ends with a call, the return address is after its end. */
	if (kernel_symbols_find(stacks->symbols, address - 1, &function))
		function.offset_bytes++;
	if (function.module[0] != '[') {
		(void)snprintf(bracketed, sizeof(bracketed), "[%s]", function.module);
		function.module = bracketed;
	}
	module.path = dz_writer_text(writer, function.module);
	frame.module = dz_writer_module(writer, &module);
	frame.symbol = dz_writer_text(writer, function.name);
	frame.offset = function.offset_bytes;
	out->address = address;
	out->is_own = kernel_function_is_own(function.name);
	out->reference = dz_writer_frame(writer, &frame);
}

static const struct cached_frame *kernel_frame(struct kernel_stacks *stacks,
					       struct dz_writer *writer, uint64_t address)
{
	struct cached_frame *frame =
		&stacks->frames[(address ^ address >> 12) % KERNEL_FRAMES_CACHED];

	if (frame->reference == 0 || frame->address != address)
		kernel_frame_resolve(stacks, writer, address, frame);
	return frame;
}

static uint32_t kernel_stack_build(struct kernel_stacks *stacks, struct dz_writer *writer,
				   const uint64_t *addresses, size_t count)
{
	struct dz_stack stack = {0};
	size_t leaf = 0;

	for (size_t i = 0; i < count && i < 8; i++) {
		if (kernel_frame(stacks, writer, addresses[i])->is_own)
			leaf = i + 1;
	}
	for (size_t i = count; i > leaf; i--) {
		stack.frame = kernel_frame(stacks, writer, addresses[i - 1])->reference;
		stack.caller = dz_writer_stack(writer, &stack);
	}
	return (uint32_t)stack.caller;
}

static size_t kernel_stack_index(const uint64_t *addresses, size_t count)
{
	uint64_t hash = count;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ addresses[i]) * 0x9e3779b97f4a7c15u;
	return (size_t)(hash >> 32) % KERNEL_STACKS_CACHED;
}

uint32_t kernel_stacks_intern(struct kernel_stacks *stacks, struct dz_writer *writer,
			      const void *addresses, size_t count)
{
	uint64_t copy[EVENT_KERNEL_FRAMES_MAX];
	struct cached_stack *stack;

	if (count == 0 || count > EVENT_KERNEL_FRAMES_MAX)
		return 0;
	memcpy(copy, addresses, count * sizeof(copy[0]));
	stack = &stacks->stacks[kernel_stack_index(copy, count)];
	if (stack->count == count && memcmp(stack->addresses, copy, count * sizeof(copy[0])) == 0)
		return stack->reference;
	stack->reference = kernel_stack_build(stacks, writer, copy, count);
	memcpy(stack->addresses, copy, count * sizeof(copy[0]));
	stack->count = count;
	return stack->reference;
}

void kernel_stacks_free(struct kernel_stacks *stacks)
{
	free(stacks);
}
