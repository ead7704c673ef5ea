/* analyze/fold/svg_stacks.h - the folded stacks that a picture of diag-flame holds */
#ifndef ANALYZE_FOLD_SVG_STACKS_H
#define ANALYZE_FOLD_SVG_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum svg_stacks_status {
	SVG_STACKS_OK,
	SVG_STACKS_STOPPED,   /* by the sink */
	SVG_STACKS_FOREIGN,   /* not a flame graph of diag-flame */
	SVG_STACKS_VERSION,   /* picture data of another version */
	SVG_STACKS_DAMAGED,   /* what is in it contradicts itself */
	SVG_STACKS_TOO_LARGE, /* more names, levels or frames than are read */
	SVG_STACKS_NO_MEMORY,
};

/* A phrase for a message, such as "out of memory". */
const char *svg_stacks_status_text(enum svg_stacks_status status);

/* One path with the weight of its own. Everything is valid during the call only. */
struct svg_stack {
	const char *const *names; /* root first; terminated, valid UTF-8, no control characters */
	size_t count;             /* at least 1 */
	uint64_t weight;          /* in units of 10 to the power of -decimals */
	uint64_t old_weight;      /* of a difference */
	unsigned decimals;        /* 0 to 9 */
	bool is_diff;
};

/* False stops. */
struct svg_stacks_sink {
	void *context;
	bool (*stack)(void *context, const struct svg_stack *stack);
};

/* True if a file that begins with these bytes is an SVG; 6 of them are enough. */
bool svg_stacks_recognizes(const void *bytes, size_t size);

/*
 * Finds the data in the text of a picture, which may be hostile, and passes every stack on, in the
 * order of the picture. What the picture merges comes as one last frame `[N merged frames]`, so
 * that the weights add up to the total. On failure part of the stacks may have been passed on.
 */
enum svg_stacks_status svg_stacks_run(const char *text, size_t size,
				      const struct svg_stacks_sink *sink);

#endif
