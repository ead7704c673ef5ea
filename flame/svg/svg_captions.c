/* flame/svg/svg_captions.c - the text above and below the boxes of a flame graph */
#include "flame/svg/svg_captions.h"

#include <inttypes.h>
#include <string.h>

#include "flame/svg/label.h"
#include "flame/svg/svg_element.h"
#include "flame/tree/frame_type.h"
#include "flame/tree/ranking.h"
#include "text/quantity.h"

#define LINE_HEIGHT     15u
#define TABLE_ROWS      20u
#define TABLE_ROW       16u
#define LEGEND_HEIGHT   22u
#define GROUP_BYTES_MAX 24u

unsigned svg_captions_head_height(const struct presentation *presentation)
{
	return 34 + (presentation->subtitle ? 18u : 0u) +
	       (presentation->summary ? LINE_HEIGHT : 0u) + LEGEND_HEIGHT;
}

static void draw_lines(const struct svg_drawing *drawing)
{
	const struct presentation *presentation = drawing->presentation;
	unsigned y = 26;

	fputs("<g id=\"head\">\n", drawing->stream);
	svg_put_line(drawing->stream, "title", LAYOUT_MARGIN, y, presentation->title);
	if (presentation->subtitle)
		svg_put_line(drawing->stream, "subtitle", LAYOUT_MARGIN, y += 18,
			     presentation->subtitle);
	if (presentation->summary)
		svg_put_line(drawing->stream, "note", LAYOUT_MARGIN, y + 2 + LINE_HEIGHT,
			     presentation->summary);
	fputs("</g>\n", drawing->stream);
}

static unsigned put_swatch(FILE *stream, const char *class, unsigned x, unsigned y,
			   const char *text)
{
	fprintf(stream,
		"<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"11\" height=\"11\" rx=\"2\"/>", class,
		x, y - 10);
	svg_put_line(stream, "note", x + 15, y, text);
	return x + 15 + 7 * (unsigned)strlen(text) + 14;
}

static void find_types(const struct flame_graph *graph, bool used[FRAME_TYPE_COUNT])
{
	for (size_t i = 0; i < graph->count; i++)
		if (graph->boxes[i].name != FLAME_GRAPH_NO_NAME)
			used[graph->table->items[graph->boxes[i].name].type] = true;
}

static unsigned put_groups(const struct svg_drawing *drawing, const struct colour_groups *groups,
			   unsigned x, unsigned y)
{
	const unsigned first = ((unsigned)groups->type - 1) * COLOUR_SHADES;
	char text[GROUP_BYTES_MAX + 1];

	for (unsigned i = 0; i < groups->count; i++) {
		size_t size = groups->sizes[i];

		if (size > GROUP_BYTES_MAX)
			for (size = GROUP_BYTES_MAX;
			     size > 0 && ((unsigned char)groups->texts[i][size] & 0xc0) == 0x80;)
				size--;
		memcpy(text, groups->texts[i], size);
		text[size] = '\0';
		x = put_swatch(drawing->stream, colour_class_name(first + i).text, x, y, text);
	}
	return put_swatch(drawing->stream, colour_class_name(first + COLOUR_GROUPS_MAX).text, x, y,
			  "others");
}

static void draw_type_legend(const struct svg_drawing *drawing, unsigned x, unsigned y)
{
	const struct colour_groups *groups = svg_data_groups(drawing->data, drawing->presentation);
	bool used[FRAME_TYPE_COUNT] = {false};

	find_types(drawing->graph, used);
	if (groups) {
		used[groups->type] = false;
		x = put_groups(drawing, groups, x, y);
	}
	for (unsigned type = FRAME_TYPE_USER; type < FRAME_TYPE_COUNT; type++) {
		unsigned class = (type - 1) * COLOUR_SHADES + COLOUR_SHADES / 2;

		if (used[type])
			x = put_swatch(drawing->stream, colour_class_name(class).text, x, y,
				       frame_type_text(type));
	}
	if (drawing->graph->merged_frames > 0)
		put_swatch(drawing->stream, SVG_HIDDEN_CLASS, x, y, "merged");
}

static void draw_diff_legend(const struct svg_drawing *drawing, unsigned x, unsigned y)
{
	bool negate = drawing->presentation->negate;
	FILE *stream = drawing->stream;

	x = put_swatch(stream, negate ? "d12" : "d0", x, y, "less than before");
	x = put_swatch(stream, "d6", x, y, "unchanged");
	x = put_swatch(stream, negate ? "d0" : "d12", x, y, "more than before");
	if (drawing->graph->part_start[PART_GONE] < drawing->graph->part_start[PART_CALLERS])
		x = put_swatch(stream, "v", x, y, "only before");
	if (drawing->graph->merged_frames > 0)
		put_swatch(stream, SVG_HIDDEN_CLASS, x, y, "merged");
}

