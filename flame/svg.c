/* flame/svg.c - the picture as one SVG file that is complete without its script */
#include "flame/svg.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flame/data.h"
#include "flame/embedded.h"
#include "flame/family.h"
#include "flame/haze.h"
#include "flame/label.h"
#include "flame/layout.h"
#include "flame/ranking.h"
#include "text/escape.h"
#include "text/quantity.h"

#define TITLE_BYTES_MAX 1000u /* of a name in a tooltip; the data has it whole */
#define FACT_HEIGHT     15u
#define TABLE_ROWS      20u
#define TABLE_ROW       16u
#define LEGEND_HEIGHT   22u
#define HIDDEN_CLASS    "r"

/* Boxes without a label are drawn as one path per class; below this, in tenths of a pixel, not at
 * all. */
#define CLASSES_MAX COLOUR_CLASSES

enum ink {
	INK_NONE,
	INK_PATH, /* too narrow for a label */
	INK_HATCHED,
	INK_LABELLED,
};

/* A box on the page. */
struct placed {
	struct layout_span span;
	uint8_t class;
	uint8_t ink; /* enum ink */
};

struct drawing {
	FILE *stream;
	const struct picture *picture;
	const struct data *data;
	const struct presentation *presentation;
	struct layout layout;
	struct placed *placed; /* by box */
	struct haze haze;
	uint64_t largest_change; /* of a difference */
	bool diff;
};

static void put_text(FILE *stream, const char *text)
{
	escape_write(stream, ESCAPE_XML, text, strlen(text));
}

static void put_cut(FILE *stream, const char *text, size_t size, size_t limit)
{
	size_t kept = size;

	if (size > limit)
		for (kept = limit; kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80;)
			kept--;
	escape_write(stream, ESCAPE_XML, text, kept);
	if (kept < size)
		fputs("\xe2\x80\xa6", stream);
}

static const struct name *name_of(const struct drawing *drawing, const struct box *box)
{
	return &drawing->picture->names->items[box->name];
}

static const char *box_text(const struct drawing *drawing, const struct box *box)
{
	if (box->name != PICTURE_NO_NAME)
		return name_of(drawing, box)->text;
	return box->part == PART_GONE ? "[only in the old input]"
				      : drawing->presentation->root_name;
}

static unsigned box_class(const struct drawing *drawing, const struct box *box)
{
	if (drawing->diff)
		return colour_delta_class(box->old, box->total, drawing->largest_change,
					  drawing->presentation->negate);
	if (box->name == PICTURE_NO_NAME)
		return (FAMILY_GROUP - 1) * COLOUR_SHADES;
	return colour_class(name_of(drawing, box));
}

static struct colour_name class_name(const struct drawing *drawing, unsigned class)
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

/* Wide boxes leave a hairline to their neighbour. */
static uint64_t inked(uint64_t tenths)
{
	return tenths > 30 ? tenths - 5 : tenths;
}

static void put_path_box(const struct drawing *drawing, struct layout_span span, unsigned y)
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

static size_t label_columns(const struct drawing *drawing, struct layout_span span)
{
	double column = drawing->presentation->font_size * drawing->presentation->font_width;
	double room = (double)span.width / 10 - 5;

	return room > 0 ? (size_t)(room / column) : 0;
}

/* "12,345 samples, 12.34 %" and for a difference what there was before. */
static void put_amount(const struct drawing *drawing, const struct box *box)
{
	const struct amount_scale *scale = &drawing->presentation->scale;
	FILE *stream = drawing->stream;

	fprintf(stream, "%s ", amount_exact(box->total, scale).text);
	put_text(stream, scale->unit);
	fprintf(stream, ", %s%%", amount_percent(box->total, drawing->picture->total).text);
	if (drawing->diff) {
		bool grew = box->total >= box->old;

		fprintf(stream, "; %s before, %s%s", amount_exact(box->old, scale).text,
			grew ? "+" : "-",
			amount_exact(grew ? box->total - box->old : box->old - box->total, scale)
				.text);
	}
}

