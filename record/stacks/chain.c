/* record/stacks/chain.c - an unwound user stack with names */
#include "record/stacks/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/symbolizer.h"

#define MARKER_MAX_BYTES 320

#define UNREADABLE "[file not readable in time]"
#define GONE       "[file not readable]"
#define TOO_LARGE  "[file exceeds memory limit]"

/* Readers of the file report a longer chain as damage. */
#define CHAIN_FRAMES_MAX 512u

/* A chain before its memory is allocated. */
struct draft {
	struct chain_frame frames[CHAIN_FRAMES_MAX];
	size_t count;
	char marker[MARKER_MAX_BYTES];
};

_Static_assert(UNWIND_FRAMES_MAX <= CHAIN_FRAMES_MAX, "a whole chain fits");

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Why there is nothing of the file in this stack, although there can be in the next one: its file
 * system did not answer in time, or the files of the stack take too much memory. NULL: there is. */
static const char *passing_reason(const struct unwind_frame *frame)
{
	if (!frame->module)
		return NULL;
	if (frame->module->status == SYMBOLS_TIMEOUT)
		return UNREADABLE;
	if (frame->module->status == SYMBOLS_MEMORY_LIMIT || frame->module->lacks_names)
		return TOO_LARGE;
	return NULL;
}

/* It could not be opened: it was deleted, or a memfd whose process had ended. */
static bool is_gone(const struct unwind_frame *frame)
{
	return frame->module &&
	       (frame->module->status == SYMBOLS_IO || frame->module->status == SYMBOLS_REFUSED ||
		frame->module->status == SYMBOLS_NOT_FOUND);
}

static void draft_frame(struct draft *draft, const struct unwind_frame *frame,
			const struct perf_map *perf_map)
{
	struct chain_frame *out = &draft->frames[draft->count++];
	uint64_t after_call =
		frame->kind == UNWIND_FRAME_RETURN || frame->kind == UNWIND_FRAME_POINTER;
	struct symbol symbol;

	if (frame->kind == UNWIND_FRAME_UNMAPPED) {
		*out = (struct chain_frame){
			.type = DZ_FRAME_TYPE_MARKER,
			.symbol = "[unmapped]",
			.offset_bytes = frame->pc,
		};
		return;
	}
	symbolizer_name(frame, perf_map, &symbol);
	if (!symbol.name)
		symbol.name = passing_reason(frame);
	*out = (struct chain_frame){
		.type = unwind_frame_is_jit(frame) ? DZ_FRAME_TYPE_JIT : DZ_FRAME_TYPE_USER,
		.symbol = symbol.name,
		.module = symbol.module,
		.build_id = symbol.build_id_bytes ? symbol.build_id : NULL,
		.build_id_bytes = symbol.build_id_bytes,
		.offset_bytes = symbol.offset_bytes,
		.module_offset_bytes = frame->lookup_address + after_call,
	};
}

static void draft_marker(struct draft *draft)
{
	draft->frames[draft->count++] = (struct chain_frame){
		.type = DZ_FRAME_TYPE_MARKER,
		.symbol = draft->marker,
	};
}

/* Adds a marker if the chain is not complete. In a chain of the longest length, it replaces the
 * last frame. */
static void draft_end(struct draft *draft, const struct unwind_result *result)
{
	static const char *const markers[] = {
		[UNWIND_END_TRUNCATED] = "[truncated]",
		[UNWIND_END_BAD_ADDRESS] = "[damaged stack]",
		[UNWIND_END_TOO_DEEP] = "[too deep]",
		[UNWIND_END_TOO_COSTLY] = "[too costly to unwind]",
		[UNWIND_END_OTHER_STACK] = "[interrupted stack not copied]",
	};
	const char *module = draft->count > 0 ? draft->frames[draft->count - 1].module : NULL;
	const struct unwind_frame *last =
		result->count > 0 ? &result->frames[result->count - 1] : NULL;

	if (result->end == UNWIND_END_COMPLETE)
		return;
	if (draft->count == CHAIN_FRAMES_MAX)
		draft->count--;
	if (result->end == UNWIND_END_NO_INFORMATION && last && passing_reason(last))
		snprintf(draft->marker, sizeof(draft->marker), "%s", passing_reason(last));
	else if (result->end == UNWIND_END_NO_INFORMATION && last && is_gone(last))
		snprintf(draft->marker, sizeof(draft->marker), GONE);
	else if (result->end == UNWIND_END_NO_INFORMATION)
		snprintf(draft->marker, sizeof(draft->marker), "[no unwind information: %s]",
			 module ? base_name(module) : "?");
	else
		snprintf(draft->marker, sizeof(draft->marker), "%s", markers[result->end]);
	draft_marker(draft);
}

