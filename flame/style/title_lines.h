/* flame/style/title_lines.h - the lines under a picture's title that say what it is of */
#ifndef FLAME_STYLE_TITLE_LINES_H
#define FLAME_STYLE_TITLE_LINES_H
#include <stdbool.h>
#include <stddef.h>

#include "flame/style/amount.h"
#include "flame/tree/view.h"

#define TITLE_LINES_MAX 12u

/* Lines of clean text (text/escape.h, style terminal). All zero is empty. */
struct title_lines {
	char *lines[TITLE_LINES_MAX];
	size_t count;
};

/* Adds a line; any bytes are cleaned. False without memory; further than FACTS_MAX is dropped. */
bool title_lines_add(struct title_lines *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Totals, how many stacks and functions, what is lost and unknown. */
bool title_lines_add_totals(struct title_lines *lines, const struct view *view,
			    const struct amount_scale *scale);

/* Frees the lines; there are none after it. */
void title_lines_release(struct title_lines *lines);
#endif
