/* analyze/trace/call_chain.h - call stacks of a file as arrays of frames, and names of frames */
#ifndef ANALYZE_TRACE_CALL_CHAIN_H
#define ANALYZE_TRACE_CALL_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/trace.h"

/* The limit of dz(5). */
#define CALL_CHAIN_MAX 512u

struct call_chain {
	const struct dz_frame *frames[CALL_CHAIN_MAX]; /* leaf first; NULL: lost to damage */
	size_t count;
};

/* Fills *chain with the frames of `stack`, a reference to kind stack. 0 makes an empty chain.
 * Frames beyond CALL_CHAIN_MAX are dropped. */
void call_chain_load(const struct trace_file *file, uint64_t stack, struct call_chain *chain);

/* Size of a buffer for the name of a frame, with its NUL. Longer names are truncated. */
#define CALL_NAME_MAX 1024u

/*
 * Writes the name of a frame, not escaped, and returns its length: the demangled function;
 * "libx.so+0x1234" without a symbol; the text of a marker; "[damaged]" for NULL.
 */
size_t call_frame_name(const struct trace_file *file, const struct dz_frame *frame,
		       char name[static CALL_NAME_MAX]);

/* Returns whether the symbol of a frame is one of `names`, as the symbol table spells it. What the
 * compiler adds after a dot is not compared: "walk.isra.0" is named walk. */
bool call_frame_is_named(const struct trace_file *file, const struct dz_frame *frame,
			 const char *const names[], size_t count);

/* Returns whether a frame of `stack`, a reference to kind stack, is named so. */
bool call_stack_is_named(const struct trace_file *file, uint64_t stack, const char *const names[],
			 size_t count);

/* Returns the path of the module that contains the code; empty if unknown. */
struct trace_text call_frame_module(const struct trace_file *file, const struct dz_frame *frame);

/* Returns the part of a path after its last slash, or the path if nothing follows the slash. */
struct trace_text call_base_name(struct trace_text path);

#endif
