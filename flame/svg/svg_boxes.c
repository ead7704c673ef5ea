/* flame/svg/svg_boxes.c - the boxes of a flame graph, as shapes */
#include "flame/svg/svg_boxes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flame/svg/label.h"
#include "flame/svg/svg_element.h"
#include "flame/tree/frame_type.h"

#define TITLE_BYTES_MAX 1000u /* of a name in a tooltip; the data has the whole name */

/* How a box is drawn. Boxes without a label are joined into one path for each class. */
enum ink {
	INK_NONE,
	INK_PATH, /* too narrow for a label */
	INK_HATCHED,
	INK_LABELLED,
};

static const struct name *name_of(const struct svg_drawing *drawing, const struct box *box)
{
	return &drawing->graph->table->items[box->name];
}

static const char *box_text(const struct svg_drawing *drawing, const struct box *box)
{
	if (box->name != FLAME_GRAPH_NO_NAME)
		return name_of(drawing, box)->text;
	return box->part == PART_GONE ? "[only in the old input]"
				      : drawing->presentation->root_name;
}

static unsigned box_class(const struct svg_drawing *drawing, const struct box *box)
{
	if (drawing->diff)
		return colour_delta_class(box->old, box->total, drawing->largest_change,
					  drawing->presentation->negate);
	if (box->name == FLAME_GRAPH_NO_NAME)
		return (FRAME_TYPE_GROUP - 1) * COLOUR_SHADES;
	return svg_data_class(drawing->data, drawing->presentation, name_of(drawing, box));
}

static struct colour_name class_name(const struct svg_drawing *drawing, unsigned class)
{
	return drawing->diff ? colour_delta_name(class) : colour_class_name(class);
}

static void put_tenths(FILE *stream, uint64_t tenths)
{
	if (tenths % 10 == 0)
		fprintf(stream, "%" PRIu64, tenths / 10);
	else
		fprintf(stream, "%" PRIu64 ".%u", tenths / 10, (unsigned)(tenths % 10));
}

/* Wide boxes leave a gap of half a pixel to their neighbour. */
static uint64_t inked(uint64_t tenths)
{
	return tenths > 30 ? tenths - 5 : tenths;
}

static void put_path_box(const struct svg_drawing *drawing, struct layout_span span, unsigned y)
{
	FILE *stream = drawing->stream;
	unsigned height = drawing->layout.frame_height - 1;

	fputc('M', stream);
	put_tenths(stream, span.left + LAYOUT_MARGIN * 10);
	fprintf(stream, " %uh", y);
	put_tenths(stream, inked(span.width));
	fprintf(stream, "v%uh-", height);
	put_tenths(stream, inked(span.width));
	fputc('z', stream);
}

static size_t label_columns(const struct svg_drawing *drawing, struct layout_span span)
{
	double column = drawing->presentation->font_size * drawing->presentation->font_width;
	double room = (double)span.width / 10 - 5;

	return room > 0 ? (size_t)(room / column) : 0;
}

/* Writes "12,345 samples, 12.34%", and for a difference the old weight and the change. */
static void put_amount(const struct svg_drawing *drawing, const struct box *box)
{
	const struct amount_scale *scale = &drawing->presentation->scale;
	FILE *stream = drawing->stream;

	fprintf(stream, "%s ", amount_exact(box->total, scale).text);
	svg_put_text(stream, scale->unit);
	fprintf(stream, ", %s%%", amount_percent(box->total, drawing->graph->total).text);
	if (drawing->diff) {
		bool grew = box->total >= box->old;

		fprintf(stream, "; %s before, %s%s", amount_exact(box->old, scale).text,
			grew ? "+" : "-",
			amount_exact(grew ? box->total - box->old : box->old - box->total, scale)
				.text);
	}
}

/* Writes nothing for an empty label. */
static void put_label(const struct svg_drawing *drawing, struct layout_span span, unsigned y,
		      const char *label)
{
	FILE *stream = drawing->stream;

	if (!label[0])
		return;
	fputs("<text x=\"", stream);
	put_tenths(stream, span.left + LAYOUT_MARGIN * 10 + 25);
	fprintf(stream, "\" y=\"%u\">", y);
	svg_put_text(stream, label);
	fputs("</text>", stream);
}

