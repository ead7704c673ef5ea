/* flame/svg/layout.h - where the boxes of a picture are on the page */
#ifndef FLAME_SVG_LAYOUT_H
#define FLAME_SVG_LAYOUT_H
#include "flame/style/presentation.h"
#include "flame/tree/flame_graph.h"

#define LAYOUT_MARGIN 10u
/* In tenths of a pixel: what is narrower is not drawn by itself. */
#define LAYOUT_NARROWEST 5u
/* And a level where everything together is narrower has no row. */
#define LAYOUT_LEVEL_MIN 10u

/* In tenths of a pixel, so that neighbours share an edge exactly. */
struct layout_span {
	uint64_t left;
	uint64_t width;
};

struct layout {
	uint64_t whole;        /* weight of the full width */
	uint64_t tenths;       /* the full width in tenths of a pixel */
	unsigned frame_height; /* px */
	unsigned top;          /* px; of the rows */
	unsigned levels;       /* that have anything to see; with the root */
	unsigned callers;      /* the same on the callers' side, without the root */
	unsigned rows;
	unsigned root_row;
	bool inverted;
};

/* The rows and widths of a picture whose first row begins `top` px from the upper edge. */
struct layout layout_make(const struct flame_graph *graph, const struct presentation *presentation,
			  unsigned top);

/* Both edges are rounded, so that the widths of children add up to the parent's. */
struct layout_span layout_span(const struct layout *layout, uint64_t start, uint64_t width);

/* False for a level where even everything together is too narrow to be seen. */
bool layout_shows(const struct layout *layout, enum flame_graph_part part, uint32_t level);

/* The upper edge of a level that is shown, px. */
unsigned layout_y(const struct layout *layout, enum flame_graph_part part, uint32_t level);

/* The lower edge of all rows, px. */
unsigned layout_bottom(const struct layout *layout);
#endif
