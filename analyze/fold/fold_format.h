/* analyze/fold/fold_format.h - the formats of diag-fold: how stacks are collected and written */
#ifndef ANALYZE_FOLD_FOLD_FORMAT_H
#define ANALYZE_FOLD_FOLD_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/fold/fold.h"

/* How the stacks of one fold become a file. */
struct fold_format {
	const char *name;
	bool annotates; /* whether `annotate` changes the output */
	bool has_roots; /* otherwise each stack has a fixed root, so --roots has no effect */
	/* Returns the state that the other functions take, or NULL on allocation failure. */
	void *(*open)(enum fold_unit unit, bool annotate, FILE *out);
	/* As the functions of struct fold_sink. `sum` and `kept` can be NULL. */
	bool (*stack)(void *state, const struct fold_stack *stack);
	uint64_t *(*sum)(void *state);
	uint64_t (*kept)(void *state);
	/* Writes what stack() has not written. Returns false on allocation failure. Write errors
	 * are in the stream. NULL: stack() writes everything. */
	bool (*finish)(void *state, const struct fold_description *description, FILE *out);
	/* Frees the state. NULL is allowed. */
	void (*close)(void *state);
};

/* Returns the format with this name, or NULL. */
const struct fold_format *fold_format_find(const char *name);

/* Returns "folded, speedscope, ...", for messages. A static text. */
const char *fold_format_list(void);

#endif
