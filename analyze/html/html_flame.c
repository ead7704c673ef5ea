/* analyze/html/html_flame.c - the flame graphs of a page: files of diag-flame in frames
 *
 * Each is a whole SVG file, in a data URL: a document with its own script and style sheet, which
 * cannot reach the page, nor the page it. */
#include "analyze/html/html_flame.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html/html_text.h"
#include "analyze/replay/visitor.h"
#include "flame/style/title_lines.h"
#include "flame/svg/layout.h"
#include "flame/svg/svg.h"
#include "flame/svg/svg_captions.h"
#include "flame/trace/fold_stacks.h"
#include "flame/tree/view.h"
#include "text/svg_data_format.h"
#include "text/text_stream.h"

/* Width of a flame graph without its script, px. */
#define FLAME_WIDTH 1200u

/* The script writes controls above the frames, and a table beside them; in narrow windows the table
 * is above, and style.css adds to the height. What is below can be scrolled to, px. */
#define CONTROLS_PX  110u
#define FRAME_PX_MIN 280u

/* Boxes narrower than this part of the width are merged, as diag-flame does: 0.1 px. */
#define LEAST_TENTHS 1u

static const struct {
	const char *title;
	const char *unit; /* NULL: events */
	struct fold_shape shape;
	uint64_t kinds;
} graphs[HTML_FLAMES] = {
	{"Deaths",
	 "deaths",
	 {.brief_exits = true, .only_deaths = true},
	 VISITOR_KIND(DZ_KIND_EXIT)},
	{"Time in sections",
	 "ns",
	 {.unit = FOLD_NANOSECONDS},
	 VISITOR_KIND(DZ_KIND_SECTION) | VISITOR_KIND(DZ_KIND_STEP) | VISITOR_KIND(DZ_KIND_PHASE)},
	{"Time on and off CPUs",
	 "ns",
	 {.unit = FOLD_NANOSECONDS},
	 VISITOR_KIND(DZ_KIND_CPU) | VISITOR_KIND(DZ_KIND_OFFCPU) | VISITOR_KIND(DZ_KIND_RUNQ)},
	{"Hits of probes", "hits", {.no_roots = false}, VISITOR_KIND(DZ_KIND_PROBE)},
	{"Signals", "signals", {.no_roots = false}, VISITOR_KIND(DZ_KIND_SIGNAL)},
};

bool html_flames_open(struct html_flames *flames, const struct selection *selection)
{
	for (size_t i = 0; i < HTML_FLAMES; i++) {
		const bool is_selected =
			selection->kinds == 0 || selection->kinds & graphs[i].kinds;

		flames->requests[i] = (struct fold_request){
			.selection = *selection,
			.shape = graphs[i].shape,
		};
		flames->requests[i].selection.kinds = graphs[i].kinds;
		if (is_selected && !fold_open(&flames->requests[i], &flames->folds[i]))
			return false;
	}
	return true;
}

bool html_flames_add(struct html_flames *flames, const char *path, int fd)
{
	for (size_t i = 0; i < HTML_FLAMES; i++) {
		int copy;

		if (!flames->folds[i])
			continue;
		copy = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
		if ((fd >= 0 && copy < 0) || !fold_add(flames->folds[i], path, copy))
			return false;
	}
	return true;
}

void html_flames_set_opener(struct html_flames *flames, trace_opener *opener, void *context)
{
	for (size_t i = 0; i < HTML_FLAMES; i++)
		if (flames->folds[i])
			fold_set_opener(flames->folds[i], opener, context);
}

void html_flames_close(struct html_flames *flames)
{
	for (size_t i = 0; i < HTML_FLAMES; i++)
		fold_close(flames->folds[i]);
	*flames = (struct html_flames){0};
}

/* Reads all stacks into the view. */
static enum flame_status read_stacks(struct fold *fold, struct view *view)
{
	struct fold_stacks stacks = {.sink = view_sink(view)};
	const struct fold_sink sink = {.context = &stacks, .stack = fold_stacks_pass};
	enum fold_status status = fold_run(fold, &sink);

	fold_stacks_release(&stacks);
	if (stacks.status != FLAME_OK)
		return stacks.status;
	if (fold_is_too_long(fold))
		return FLAME_EMPTY;
	/* The page has read the same files before, so this is an allocation failure. */
	if (status != FOLD_OK && status != FOLD_INCOMPLETE)
		return FLAME_NO_MEMORY;
	return view_finish(view);
}

/* A drawn flame graph. */
struct drawing {
	char *svg;
	unsigned height; /* px, down to the last frame */
};

static enum flame_status write_svg(const struct view *view, const struct flame_graph *graph,
				   const struct presentation *presentation, FILE *out)
{
	struct svg_data data;
	enum flame_status status = svg_data_open(&data, &view->tree, graph);

	if (status != FLAME_OK)
		return status;
	status = svg_write(out, graph, &data, presentation);
	svg_data_close(&data);
	return status;
}

static enum flame_status draw(const struct view *view, const struct presentation *presentation,
			      struct drawing *ret_drawing)
{
	const struct flame_graph_options options = {
		.order = ORDER_NAME,
		.least = LEAST_TENTHS,
		.whole = (FLAME_WIDTH - 2 * LAYOUT_MARGIN) * UINT64_C(10),
	};
	struct flame_graph graph;
	struct layout layout;
	struct text_stream stream;
	enum flame_status status = flame_graph_open(&graph, &view->tree, NULL, &options);

