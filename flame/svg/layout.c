/* flame/svg/layout.c - positions of boxes on the page */
#include "flame/svg/layout.h"

#include "base/wide.h"

/* Returns the number of levels from the root up to the last one that is wide enough. */
static unsigned visible_levels(const struct flame_graph_levels *levels, const struct layout *layout)
{
	size_t count = levels->count;

	while (count > 1 && wide_less(wide_multiply(levels->widths[count - 1], layout->tenths),
				      wide_multiply(layout->whole, LAYOUT_LEVEL_MIN)))
		count--;
	return (unsigned)count;
}

struct layout layout_make(const struct flame_graph *graph, const struct presentation *presentation,
			  unsigned top)
{
	struct layout layout = {
		.whole = graph->width ? graph->width : 1,
		.tenths = ((uint64_t)presentation->width - 2 * LAYOUT_MARGIN) * 10,
		.frame_height = presentation->frame_height,
		.top = top,
		.inverted = presentation->inverted,
	};

	layout.levels = visible_levels(&graph->main, &layout);
	layout.callers = visible_levels(&graph->callers, &layout);
	/* Both sides have the same root. */
	if (layout.callers > 0)
		layout.callers--;
	layout.rows = layout.levels + layout.callers;
	layout.root_row = layout.inverted ? layout.callers : layout.levels - 1;
	return layout;
}

bool layout_shows(const struct layout *layout, enum flame_graph_part part, uint32_t level)
{
	return part == PART_CALLERS ? level <= layout->callers : level < layout->levels;
}

static uint64_t edge(const struct layout *layout, uint64_t weight)
{
	return wide_scale_rounded(weight, layout->tenths, layout->whole);
}

struct layout_span layout_span(const struct layout *layout, uint64_t start, uint64_t width)
{
	uint64_t left = edge(layout, start);

	return (struct layout_span){.left = left, .width = edge(layout, start + width) - left};
}

unsigned layout_y(const struct layout *layout, enum flame_graph_part part, uint32_t level)
{
	bool down = layout->inverted == (part != PART_CALLERS);
	unsigned row = down ? layout->root_row + level : layout->root_row - level;

	return layout->top + row * layout->frame_height;
}

unsigned layout_bottom(const struct layout *layout)
{
	return layout->top + layout->rows * layout->frame_height;
}
