/* flame/style/presentation.h - everything about a picture that is not in its tree */
#ifndef FLAME_STYLE_PRESENTATION_H
#define FLAME_STYLE_PRESENTATION_H
#include <stdbool.h>
#include <stddef.h>

#include "flame/style/amount.h"
#include "flame/style/colour.h"

/*
 * Every text is valid UTF-8 without control characters (text/escape.h, style terminal), but holds
 * whatever the trace or the command line held. `facts` are lines of small print under the title:
 * "start 2026-01-02 03:04:05 UTC, 60.0 s".
 */
struct presentation {
	const char *title;
	const char *subtitle; /* or NULL */
	const char *notes;    /* or NULL; kept in the data, not drawn */
	char *const *title_lines;
	size_t title_line_count;
	const char *root_name; /* "all", or the function in focus */
	const char *name_type; /* "Function" */
	const char *view;      /* "flame", "reverse", "chart", "focus", "diff" */
	struct amount_scale scale;
	unsigned weight_decimals; /* of the weights in the tree, without the scale's factor */
	const struct colour_palette *palette;
	const char *font_type;     /* checked: goes into the style sheet */
	const char *background[2]; /* light and dark; checked; or NULL */
	const char *search_colour; /* checked */
	const char *stroke_colour; /* checked; or NULL */
	double font_size;          /* px */
	double font_width;         /* of one character, in font sizes */
	unsigned width;            /* px */
	unsigned frame_height;     /* px */
	bool fluid;                /* the script fits it to the window */
	bool inverted;             /* the root on top */
	bool negate;               /* swaps the two colours of a difference */
	bool script;               /* put the script in */
};
#endif