static void put_labelled_box(const struct drawing *drawing, size_t index)
{
	const struct box *box = &drawing->picture->boxes[index];
	const struct placed *placed = &drawing->placed[index];
	const char *text = box_text(drawing, box);
	unsigned y = layout_y(&drawing->layout, box->part, box->level);
	unsigned height = drawing->layout.frame_height - 1;
	char label[LABEL_BYTES_MAX];
	FILE *stream = drawing->stream;

	label_fit(text, strlen(text), label_columns(drawing, placed->span), label);
	fputs("<g><title>", stream);
	put_cut(stream, text, family_trim_suffix(text, strlen(text)), TITLE_BYTES_MAX);
	fputs(" (", stream);
	put_amount(drawing, box);
	fprintf(stream, ")</title><rect class=\"%s\" x=\"",
		box->part == PART_GONE ? "v" : class_name(drawing, placed->class).text);
	put_tenths(stream, placed->span.left + LAYOUT_MARGIN * 10);
	fprintf(stream, "\" y=\"%u\" width=\"", y);
	put_tenths(stream, inked(placed->span.width));
	fprintf(stream, "\" height=\"%u\"/><text x=\"", height);
	put_tenths(stream, placed->span.left + LAYOUT_MARGIN * 10 + 25);
	fprintf(stream, "\" y=\"%u\">", y + height - 4);
	put_text(stream, label);
	fputs("</text></g>\n", stream);
}

/* The root of the callers is the root that is drawn already. */
static bool is_drawn_twice(const struct picture *picture, size_t index)
{
	return index > 0 && index == picture->part_start[PART_CALLERS];
}

static enum ink choose_ink(const struct drawing *drawing, size_t index, struct layout_span span)
{
	if (span.width < LAYOUT_NARROWEST || is_drawn_twice(drawing->picture, index))
		return INK_NONE;
	if (label_columns(drawing, span) >= LABEL_COLUMNS_MIN)
		return INK_LABELLED;
	return drawing->picture->boxes[index].part == PART_GONE ? INK_HATCHED : INK_PATH;
}

static bool place_boxes(struct drawing *drawing)
{
	const struct picture *picture = drawing->picture;

	drawing->placed = calloc(picture->count, sizeof(*drawing->placed));
	for (size_t i = 0; i < picture->count && drawing->placed; i++) {
		const struct box *box = &picture->boxes[i];
		struct layout_span span = layout_span(&drawing->layout, box->start, box->width);

		drawing->placed[i] = (struct placed){
			.span = span,
			.class = (uint8_t)box_class(drawing, box),
			.ink = (uint8_t)choose_ink(drawing, i, span),
		};
	}
	return drawing->placed;
}

