/* analyze/fold/frame_names.h - the names of frames, made once for each frame */
#ifndef ANALYZE_FOLD_FRAME_NAMES_H
#define ANALYZE_FOLD_FRAME_NAMES_H

#include <stdbool.h>

#include "analyze/trace/trace.h"

struct frame_names;

/* False without memory. */
bool frame_names_new(struct frame_names **ret_names);

/*
 * The name as call_frame_name() makes it, not escaped. `frame` is of an open trace and may be NULL.
 * Writes *ret_name, which lives as long as `names`; false without memory.
 */
bool frame_names_find(struct frame_names *names, const struct trace_file *file,
		      const struct dz_frame *frame, struct trace_text *ret_name);

/* NULL is allowed. */
void frame_names_free(struct frame_names *names);

#endif
