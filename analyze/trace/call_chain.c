/* analyze/trace/call_chain.c - call stacks of a file as arrays of frames, and names of frames */
#define _GNU_SOURCE
#include "analyze/trace/call_chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "symbols/demangle.h"

void call_chain_load(const struct trace_file *file, uint64_t stack, struct call_chain *chain)
{
	chain->count = 0;
	while (stack != 0 && chain->count < CALL_CHAIN_MAX) {
		const struct dz_stack *link = dz_reader_stack(file->reader, stack);

		chain->frames[chain->count++] =
			link ? dz_reader_frame(file->reader, link->frame) : NULL;
		stack = link ? link->caller : 0;
	}
}

struct trace_text call_frame_module(const struct trace_file *file, const struct dz_frame *frame)
{
	const struct dz_module *module =
		frame ? dz_reader_module(file->reader, frame->module) : NULL;

	return trace_text(file, module ? module->path : 0);
}

struct trace_text call_base_name(struct trace_text path)
{
	const char *slash = path.size > 0 ? memrchr(path.bytes, '/', path.size) : NULL;

	if (!slash || slash + 1 == path.bytes + path.size)
		return path;
	return (struct trace_text){slash + 1, path.size - (size_t)(slash + 1 - path.bytes)};
}

static size_t copy(char name[static CALL_NAME_MAX], struct trace_text text)
{
	size_t size = text.size < CALL_NAME_MAX ? text.size : CALL_NAME_MAX - 1;

	if (size > 0)
		memcpy(name, text.bytes, size);
	name[size] = '\0';
	return size;
}

static size_t copy_word(char name[static CALL_NAME_MAX], const char *word)
{
	return copy(name, (struct trace_text){word, strlen(word)});
}

static size_t name_place(const struct trace_file *file, const struct dz_frame *frame,
			 char name[static CALL_NAME_MAX])
{
	struct trace_text module = call_base_name(call_frame_module(file, frame));
	size_t used = module.size > 0 ? copy(name, module) : copy_word(name, "[unknown]");

	if (frame->offset == 0 && module.size == 0)
		return used;
	used += (size_t)snprintf(name + used, CALL_NAME_MAX - used, "+0x%" PRIx64, frame->offset);
	return used < CALL_NAME_MAX ? used : CALL_NAME_MAX - 1;
}

/* A mangled name starts with an underscore and has no NUL: other names are not tried. */
static size_t name_function(struct trace_text symbol, char name[static CALL_NAME_MAX])
{
	char mangled[DEMANGLE_INPUT_MAX_BYTES + 1];

	if (symbol.size > DEMANGLE_INPUT_MAX_BYTES || symbol.bytes[0] != '_' ||
	    memchr(symbol.bytes, '\0', symbol.size))
		return copy(name, symbol);
	memcpy(mangled, symbol.bytes, symbol.size);
	mangled[symbol.size] = '\0';
	if (!demangle(mangled, name, CALL_NAME_MAX))
		return copy(name, symbol);
	return strlen(name);
}

size_t call_frame_name(const struct trace_file *file, const struct dz_frame *frame,
		       char name[static CALL_NAME_MAX])
{
	struct trace_text symbol;

	if (!frame)
		return copy_word(name, "[damaged]");
	symbol = trace_text(file, frame->symbol);
	if (symbol.size == 0)
		return name_place(file, frame, name);
	return name_function(symbol, name);
}

static bool is_named(struct trace_text symbol, const char *name)
{
	size_t size = strlen(name);

	return symbol.size >= size && memcmp(symbol.bytes, name, size) == 0 &&
	       (symbol.size == size || symbol.bytes[size] == '.');
}

bool call_frame_is_named(const struct trace_file *file, const struct dz_frame *frame,
			 const char *const names[], size_t count)
{
	struct trace_text symbol = trace_text(file, frame ? frame->symbol : 0);

	for (size_t i = 0; symbol.size > 0 && i < count; i++)
		if (is_named(symbol, names[i]))
			return true;
	return false;
}

bool call_stack_is_named(const struct trace_file *file, uint64_t stack, const char *const names[],
			 size_t count)
{
	struct call_chain chain;

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; i < chain.count; i++)
		if (call_frame_is_named(file, chain.frames[i], names, count))
			return true;
	return false;
}