static void draw_paths(const struct drawing *drawing, unsigned class, enum ink ink)
{
	const struct picture *picture = drawing->picture;
	bool open = false;

	for (size_t i = 0; i < picture->count; i++) {
		const struct box *box = &picture->boxes[i];

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

static unsigned row_of(const struct drawing *drawing, enum picture_part part, uint32_t level)
{
	return (layout_y(&drawing->layout, part, level) - drawing->layout.top) /
	       drawing->layout.frame_height;
}

static bool blur(struct drawing *drawing, const struct box *box, uint32_t above, uint64_t start,
		 uint64_t width)
{
	double scale = (double)drawing->layout.tenths / 10 / (double)drawing->layout.whole;

	if (!layout_shows(&drawing->layout, box->part, box->level + above))
		return true;
	return haze_add(&drawing->haze, row_of(drawing, box->part, box->level + above),
			(double)start * scale, (double)(start + width) * scale);
}

/* What is narrower than the narrowest box becomes haze; the rest is drawn. */
static bool blur_narrow(struct drawing *drawing)
{
	const struct picture *picture = drawing->picture;

	for (size_t i = 0; i < picture->count; i++) {
		const struct box *box = &picture->boxes[i];

		if (drawing->placed[i].span.width < LAYOUT_NARROWEST &&
		    !blur(drawing, box, 0, box->start, box->width))
			return false;
		for (uint32_t level = 0; level < box->hidden_levels; level++) {
			uint64_t width = picture->hidden[box->hidden_at + level];

			if (layout_span(&drawing->layout, box->hidden_start, width).width <
				    LAYOUT_NARROWEST &&
			    !blur(drawing, box, level + 1, box->hidden_start, width))
				return false;
		}
	}
	return true;
}

/* Runs of pixels as one thick dashed line per row: much shorter than boxes. */
static void draw_haze_row(const struct drawing *drawing, unsigned row)
{
	const struct layout *layout = &drawing->layout;
	double middle = layout->top + row * layout->frame_height + (layout->frame_height - 1) / 2.0;
	unsigned pen = 0;
	unsigned at = 0;
	double carry = 0;
	bool moved = false;
	struct haze_run run;

	while (haze_next(&drawing->haze, row, &at, &carry, &run)) {
		if (!moved)
			fprintf(drawing->stream, "M%u %gh%u", LAYOUT_MARGIN + run.first, middle,
				run.count);
		else
			fprintf(drawing->stream, "m%u 0h%u", run.first - pen, run.count);
		moved = true;
		pen = run.first + run.count;
	}
}

static void draw_haze(const struct drawing *drawing)
{
	fprintf(drawing->stream, "<path class=\"z\" stroke-width=\"%u\" d=\"",
		drawing->layout.frame_height - 1);
	for (unsigned row = 0; row < drawing->layout.rows; row++)
		draw_haze_row(drawing, row);
	fputs("\"/>\n", drawing->stream);
}

static bool draw_hidden_of(const struct drawing *drawing, const struct box *box, bool open)
{
	for (uint32_t level = 0; level < box->hidden_levels; level++) {
		uint64_t width = drawing->picture->hidden[box->hidden_at + level];
		struct layout_span span = layout_span(&drawing->layout, box->hidden_start, width);

		if (span.width < LAYOUT_NARROWEST)
			break;
		if (!open)
			fprintf(drawing->stream, "<path class=\"%s\" d=\"", HIDDEN_CLASS);
		open = true;
		put_path_box(drawing, span,
			     layout_y(&drawing->layout, box->part, box->level + level + 1));
	}
	return open;
}

/* One grey silhouette per parent: as wide at each level as what is merged there. */
static void draw_hidden(const struct drawing *drawing)
{
	bool open = false;

	for (size_t i = 0; i < drawing->picture->count; i++)
		open = draw_hidden_of(drawing, &drawing->picture->boxes[i], open);
	if (open)
		fputs("\"><title>frames too narrow to draw, merged</title></path>\n",
		      drawing->stream);
}

static void draw_boxes(const struct drawing *drawing)
{
	fputs("<g id=\"frames\" class=\"f\">\n", drawing->stream);
	draw_haze(drawing);
	draw_hidden(drawing);
	for (unsigned class = 0; class < CLASSES_MAX; class ++)
		draw_paths(drawing, class, INK_PATH);
	draw_paths(drawing, 0, INK_HATCHED);
	for (size_t i = 0; i < drawing->picture->count; i++)
		if (drawing->placed[i].ink == INK_LABELLED)
			put_labelled_box(drawing, i);
	fputs("</g>\n", drawing->stream);
}

static void put_line(FILE *stream, const char *class, unsigned x, unsigned y, const char *text)
{
	fprintf(stream, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, x, y);
	put_cut(stream, text, strlen(text), 160);
	fputs("</text>\n", stream);
}

static unsigned head_height(const struct presentation *presentation)
{
	return 34 + (presentation->subtitle ? 18u : 0u) +
	       FACT_HEIGHT * (unsigned)presentation->fact_count + LEGEND_HEIGHT;
}

static void draw_head(const struct drawing *drawing)
{
	const struct presentation *presentation = drawing->presentation;
	unsigned y = 26;

	fputs("<g id=\"head\">\n", drawing->stream);
	put_line(drawing->stream, "title", LAYOUT_MARGIN, y, presentation->title);
	if (presentation->subtitle)
		put_line(drawing->stream, "subtitle", LAYOUT_MARGIN, y += 18,
			 presentation->subtitle);
	y += 2;
	for (size_t i = 0; i < presentation->fact_count; i++)
		put_line(drawing->stream, "fact", LAYOUT_MARGIN, y += FACT_HEIGHT,
			 presentation->facts[i]);
	fputs("</g>\n", drawing->stream);
}

static unsigned put_swatch(FILE *stream, const char *class, unsigned x, unsigned y,
			   const char *text)
{
	fprintf(stream,
		"<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"11\" height=\"11\" rx=\"2\"/>", class,
		x, y - 10);
	put_line(stream, "fact", x + 15, y, text);
	return x + 15 + 7 * (unsigned)strlen(text) + 14;
}

static void find_families(const struct picture *picture, bool used[FAMILY_COUNT])
{
	for (size_t i = 0; i < picture->count; i++)
		if (picture->boxes[i].name != PICTURE_NO_NAME)
			used[picture->names->items[picture->boxes[i].name].family] = true;
}

static void draw_family_legend(const struct drawing *drawing, unsigned x, unsigned y)
{
	bool used[FAMILY_COUNT] = {false};

	find_families(drawing->picture, used);
	for (unsigned family = FAMILY_USER; family < FAMILY_COUNT; family++) {
		unsigned class = (family - 1) * COLOUR_SHADES + COLOUR_SHADES / 2;

		if (used[family])
			x = put_swatch(drawing->stream, colour_class_name(class).text, x, y,
				       family_text(family));
	}
	if (drawing->picture->merged_frames > 0)
		put_swatch(drawing->stream, HIDDEN_CLASS, x, y, "merged");
}

static void draw_diff_legend(const struct drawing *drawing, unsigned x, unsigned y)
{
	bool negate = drawing->presentation->negate;
	FILE *stream = drawing->stream;

	x = put_swatch(stream, negate ? "d12" : "d0", x, y, "less than before");
	x = put_swatch(stream, "d6", x, y, "unchanged");
	x = put_swatch(stream, negate ? "d0" : "d12", x, y, "more than before");
	if (drawing->picture->part_start[PART_GONE] < drawing->picture->part_start[PART_CALLERS])
		x = put_swatch(stream, "v", x, y, "only before");
	if (drawing->picture->merged_frames > 0)
		put_swatch(stream, HIDDEN_CLASS, x, y, "merged");
}

static void draw_legend(const struct drawing *drawing)
{
	unsigned y = drawing->layout.top - 8;

	fputs("<g id=\"legend\">\n", drawing->stream);
	if (drawing->diff)
		draw_diff_legend(drawing, LAYOUT_MARGIN, y);
	else
		draw_family_legend(drawing, LAYOUT_MARGIN, y);
	fputs("</g>\n", drawing->stream);
}

static void put_cell(FILE *stream, const char *class, unsigned x, unsigned y, const char *text)
{
	fprintf(stream, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, x, y);
	put_text(stream, text);
	fputs("</text>", stream);
}

/* One table of the two: percent, exact weight, name, and a bar behind the percent. */
static void draw_ranking(const struct drawing *drawing, bool by_total, unsigned x, unsigned y)
{
	const struct presentation *presentation = drawing->presentation;
	const struct names *names = drawing->picture->names;
	unsigned width = (presentation->width - 2 * LAYOUT_MARGIN - 20) / 2;
	double column = presentation->font_size * presentation->font_width;
	uint32_t ids[TABLE_ROWS];
	size_t count = ranking_make(names, by_total, TABLE_ROWS, ids);
	uint64_t longest = 0;

	put_cell(drawing->stream, "heading", x, y,
		 by_total ? "Top functions with what they call (total)"
			  : "Top functions by themselves (self)");
	for (size_t i = 0; i < count; i++) {
		const struct name *name = &names->items[ids[i]];
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
			 amount_percent(weight, drawing->picture->total).text);
		put_cell(drawing->stream, "number", x + 160, y,
			 amount_short(weight, &presentation->scale).text);
		label_fit(name->text, name->size, (size_t)((width - 172) / column), label);
		put_cell(drawing->stream, "cell", x + 172, y, label);
	}
	fputc('\n', drawing->stream);
}

static unsigned frames_bottom(const struct layout *layout)
{
	return layout->top + layout->rows * layout->frame_height;
}

static void draw_foot(const struct drawing *drawing)
{
	const struct presentation *presentation = drawing->presentation;
	const struct picture *picture = drawing->picture;
	unsigned y = frames_bottom(&drawing->layout) + 20;
	char line[200];

	if (picture->merged_frames > 0)
		snprintf(line, sizeof(line),
			 "%s of %s frames are drawn; narrower ones are merged into the grey "
			 "boxes.%s",
			 quantity_exact(picture->frames - picture->merged_frames).text,
			 quantity_exact(picture->frames).text,
			 presentation->script ? " The script searches them all." : "");
	else if (picture->frames == 1)
		snprintf(line, sizeof(line), "The only frame is drawn.");
	else
		snprintf(line, sizeof(line), "All %s frames are drawn.",
			 quantity_exact(picture->frames).text);
	fputs("<g id=\"foot\">\n", drawing->stream);
	put_line(drawing->stream, "fact", LAYOUT_MARGIN, y, line);
	draw_ranking(drawing, false, LAYOUT_MARGIN, y + 30);
	draw_ranking(drawing, true, presentation->width / 2 + 10, y + 30);
	fputs("</g>\n", drawing->stream);
}

static void write_style(const struct drawing *drawing)
{
	const struct presentation *presentation = drawing->presentation;
	FILE *stream = drawing->stream;

	fputs("<style>", stream);
	fwrite(embedded_style, 1, embedded_style_size, stream);
	fprintf(stream, ".f text,.cell,.number{font:%gpx %s}\n", presentation->font_size,
		presentation->font_type);
	colour_write_css(stream, presentation->palette, drawing->diff);
	fprintf(stream, ".m{fill:%s}\n", presentation->search_colour);
	if (presentation->stroke_colour)
		fprintf(stream, ".f path,.f rect{stroke:%s;stroke-width:.5}\n",
			presentation->stroke_colour);
	if (presentation->background[0])
		fprintf(stream, "svg,.page{background:%s}.page{fill:%s}\n",
			presentation->background[0], presentation->background[0]);
	fputs("</style>\n", stream);
}

static void write_start(FILE *stream, unsigned width, unsigned height, const char *title)
{
	fprintf(stream,
		"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%u\" "
		"height=\"%u\" "
		"viewBox=\"0 0 %u %u\" role=\"img\" aria-labelledby=\"name\">\n<title id=\"name\">",
		width, height, width, height);
	put_text(stream, title);
	fputs("</title>\n", stream);
}

static uint64_t find_largest_change(const struct picture *picture)
{
	uint64_t largest = 0;

	for (size_t i = 1; i < picture->count; i++) {
		const struct box *box = &picture->boxes[i];
		uint64_t change =
			box->total > box->old ? box->total - box->old : box->old - box->total;

		if (box->name != PICTURE_NO_NAME && change > largest)
			largest = change;
	}
	return largest;
}

static void write_script(const struct drawing *drawing)
{
	if (!drawing->presentation->script)
		return;
	fputs("<script><![CDATA[\n", drawing->stream);
	fwrite(embedded_script, 1, embedded_script_size, drawing->stream);
	fputs("]]></script>\n", drawing->stream);
}

static enum flame_status prepare(struct drawing *drawing)
{
	unsigned width = (unsigned)(drawing->layout.tenths / 10);

	if (!place_boxes(drawing) || !haze_open(&drawing->haze, drawing->layout.rows, width) ||
	    !blur_narrow(drawing))
		return FLAME_NO_MEMORY;
	return FLAME_OK;
}

static void release(struct drawing *drawing)
{
	free(drawing->placed);
	haze_close(&drawing->haze);
}

static unsigned table_height(const struct picture *picture)
{
	uint32_t ids[TABLE_ROWS];
	size_t by_self = ranking_make(picture->names, false, TABLE_ROWS, ids);
	size_t by_total = ranking_make(picture->names, true, TABLE_ROWS, ids);

	return TABLE_ROW * (unsigned)(by_self > by_total ? by_self : by_total);
}

static void write_picture(const struct drawing *drawing)
{
	fputs("<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n", drawing->stream);
	draw_head(drawing);
	draw_legend(drawing);
	draw_boxes(drawing);
	draw_foot(drawing);
	write_script(drawing);
	fputs("</svg>\n", drawing->stream);
}

static enum flame_status write_document(const struct drawing *drawing)
{
	const struct presentation *presentation = drawing->presentation;
	unsigned height = frames_bottom(&drawing->layout) + 76 + table_height(drawing->picture);
	enum flame_status status;

	write_start(drawing->stream, presentation->width, height, presentation->title);
	write_style(drawing);
	fputs("<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" "
	      "patternUnits=\"userSpaceOnUse\" "
	      "patternTransform=\"rotate(45)\"><rect class=\"h0\" width=\"6\" height=\"6\"/><rect "
	      "class=\"h1\" width=\"2.5\" height=\"6\"/></pattern></defs>\n",
	      drawing->stream);
	status = data_write(drawing->stream, drawing->picture, drawing->data, presentation);
	write_picture(drawing);
	return status;
}

enum flame_status svg_write(FILE *stream, const struct picture *picture, const struct data *data,
			    const struct presentation *presentation)
{
	struct drawing drawing = {
		.stream = stream,
		.picture = picture,
		.data = data,
		.presentation = presentation,
		.layout = layout_make(picture, presentation, head_height(presentation)),
		.largest_change = find_largest_change(picture),
		.diff = strcmp(presentation->view, "diff") == 0,
	};
	enum flame_status status = prepare(&drawing);

	if (status == FLAME_OK)
		status = write_document(&drawing);
	release(&drawing);
	return status;
}

void svg_write_message(FILE *stream, const char *message)
{
	write_start(stream, 800, 80, message);
	fputs("<style>", stream);
	fwrite(embedded_style, 1, embedded_style_size, stream);
	fputs("</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n", stream);
	put_line(stream, "subtitle", LAYOUT_MARGIN, 44, message);
	fputs("</svg>\n", stream);
}
