/* flame/extract.h - the folded stacks that a picture of diag-flame holds */
#ifndef FLAME_EXTRACT_H
#define FLAME_EXTRACT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flame/status.h"

/* One path with the weight of its own. Everything is valid during the call only. */
struct extract_stack {
	const char *const *names; /* root first; terminated, valid UTF-8, no control characters */
	size_t count;             /* at least 1 */
	uint64_t weight;          /* in units of 10 to the power of -decimals */
	uint64_t old_weight;      /* of a difference */
	unsigned decimals;
	bool is_diff;
};

/* False stops. */
struct extract_sink {
	void *context;
	bool (*stack)(void *context, const struct extract_stack *stack);
};

/*
 * Finds the data in the text of a picture, which may be hostile, and passes every stack on. What
 * the picture merges comes as one last frame `[N merged frames]`, so that the weights add up to the
 * total. FLAME_FORMAT if it is no picture of diag-flame or damaged; then part of the stacks may
 * have been passed on. FLAME_EMPTY if the sink stopped.
 */
enum flame_status extract_run(const char *text, size_t size, const struct extract_sink *sink);
#endif
