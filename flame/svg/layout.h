/* flame/svg/layout.h - positions of boxes on the page */
#ifndef FLAME_SVG_LAYOUT_H
#define FLAME_SVG_LAYOUT_H
#include "flame/style/presentation.h"
#include "flame/tree/flame_graph.h"

#define LAYOUT_MARGIN 10u
/* Narrower boxes are not drawn one by one, tenths of a pixel. */
#define LAYOUT_NARROWEST 5u
/* Levels that are narrower in total have no row, tenths of a pixel. */
#define LAYOUT_LEVEL_MIN 10u

/* In tenths of a pixel, so that neighbours share their edge exactly. */
struct layout_span {
	uint64_t left;
	uint64_t width;
};

struct layout {
	uint64_t whole;        /* weight that has the full width */
	uint64_t tenths;       /* full width, tenths of a pixel */
	unsigned frame_height; /* px */
	unsigned top;          /* upper edge of the first row, px */
	unsigned levels;       /* levels that have a row, with the root */
	unsigned callers;      /* the same on the side of the callers, without the root */
	unsigned rows;
	unsigned root_row;
	bool inverted;
};

/* Returns the rows and widths of a flame graph whose first row is `top` px from the upper edge. */
struct layout layout_make(const struct flame_graph *graph, const struct presentation *presentation,
			  unsigned top);

/* Returns the place of a box. Both edges are rounded, so that the widths of children add up to that
 * of the parent. */
struct layout_span layout_span(const struct layout *layout, uint64_t start, uint64_t width);

/* Whether a level has a row. */
bool layout_shows(const struct layout *layout, enum flame_graph_part part, uint32_t level);

/* Returns the upper edge of a level that has a row, px. */
unsigned layout_y(const struct layout *layout, enum flame_graph_part part, uint32_t level);

/* Returns the lower edge of the last row, px. */
unsigned layout_bottom(const struct layout *layout);
#endif
