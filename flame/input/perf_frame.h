/* flame/input/perf_frame.h - one frame in the output of perf script */
#ifndef FLAME_INPUT_PERF_FRAME_H
#define FLAME_INPUT_PERF_FRAME_H
#include <stdbool.h>

#include "flame/input/input_line.h"
#include "flame/input/perf_layout.h"
#include "flame/tree/stack.h"

/* A frame whose texts borrow the line. */
struct perf_frame {
	struct input_line name;   /* without offset; empty: no symbol */
	struct input_line module; /* without ` (deleted)`; empty: not shown */
	enum frame_type type;
};

/* Parses a line with a frame. Returns false if it holds something else, such as a place in the
 * source, a branch stack or registers. */
bool perf_frame_parse(const struct perf_layout *layout, const struct input_line *line,
		      struct perf_frame *ret_frame);

/* Parses the frame at the end of a header, of outputs without call chains. `rest` is what follows
 * the last field. Returns false if there is none. */
bool perf_frame_parse_header(const struct perf_layout *layout, const struct input_line *rest,
			     struct perf_frame *ret_frame);

#endif
