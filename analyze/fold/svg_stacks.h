/* analyze/fold/svg_stacks.h - the stacks in a flame graph of diag-flame */
#ifndef ANALYZE_FOLD_SVG_STACKS_H
#define ANALYZE_FOLD_SVG_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum svg_stacks_status {
	SVG_STACKS_OK,
	SVG_STACKS_STOPPED,   /* the sink returned false */
	SVG_STACKS_FOREIGN,   /* not a flame graph of diag-flame */
	SVG_STACKS_VERSION,   /* picture data of another version */
	SVG_STACKS_DAMAGED,   /* its data is invalid */
	SVG_STACKS_TOO_LARGE, /* exceeds a limit of names, levels or frames */
	SVG_STACKS_NO_MEMORY, /* an allocation failed */
};

/* Returns the phrase for a message, such as "out of memory". Static. */
const char *svg_stacks_status_text(enum svg_stacks_status status);

/* The type that the picture gives a name, in the order of docs/diag-flame.1.md, PICTURE DATA. */
enum svg_frame_type {
	SVG_FRAME_USER,
	SVG_FRAME_LIBRARY,
	SVG_FRAME_KERNEL,
	SVG_FRAME_JIT,
	SVG_FRAME_INLINED,
	SVG_FRAME_GROUP,
	SVG_FRAME_UNKNOWN,
	SVG_FRAME_LOST,
	SVG_FRAME_TYPES, /* not given, as of merged frames */
};

struct svg_frame {
	const char *name; /* valid UTF-8 without control characters */
	enum svg_frame_type type;
};

/* A path with its self weight. Everything is valid during the call only. */
struct svg_stack {
	const struct svg_frame *frames; /* the root first */
	size_t count;                   /* at least 1 */
	uint64_t weight;                /* in units of 10 to the power of -decimals */
	uint64_t old_weight;            /* of a difference */
	unsigned decimals;              /* 0 to 9 */
	bool is_diff;
	const char *unit; /* of the weights; "" if the flame graph has none that is plain text */
};

/* Receives the stacks. `stack` returns false to stop. */
struct svg_stacks_sink {
	void *context;
	bool (*stack)(void *context, const struct svg_stack *stack);
};

/* Whether a file that starts with these bytes, at least 6, is an SVG. */
bool svg_stacks_recognizes(const void *bytes, size_t size);

/*
 * Finds the picture data (text/svg_data_format.h) in the untrusted text of a flame graph, and
 * passes every stack to the sink, in the order of the boxes. Merged frames are passed as one last
 * frame
 * `[N merged frames]`, so that the weights add up to the total. On failure, some of the stacks can
 * have been passed already.
 */
enum svg_stacks_status svg_stacks_run(const char *text, size_t size,
				      const struct svg_stacks_sink *sink);

#endif