	if (status != FLAME_OK)
		return status;
	layout = layout_make(&graph, presentation, svg_captions_head_height(presentation));
	ret_drawing->height = layout_bottom(&layout) + CONTROLS_PX;
	if (ret_drawing->height < FRAME_PX_MIN)
		ret_drawing->height = FRAME_PX_MIN;
	if (text_stream_open(&stream))
		status = write_svg(view, &graph, presentation, stream.out);
	ret_drawing->svg = text_stream_close(&stream);
	flame_graph_close(&graph);
	return ret_drawing->svg ? status : FLAME_NO_MEMORY;
}

/* Lines below the title of a flame graph. */
static bool describe(const struct fold_description *about, bool with_command,
		     struct title_lines *lines)
{
	if (about->lost > 0 &&
	    !title_lines_add(lines, "%llu of these events were lost while recording",
			     (unsigned long long)about->lost))
		return false;
	return !with_command || !about->command[0] ||
	       title_lines_add(lines, "recorded by: %s", about->command);
}

static enum flame_status draw_view(const struct view *view, const struct fold *fold, size_t number,
				   bool with_command, struct drawing *ret_drawing)
{
	const struct fold_description about = fold_describe(fold);
	struct title_lines total = {.count = 0};
	struct title_lines lines = {.count = 0};
	struct presentation presentation = {
		.title = graphs[number].title,
		.root_name = "all",
		.name_type = "Function",
		.view = SVG_DATA_VIEW_FLAME,
		.scale = {.factor = 1, .unit = graphs[number].unit},
		.palette = colour_find("type"),
		.font_type = "ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\","
			     "monospace",
		.search_colour = "#ee5bf2",
		.font_size = 12,
		.font_width = 0.602,
		.width = FLAME_WIDTH,
		.frame_height = 17,
		.fluid = true,
		.script = true,
	};
	enum flame_status status = FLAME_NO_MEMORY;

	if (title_lines_add_totals(&total, view, &presentation.scale, 0) &&
	    describe(&about, with_command, &lines)) {
		presentation.summary = total.lines[0];
		presentation.title_lines = lines.lines;
		presentation.title_line_count = lines.count;
		status = draw(view, &presentation, ret_drawing);
	}
	title_lines_release(&total);
	title_lines_release(&lines);
	return status;
}

/* A URL cannot contain line breaks, # and bytes above 126; an attribute no quotes. */
static void write_url(const char *svg, FILE *out)
{
	for (const unsigned char *at = (const unsigned char *)svg; *at; at++) {
		if (*at == '"')
			fputs("&quot;", out);
		else if (*at == '&')
			fputs("&amp;", out);
		else if (*at < ' ' || *at > '~' || *at == '#' || *at == '%')
			fprintf(out, "%%%02X", *at);
		else
			putc(*at, out);
	}
}

static void write_frame(const struct drawing *drawing, size_t number, FILE *out)
{
	fprintf(out,
		"<iframe class=\"flame\" title=\"Flame graph: %s\" style=\"--drawn:%upx\" "
		"src=\"data:"
		"image/svg+xml;charset=utf-8,",
		graphs[number].title, drawing->height);
	write_url(drawing->svg, out);
	fputs("\"></iframe>\n", out);
}

/* Writes a flame graph, and the head of the section before the first one. */
static enum flame_status write_graph(struct fold *fold, size_t number, bool with_command,
				     bool *is_first, FILE *out)
{
	const struct view_options options = {.reverse = false};
	struct drawing drawing = {.svg = NULL};
	struct view view;
	enum flame_status status = view_open(&view, &options);

	if (status != FLAME_OK)
		return status;
	status = read_stacks(fold, &view);
	if (status == FLAME_OK)
		status = draw_view(&view, fold, number, with_command, &drawing);
	if (status == FLAME_OK) {
		if (*is_first)
			fputs("<section id=\"flame\"><h2>Flame graphs</h2>\n", out);
		*is_first = false;
		write_frame(&drawing, number, out);
	}
	free(drawing.svg);
	view_close(&view);
	return status;
}

bool html_flames_write(struct html_flames *flames, bool with_command, FILE *out)
{
	bool is_first = true;

	for (size_t i = 0; i < HTML_FLAMES; i++) {
		enum flame_status status =
			flames->folds[i]
				? write_graph(flames->folds[i], i, with_command, &is_first, out)
				: FLAME_EMPTY;

		if (status == FLAME_NO_MEMORY)
			return false;
		if (status != FLAME_OK && status != FLAME_EMPTY)
			fprintf(out, "<p class=\"note\">%s: %s</p>\n", graphs[i].title,
				flame_status_text(status));
		if (flames->folds[i] && fold_is_too_long(flames->folds[i]))
			fprintf(out,
				"<p class=\"note\">%s: not drawn, as the names in its stacks are "
				"too "
				"long for the file</p>\n",
				graphs[i].title);
	}
	if (!is_first)
		fputs("</section>\n", out);
	return true;
}
