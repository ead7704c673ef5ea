/* flame/style/presentation.h - the properties of a flame graph that are not in its tree */
#ifndef FLAME_STYLE_PRESENTATION_H
#define FLAME_STYLE_PRESENTATION_H
#include <stdbool.h>
#include <stddef.h>

#include "flame/style/amount.h"
#include "flame/style/colour.h"

/*
 * Every text is valid UTF-8 without control characters (text/escape.h, style terminal). It can be
 * any text of a trace or the command line: escape it. All texts are borrowed.
 */
struct presentation {
	const char *title;
	const char *subtitle;     /* or NULL */
	const char *notes;        /* or NULL; stored in the data, not drawn */
	const char *summary;      /* the total, "1,234 samples, 6.85 M cycles; 56 functions" */
	char *const *title_lines; /* details, such as host and kernel; shown on request */
	size_t title_line_count;
	const char *root_name; /* "all", or the function in focus */
	const char *name_type; /* the word for a frame, "Function" */
	const char *view;      /* SVG_DATA_VIEW_* (text/svg_data_format.h) */
	struct amount_scale scale;
	unsigned weight_decimals; /* of the weights in the tree, without scale.factor */
	const struct colour_palette *palette;
	const char *font_type;     /* safe in a style sheet */
	const char *background;    /* safe in a style sheet, or NULL */
	const char *search_colour; /* safe in a style sheet */
	const char *stroke_colour; /* the same, or NULL */
	double font_size;          /* px */
	double font_width;         /* of a character, relative to font_size */
	unsigned width;            /* px */
	unsigned frame_height;     /* px */
	bool fluid;                /* the script changes the width to that of the window */
	bool inverted;             /* the root is at the top */
	bool negate;               /* swap the two colours of a difference */
	bool script;               /* include the script */
};
#endif
