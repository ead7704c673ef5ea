/* analyze/fold/frame_names.h - the names of frames, formatted once for each frame */
#ifndef ANALYZE_FOLD_FRAME_NAMES_H
#define ANALYZE_FOLD_FRAME_NAMES_H

#include <stdbool.h>

#include "analyze/trace/trace.h"

struct frame_names;

/* Returns false on allocation failure. */
bool frame_names_new(struct frame_names **ret_names);

/*
 * Sets *ret_name to the name that call_frame_name() formats, not escaped, valid until
 * frame_names_trim(). `frame` is of an open trace, or NULL. Returns false on allocation failure.
 */
bool frame_names_find(struct frame_names *names, const struct trace_file *file,
		      const struct dz_frame *frame, struct trace_text *ret_name);

/* Forgets the names if there are many. Those that were returned before are no longer valid. */
void frame_names_trim(struct frame_names *names);

/* Frees everything. NULL is allowed. */
void frame_names_free(struct frame_names *names);

#endif