static void put_labelled_box(const struct svg_drawing *drawing, size_t index)
{
	const struct box *box = &drawing->graph->boxes[index];
	const struct svg_placed *placed = &drawing->placed[index];
	const char *text = box_text(drawing, box);
	unsigned y = layout_y(&drawing->layout, box->part, box->level);
	unsigned height = drawing->layout.frame_height - 1;
	char label[LABEL_BYTES_MAX];
	FILE *stream = drawing->stream;

	label_fit(text, strlen(text), label_columns(drawing, placed->span), label);
	fputs("<g><title>", stream);
	svg_put_truncated(stream, text, frame_type_trim_suffix(text, strlen(text)),
			  TITLE_BYTES_MAX);
	fputs(" (", stream);
	put_amount(drawing, box);
	fprintf(stream, ")</title><rect class=\"%s\" x=\"",
		box->part == PART_GONE ? "v" : class_name(drawing, placed->class).text);
	put_tenths(stream, placed->span.left + LAYOUT_MARGIN * 10);
	fprintf(stream, "\" y=\"%u\" width=\"", y);
	put_tenths(stream, inked(placed->span.width));
	fprintf(stream, "\" height=\"%u\"/>", height);
	put_label(drawing, placed->span, y + height - 4, label);
	fputs("</g>\n", stream);
}

/* Both parts have the same root; it is drawn once. */
static bool is_drawn_twice(const struct flame_graph *graph, size_t index)
{
	return index > 0 && index == graph->part_start[PART_CALLERS];
}

static enum ink choose_ink(const struct svg_drawing *drawing, size_t index, struct layout_span span)
{
	const struct box *box = &drawing->graph->boxes[index];

	/* A level without a row can have boxes that are just wide enough. */
	if (span.width < LAYOUT_NARROWEST || is_drawn_twice(drawing->graph, index) ||
	    !layout_shows(&drawing->layout, box->part, box->level))
		return INK_NONE;
	if (label_columns(drawing, span) >= LABEL_COLUMNS_MIN)
		return INK_LABELLED;
	return box->part == PART_GONE ? INK_HATCHED : INK_PATH;
}

static bool place_boxes(struct svg_drawing *drawing)
{
	const struct flame_graph *graph = drawing->graph;

	drawing->placed = calloc(graph->count, sizeof(*drawing->placed));
	for (size_t i = 0; i < graph->count && drawing->placed; i++) {
		const struct box *box = &graph->boxes[i];
		struct layout_span span = layout_span(&drawing->layout, box->start, box->width);

		drawing->placed[i] = (struct svg_placed){
			.span = span,
			.class = (uint8_t)box_class(drawing, box),
			.ink = (uint8_t)choose_ink(drawing, i, span),
		};
	}
	return drawing->placed;
}

static void draw_paths(const struct svg_drawing *drawing, unsigned class, enum ink ink)
{
	const struct flame_graph *graph = drawing->graph;
	bool open = false;

	for (size_t i = 0; i < graph->count; i++) {
		const struct box *box = &graph->boxes[i];

		if (drawing->placed[i].ink != ink ||
		    (ink == INK_PATH && drawing->placed[i].class != class))
			continue;
		if (!open)
			fprintf(drawing->stream, "<path class=\"%s\" d=\"",
				ink == INK_HATCHED ? "v" : class_name(drawing, class).text);
		open = true;
		put_path_box(drawing, drawing->placed[i].span,
			     layout_y(&drawing->layout, box->part, box->level));
	}
	if (open)
		fputs("\"/>\n", drawing->stream);
}

static unsigned row_of(const struct svg_drawing *drawing, enum flame_graph_part part,
		       uint32_t level)
{
	return (layout_y(&drawing->layout, part, level) - drawing->layout.top) /
	       drawing->layout.frame_height;
}

static bool collect(struct svg_drawing *drawing, const struct box *box, uint32_t above,
		    uint64_t start, uint64_t width)
{
	double scale = (double)drawing->layout.tenths / 10 / (double)drawing->layout.whole;

	if (!layout_shows(&drawing->layout, box->part, box->level + above))
		return true;
	return subpixel_add(&drawing->subpixel, row_of(drawing, box->part, box->level + above),
			    (double)start * scale, (double)(start + width) * scale);
}

