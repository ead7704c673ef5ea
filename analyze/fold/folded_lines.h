/* analyze/fold/folded_lines.h - stacks as lines of text, equal ones added up: a;b;c 12 */
#ifndef ANALYZE_FOLD_FOLDED_LINES_H
#define ANALYZE_FOLD_FOLDED_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/fold/fold.h"

struct folded_lines;

/* With `annotate`, kernel, inlined and JIT frames get the suffixes _[k], _[i] and _[j]. Returns
 * false on allocation failure. */
bool folded_lines_new(bool annotate, struct folded_lines **ret_lines);

/* Adds a stack. Names are escaped so that a frame stays one frame and a stack one line. Returns
 * false on allocation failure. */
bool folded_lines_add(struct folded_lines *lines, const struct fold_stack *stack);

/* Returns the sum of the weights of stacks with the text of the one that was added last. */
uint64_t *folded_lines_sum(struct folded_lines *lines);

/* Returns the bytes of all different lines. */
uint64_t folded_lines_kept(const struct folded_lines *lines);

/* Writes the lines in the order of their bytes. Write errors are in the stream. */
void folded_lines_write(const struct folded_lines *lines, FILE *out);

/* Frees everything. NULL is allowed. */
void folded_lines_free(struct folded_lines *lines);

#endif