/* Adds a marker for what is between the newest frames and the oldest ones, and these. */
static void draft_oldest(struct draft *draft, const struct unwind_result *result,
			 const struct perf_map *perf_map)
{
	if (result->gap_bytes > 0) {
		snprintf(draft->marker, sizeof(draft->marker), "[%" PRIu64 " bytes not copied]",
			 result->gap_bytes);
		draft_marker(draft);
	} else {
		draft_end(draft, result);
	}
	for (size_t i = 0; i < result->oldest_count; i++)
		draft_frame(draft, &result->frames[result->count + i], perf_map);
}

static size_t text_bytes(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static const char *move_bytes(char **free_bytes, const void *bytes, size_t size_bytes)
{
	char *moved = *free_bytes;

	if (!bytes || size_bytes == 0)
		return NULL;
	memcpy(moved, bytes, size_bytes);
	*free_bytes += size_bytes;
	return moved;
}

static struct chain *chain_of_draft(const struct draft *draft)
{
	size_t size_bytes = sizeof(struct chain) + draft->count * sizeof(draft->frames[0]);
	struct chain *chain;
	char *free_bytes;

	for (size_t i = 0; i < draft->count; i++)
		size_bytes += text_bytes(draft->frames[i].symbol) +
			      text_bytes(draft->frames[i].module) + draft->frames[i].build_id_bytes;
	chain = malloc(size_bytes);
	if (!chain)
		return NULL;
	chain->size_bytes = size_bytes;
	chain->count = draft->count;
	chain->is_rust = chain->is_passing = false;
	free_bytes = (char *)&chain->frames[draft->count];
	for (size_t i = 0; i < draft->count; i++) {
		const struct chain_frame *from = &draft->frames[i];
		struct chain_frame *frame = &chain->frames[i];

		*frame = *from;
		frame->symbol = move_bytes(&free_bytes, from->symbol, text_bytes(from->symbol));
		frame->module = move_bytes(&free_bytes, from->module, text_bytes(from->module));
		frame->build_id = (const uint8_t *)move_bytes(&free_bytes, from->build_id,
							      from->build_id_bytes);
	}
	return chain;
}

static bool is_rust(const struct unwind_result *result)
{
	for (size_t i = 0; i < result->count + result->oldest_count; i++)
		if (result->frames[i].module && result->frames[i].module->is_rust)
			return true;
	return false;
}

static bool is_passing(const struct unwind_result *result)
{
	for (size_t i = 0; i < result->count + result->oldest_count; i++)
		if (passing_reason(&result->frames[i]))
			return true;
	return false;
}

struct chain *chain_of_result(const struct unwind_result *result, const struct perf_map *perf_map)
{
	struct draft *draft = malloc(sizeof(*draft));
	struct chain *chain;

	if (!draft)
		return NULL;
	draft->count = 0;
	for (size_t i = 0; i < result->count; i++)
		draft_frame(draft, &result->frames[i], perf_map);
	if (result->oldest_count > 0)
		draft_oldest(draft, result, perf_map);
	else
		draft_end(draft, result);
	chain = chain_of_draft(draft);
	free(draft);
	if (chain) {
		chain->is_rust = is_rust(result);
		chain->is_passing = is_passing(result);
	}
	return chain;
}

struct chain *chain_of_marker(const char *text)
{
	struct draft *draft = malloc(sizeof(*draft));
	struct chain *chain;

	if (!draft)
		return NULL;
	draft->count = 1;
	draft->frames[0] = (struct chain_frame){.type = DZ_FRAME_TYPE_MARKER, .symbol = text};
	chain = chain_of_draft(draft);
	free(draft);
	return chain;
}

static uint32_t intern_frame(const struct chain_frame *frame, struct dz_writer *writer)
{
	struct dz_module module = {0};
	struct dz_frame row = {
		.type = (uint64_t)frame->type,
		.offset = frame->offset_bytes,
		.module_offset = frame->module_offset_bytes,
	};

	if (frame->module) {
		module.path = dz_writer_text(writer, frame->module);
		if (frame->build_id)
			module.build_id =
				dz_writer_string(writer, frame->build_id, frame->build_id_bytes);
		row.module = dz_writer_module(writer, &module);
	}
	if (frame->symbol)
		row.symbol = dz_writer_text(writer, frame->symbol);
	return dz_writer_frame(writer, &row);
}

uint32_t chain_intern(const struct chain *chain, struct dz_writer *writer)
{
	struct dz_stack stack = {0};

	for (size_t i = chain->count; i-- > 0;) {
		stack.frame = intern_frame(&chain->frames[i], writer);
		stack.caller = dz_writer_stack(writer, &stack);
	}
	return (uint32_t)stack.caller;
}