static void draw_legend(const struct svg_drawing *drawing)
{
	unsigned y = drawing->layout.top - 8;

	fputs("<g id=\"legend\">\n", drawing->stream);
	if (drawing->diff)
		draw_diff_legend(drawing, LAYOUT_MARGIN, y);
	else
		draw_type_legend(drawing, LAYOUT_MARGIN, y);
	fputs("</g>\n", drawing->stream);
}

void svg_captions_draw_head(const struct svg_drawing *drawing)
{
	draw_lines(drawing);
	draw_legend(drawing);
}

static void put_cell(FILE *stream, const char *class, unsigned x, unsigned y, const char *text)
{
	fprintf(stream, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, x, y);
	svg_put_text(stream, text);
	fputs("</text>", stream);
}

/* Draws one of the two tables: percentage with a bar, weight, name. */
static void draw_ranking(const struct svg_drawing *drawing, bool by_total, unsigned x, unsigned y)
{
	const struct presentation *presentation = drawing->presentation;
	const struct name_table *table = drawing->graph->table;
	unsigned width = (presentation->width - 2 * LAYOUT_MARGIN - 20) / 2;
	double column = presentation->font_size * presentation->font_width;
	uint32_t ids[TABLE_ROWS];
	size_t count = ranking_make(table, by_total, TABLE_ROWS, ids);
	uint64_t longest = 0;

	put_cell(drawing->stream, "heading", x, y,
		 by_total ? "Top functions with their callees (total)"
			  : "Top functions without their callees (self)");
	for (size_t i = 0; i < count; i++) {
		const struct name *name = &table->items[ids[i]];
		uint64_t weight = by_total ? name->total[SIDE_NEW] : name->self[SIDE_NEW];

		if (i == 0)
			longest = weight;
		char label[LABEL_BYTES_MAX];

		y += TABLE_ROW;
		fprintf(drawing->stream,
			"\n<rect class=\"bar\" x=\"%u\" y=\"%u\" width=\"%" PRIu64
			"\" height=\"13\"/>",
			x, y - 10, amount_share(weight, longest) * 60 / 10000);
		put_cell(drawing->stream, "number", x + 58, y,
			 amount_percent(weight, drawing->graph->total).text);
		put_cell(drawing->stream, "number", x + 160, y,
			 amount_short(weight, &presentation->scale).text);
		label_fit(name->text, name->size, (size_t)((width - 172) / column), label);
		put_cell(drawing->stream, "cell", x + 172, y, label);
	}
	fputc('\n', drawing->stream);
}

static unsigned count_rows(const struct flame_graph *graph)
{
	uint32_t ids[TABLE_ROWS];
	size_t by_self = ranking_make(graph->table, false, TABLE_ROWS, ids);
	size_t by_total = ranking_make(graph->table, true, TABLE_ROWS, ids);

	return (unsigned)(by_self > by_total ? by_self : by_total);
}

void svg_captions_draw_foot(const struct svg_drawing *drawing)
{
	const struct presentation *presentation = drawing->presentation;
	const struct flame_graph *graph = drawing->graph;
	unsigned y = layout_bottom(&drawing->layout) + 20;
	char line[200];

	if (graph->merged_frames > 0)
		snprintf(line, sizeof(line),
			 "%s of %s frames are drawn; narrower ones are merged into the grey "
			 "shapes.%s",
			 quantity_exact(graph->frames - graph->merged_frames).text,
			 quantity_exact(graph->frames).text,
			 presentation->script ? " The script searches all of them." : "");
	else if (graph->frames == 1)
		snprintf(line, sizeof(line), "The only frame is drawn.");
	else
		snprintf(line, sizeof(line), "All %s frames are drawn.",
			 quantity_exact(graph->frames).text);
	fputs("<g id=\"foot\">\n", drawing->stream);
	svg_put_line(drawing->stream, "note", LAYOUT_MARGIN, y, line);
	draw_ranking(drawing, false, LAYOUT_MARGIN, y + 30);
	draw_ranking(drawing, true, presentation->width / 2 + 10, y + 30);
	y += 56 + TABLE_ROW * count_rows(graph);
	for (size_t i = 0; i < presentation->title_line_count; i++, y += LINE_HEIGHT)
		svg_put_line(drawing->stream, "note", LAYOUT_MARGIN, y,
			     presentation->title_lines[i]);
	fputs("</g>\n", drawing->stream);
}

unsigned svg_captions_foot_height(const struct flame_graph *graph,
				  const struct presentation *presentation)
{
	return 76 + TABLE_ROW * count_rows(graph) +
	       LINE_HEIGHT * (unsigned)presentation->title_line_count;
}
