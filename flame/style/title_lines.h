/* flame/style/title_lines.h - lines under the title of a flame graph */
#ifndef FLAME_STYLE_TITLE_LINES_H
#define FLAME_STYLE_TITLE_LINES_H
#include <stdbool.h>
#include <stddef.h>

#include "flame/style/amount.h"
#include "flame/tree/view.h"

#define TITLE_LINES_MAX 12u

/* Lines of clean text (text/escape.h, style terminal). Initialize with {0}. */
struct title_lines {
	char *lines[TITLE_LINES_MAX];
	size_t count;
};

/* Formats and adds a line, and escapes it. Beyond TITLE_LINES_MAX, does nothing. Returns false on
 * allocation failure. */
bool title_lines_add(struct title_lines *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Adds one line: the total in its unit, the number of functions, and the shares of stacks that are
 * lost, truncated or have no symbols. `samples` is the number of samples, if the weights are of
 * another unit, such as cycles; 0: the weights are all that is known. For a difference, the line
 * says by how much the totals differ. Returns false on allocation failure.
 */
bool title_lines_add_totals(struct title_lines *lines, const struct view *view,
			    const struct amount_scale *scale, uint64_t samples);

/* Frees the lines. Can be called again, and for zeroed lines. */
void title_lines_release(struct title_lines *lines);
#endif