/* Collects the boxes and merged frames that are too narrow to draw. */
static bool collect_narrow(struct svg_drawing *drawing)
{
	const struct flame_graph *graph = drawing->graph;

	for (size_t i = 0; i < graph->count; i++) {
		const struct box *box = &graph->boxes[i];

		if (drawing->placed[i].span.width < LAYOUT_NARROWEST &&
		    !collect(drawing, box, 0, box->start, box->width))
			return false;
		for (uint32_t level = 0; level < box->hidden_levels; level++) {
			uint64_t width = graph->hidden[box->hidden_at + level];

			if (layout_span(&drawing->layout, box->hidden_start, width).width <
				    LAYOUT_NARROWEST &&
			    !collect(drawing, box, level + 1, box->hidden_start, width))
				return false;
		}
	}
	return true;
}

/* Writes the runs of a row as one thick dashed line, which is much shorter than boxes. */
static void draw_subpixels_row(const struct svg_drawing *drawing, unsigned row)
{
	const struct layout *layout = &drawing->layout;
	double middle = layout->top + row * layout->frame_height + (layout->frame_height - 1) / 2.0;
	unsigned pen = 0;
	unsigned at = 0;
	double carry = 0;
	bool moved = false;
	struct subpixel_run run;

	while (subpixel_next(&drawing->subpixel, row, &at, &carry, &run)) {
		if (!moved)
			fprintf(drawing->stream, "M%u %gh%u", LAYOUT_MARGIN + run.first, middle,
				run.count);
		else
			fprintf(drawing->stream, "m%u 0h%u", run.first - pen, run.count);
		moved = true;
		pen = run.first + run.count;
	}
}

static void draw_subpixels(const struct svg_drawing *drawing)
{
	fprintf(drawing->stream, "<path class=\"z\" stroke-width=\"%u\" d=\"",
		drawing->layout.frame_height - 1);
	for (unsigned row = 0; row < drawing->layout.rows; row++)
		draw_subpixels_row(drawing, row);
	fputs("\"/>\n", drawing->stream);
}

static bool draw_hidden_of(const struct svg_drawing *drawing, const struct box *box, bool open)
{
	for (uint32_t level = 0; level < box->hidden_levels; level++) {
		uint64_t width = drawing->graph->hidden[box->hidden_at + level];
		struct layout_span span = layout_span(&drawing->layout, box->hidden_start, width);

		if (span.width < LAYOUT_NARROWEST ||
		    !layout_shows(&drawing->layout, box->part, box->level + level + 1))
			break;
		if (!open)
			fprintf(drawing->stream, "<path class=\"%s\" d=\"", SVG_HIDDEN_CLASS);
		open = true;
		put_path_box(drawing, span,
			     layout_y(&drawing->layout, box->part, box->level + level + 1));
	}
	return open;
}

/* One grey shape for each parent, at every level as wide as the frames merged there. */
static void draw_hidden(const struct svg_drawing *drawing)
{
	bool open = false;

	for (size_t i = 0; i < drawing->graph->count; i++)
		open = draw_hidden_of(drawing, &drawing->graph->boxes[i], open);
	if (open)
		fputs("\"><title>Merged frames, too narrow to draw</title></path>\n",
		      drawing->stream);
}

void svg_boxes_draw(const struct svg_drawing *drawing)
{
	fputs("<g id=\"frames\" class=\"f\">\n", drawing->stream);
	draw_subpixels(drawing);
	draw_hidden(drawing);
	for (unsigned class = 0; class < COLOUR_CLASSES; class ++)
		draw_paths(drawing, class, INK_PATH);
	draw_paths(drawing, 0, INK_HATCHED);
	for (size_t i = 0; i < drawing->graph->count; i++)
		if (drawing->placed[i].ink == INK_LABELLED)
			put_labelled_box(drawing, i);
	fputs("</g>\n", drawing->stream);
}

bool svg_boxes_place(struct svg_drawing *drawing)
{
	unsigned width = (unsigned)(drawing->layout.tenths / 10);

	return place_boxes(drawing) &&
	       subpixel_open(&drawing->subpixel, drawing->layout.rows, width) &&
	       collect_narrow(drawing);
}

void svg_boxes_release(struct svg_drawing *drawing)
{
	free(drawing->placed);
	subpixel_close(&drawing->subpixel);
}
