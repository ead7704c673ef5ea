/* flame/svg/svg.c - a flame graph as one SVG file, complete without its script */
#include "flame/svg/svg.h"

#include <string.h>

#include "flame/svg/embedded.h"
#include "flame/svg/svg_boxes.h"
#include "flame/svg/svg_captions.h"
#include "flame/svg/svg_element.h"
#include "text/page_style.h"
#include "text/svg_data_format.h"

static void write_style(const struct svg_drawing *drawing)
{
	const struct presentation *presentation = drawing->presentation;
	const struct colour_groups *groups = svg_data_groups(drawing->data, presentation);
	FILE *stream = drawing->stream;

	fputs("<style>", stream);
	fwrite(page_style, 1, page_style_size, stream);
	fwrite(embedded_style, 1, embedded_style_size, stream);
	fprintf(stream, ".f text,.cell,.number{font:%gpx %s}\n", presentation->font_size,
		presentation->font_type);
	colour_write_css(stream, presentation->palette, drawing->diff);
	if (groups)
		colour_write_group_css(stream, groups->type);
	fprintf(stream, ".m{fill:%s}\n", presentation->search_colour);
	if (presentation->stroke_colour)
		fprintf(stream, ".f path,.f rect{stroke:%s;stroke-width:.5}\n",
			presentation->stroke_colour);
	if (presentation->background)
		fprintf(stream, "svg,.page{background:%s}.page{fill:%s}\n",
			presentation->background, presentation->background);
	fputs("</style>\n", stream);
}

static void write_start(FILE *stream, unsigned width, unsigned height, const char *title)
{
	fprintf(stream,
		SVG_START
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%u\" "
		"height=\"%u\" "
		"viewBox=\"0 0 %u %u\" role=\"img\" aria-labelledby=\"name\">\n<title id=\"name\">",
		width, height, width, height);
	svg_put_text(stream, title);
	fputs("</title>\n", stream);
}

bool svg_recognizes(const char *start, size_t size)
{
	return size >= SVG_START_BYTES && memcmp(start, SVG_START, SVG_START_BYTES) == 0;
}

static uint64_t find_largest_change(const struct flame_graph *graph)
{
	uint64_t largest = 0;

	for (size_t i = 1; i < graph->count; i++) {
		const struct box *box = &graph->boxes[i];
		uint64_t change =
			box->total > box->old ? box->total - box->old : box->old - box->total;

		if (box->name != FLAME_GRAPH_NO_NAME && change > largest)
			largest = change;
	}
	return largest;
}

/*
 * Browsers that read it run no other script than this program's, and load nothing. It is in a
 * metadata element, so that programs that draw SVG ignore it.
 */
static void write_policy(const struct svg_drawing *drawing)
{
	FILE *stream = drawing->stream;

	fputs("<metadata><head xmlns=\"http://www.w3.org/1999/xhtml\"><meta "
	      "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	      "'unsafe-inline'",
	      stream);
	if (drawing->presentation->script)
		fprintf(stream, "; script-src 'sha256-%s'", embedded_script_hash);
	fputs("\"/></head></metadata>\n", stream);
}

static void write_script(const struct svg_drawing *drawing)
{
	if (!drawing->presentation->script)
		return;
	fputs("<script><![CDATA[\n", drawing->stream);
	fwrite(embedded_script, 1, embedded_script_size, drawing->stream);
	fputs("]]></script>\n", drawing->stream);
}

static void write_graph(const struct svg_drawing *drawing)
{
	fputs("<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n", drawing->stream);
	svg_captions_draw_head(drawing);
	svg_boxes_draw(drawing);
	svg_captions_draw_foot(drawing);
	write_script(drawing);
	fputs("</svg>\n", drawing->stream);
}

static enum flame_status write_document(const struct svg_drawing *drawing)
{
	const struct presentation *presentation = drawing->presentation;
	unsigned height = layout_bottom(&drawing->layout) +
			  svg_captions_foot_height(drawing->graph, presentation);
	enum flame_status status;

	write_start(drawing->stream, presentation->width, height, presentation->title);
	write_policy(drawing);
	write_style(drawing);
	fputs("<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" "
	      "patternUnits=\"userSpaceOnUse\" "
	      "patternTransform=\"rotate(45)\"><rect class=\"h0\" width=\"6\" height=\"6\"/><rect "
	      "class=\"h1\" width=\"2.5\" height=\"6\"/></pattern></defs>\n",
	      drawing->stream);
	status = svg_data_write(drawing->stream, drawing->graph, drawing->data, presentation);
	write_graph(drawing);
	return status;
}

enum flame_status svg_write(FILE *stream, const struct flame_graph *graph,
			    const struct svg_data *data, const struct presentation *presentation)
{
	struct svg_drawing drawing = {
		.stream = stream,
		.graph = graph,
		.data = data,
		.presentation = presentation,
		.layout = layout_make(graph, presentation, svg_captions_head_height(presentation)),
		.largest_change = find_largest_change(graph),
		.diff = strcmp(presentation->view, SVG_DATA_VIEW_DIFF) == 0,
	};
	enum flame_status status = FLAME_NO_MEMORY;

	if (svg_boxes_place(&drawing))
		status = write_document(&drawing);
	svg_boxes_release(&drawing);
	return status;
}

void svg_write_message(FILE *stream, const char *message)
{
	write_start(stream, 800, 80, message);
	fputs("<style>", stream);
	fwrite(embedded_style, 1, embedded_style_size, stream);
	fputs("</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n", stream);
	svg_put_line(stream, "subtitle", LAYOUT_MARGIN, 44, message);
	fputs("</svg>\n", stream);
}
