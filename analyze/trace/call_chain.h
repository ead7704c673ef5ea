/* analyze/trace/call_chain.h - a stack of a file as an array of frames, with names to show */
#ifndef ANALYZE_TRACE_CALL_CHAIN_H
#define ANALYZE_TRACE_CALL_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/trace.h"

/* The limit of dz(5). */
#define CALL_CHAIN_MAX 512u

struct call_chain {
	const struct dz_frame *frames[CALL_CHAIN_MAX]; /* leaf first; NULL: lost to damage */
	size_t count;
};

/* Fills a chain from a reference to kind stack; 0 gives an empty one. */
void call_chain_load(const struct trace_file *file, uint64_t stack, struct call_chain *chain);

/* Room for a frame's name, the NUL included; longer ones are cut. */
#define CALL_NAME_MAX 1024u

/*
 * The name of a frame, not escaped: the function, demangled; "libx.so+0x1234" without a symbol; the
 * text of a marker; "[damaged]" for NULL. Returns its length.
 */
size_t call_frame_name(const struct trace_file *file, const struct dz_frame *frame,
		       char name[static CALL_NAME_MAX]);

/* Path of the file that the code is from; empty if it is not known. */
struct trace_text call_frame_module(const struct trace_file *file, const struct dz_frame *frame);

/* The part of a path after the last slash. */
struct trace_text call_base_name(struct trace_text path);

#endif
