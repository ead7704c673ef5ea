/* flame/svg/svg_data.c - the picture data in a flame graph, for its script and for diag-fold */
#include "flame/svg/svg_data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text/digits.h"
#include "text/escape.h"
#include "text/svg_data_format.h"

/* Names that are not drawn serve searches only. Beyond this size they are left out and counted. */
#define UNDRAWN_BYTES_MAX ((size_t)400 << 10)

struct ranked {
	uint32_t id;
	uint64_t total;
	const struct name *name;
};

static int compare_totals(const void *left_pointer, const void *right_pointer)
{
	const struct ranked *left = left_pointer;
	const struct ranked *right = right_pointer;

	if (left->total != right->total)
		return left->total < right->total ? 1 : -1;
	return strcmp(left->name->text, right->name->text);
}

static int compare_texts(const void *left_pointer, const void *right_pointer)
{
	const struct ranked *left = left_pointer;
	const struct ranked *right = right_pointer;
	int order = strcmp(left->name->text, right->name->text);

	return order ? order : (int)left->name->type - (int)right->name->type;
}

static void mark_drawn(const struct flame_graph *graph, uint32_t *ranks)
{
	for (size_t i = 0; i < graph->count; i++)
		if (graph->boxes[i].name != FLAME_GRAPH_NO_NAME)
			ranks[graph->boxes[i].name] = 1;
}

/* Moves the chosen names to the front of the list, which is sorted by weight. Returns their number.
 */
static uint32_t choose(struct ranked *list, uint32_t count, const uint32_t *drawn)
{
	size_t bytes = 0;
	uint32_t chosen = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (!drawn[list[i].id]) {
			bytes += list[i].name->size;
			if (bytes > UNDRAWN_BYTES_MAX)
				continue;
		}
		list[chosen++] = list[i];
	}
	return chosen;
}

static void svg_data_names_close(struct svg_data_names *chosen)
{
	free(chosen->ids);
	free(chosen->ranks);
	*chosen = (struct svg_data_names){0};
}

static enum flame_status svg_data_names_open(struct svg_data_names *chosen,
					     const struct flame_graph *graph)
{
	const struct name_table *table = graph->table;
	struct ranked *list = calloc((size_t)table->count + 1, sizeof(*list));

	*chosen = (struct svg_data_names){
		.ids = calloc((size_t)table->count + 1, sizeof(*chosen->ids)),
		.ranks = calloc((size_t)table->count + 1, sizeof(*chosen->ranks)),
	};
	if (!list || !chosen->ids || !chosen->ranks) {
		free(list);
		svg_data_names_close(chosen);
		return FLAME_NO_MEMORY;
	}
	mark_drawn(graph, chosen->ranks);
	for (uint32_t i = 0; i < table->count; i++)
		list[i] = (struct ranked){i, table->items[i].total[SIDE_NEW], &table->items[i]};
	qsort(list, table->count, sizeof(*list), compare_totals);
	chosen->count = choose(list, table->count, chosen->ranks);
	chosen->left_out = table->count - chosen->count;
	qsort(list, chosen->count, sizeof(*list), compare_texts);
	memset(chosen->ranks, 0, table->count * sizeof(*chosen->ranks));
	for (uint32_t i = 0; i < chosen->count; i++) {
		chosen->ids[i] = list[i].id;
		chosen->ranks[list[i].id] = i + 1;
	}
	free(list);
	return FLAME_OK;
}

/* Writes a JSON string inside XML. The text has no control characters. */
static void write_bytes(FILE *stream, const char *text, size_t size)
{
	const char *end = text + size;

	fputc('"', stream);
	for (; text < end; text++) {
		const char *start = text;

		while (text < end && *text != '\\' && *text != '"')
			text++;
		escape_write(stream, ESCAPE_XML, start, (size_t)(text - start));
		if (text == end)
			break;
		fputs(*text == '"' ? "\\&quot;" : "\\\\", stream);
	}
	fputc('"', stream);
}

static void write_string(FILE *stream, const char *text)
{
	write_bytes(stream, text, strlen(text));
}

static void write_member(FILE *stream, const char *key, const char *text)
{
	fprintf(stream, ",\n\"%s\":", key);
	write_string(stream, text ? text : "");
}

static void write_title_lines(FILE *stream, const struct presentation *presentation)
{
	fputs(",\n\"" SVG_DATA_KEY_TITLE_LINES "\":[", stream);
	for (size_t i = 0; i < presentation->title_line_count; i++) {
		if (i > 0)
			fputc(',', stream);
		write_string(stream, presentation->title_lines[i]);
	}
	fputc(']', stream);
}

const struct colour_groups *svg_data_groups(const struct svg_data *data,
					    const struct presentation *presentation)
{
	return data->groups.type != FRAME_TYPE_AUTO && colour_is_by_type(presentation->palette) &&
			       strcmp(presentation->view, SVG_DATA_VIEW_DIFF) != 0
		       ? &data->groups
		       : NULL;
}

unsigned svg_data_class(const struct svg_data *data, const struct presentation *presentation,
			const struct name *name)
{
	const struct colour_groups *groups = svg_data_groups(data, presentation);

	return groups ? colour_groups_class(groups, name) : colour_class(name);
}

/* By shade, the name of its group. */
static void write_groups(FILE *stream, const struct colour_groups *groups)
{
	if (!groups)
		return;
	fprintf(stream, ",\n\"groupType\":%u,\n\"groups\":[", (unsigned)groups->type - 1);
	for (size_t i = 0; i < groups->count; i++) {
		write_bytes(stream, groups->texts[i], groups->sizes[i]);
		fputc(',', stream);
	}
	for (size_t i = groups->count; i < COLOUR_GROUPS_MAX; i++)
		fputs("\"\",", stream);
	fputs("\"others\"]", stream);
}

/* Weights are strings, because readers round JSON numbers beyond 2^53. */
static void write_header(FILE *stream, const struct flame_graph *graph, const struct svg_data *data,
			 const struct presentation *presentation)
{
	fprintf(stream,
		"<metadata id=\"" SVG_DATA_PICTURE "\">{\"" SVG_DATA_KEY_VERSION
		"\":" SVG_DATA_VERSION ",\n\"total\":\"%" PRIu64 "\",\n\"width\":\"%" PRIu64
		"\",\n\"factor\":\"%" PRIu64
		"\",\n\"decimals\":%u,\n\"" SVG_DATA_KEY_WEIGHT_DECIMALS "\":%u",
		graph->total, graph->width, presentation->scale.factor,
		presentation->scale.decimals, presentation->weight_decimals);
	fprintf(stream,
		",\n\"frames\":%" PRIu64 ",\n\"merged\":%" PRIu64 ",\n\"names\":%" PRIu32
		",\n\"namesLeftOut\":%" PRIu32,
		graph->frames, graph->merged_frames, data->chosen.count, data->chosen.left_out);
	if (strcmp(presentation->view, SVG_DATA_VIEW_DIFF) == 0)
		fprintf(stream, ",\n\"old\":\"%" PRIu64 "\"", graph->old_total);
	fprintf(stream, ",\n\"inverted\":%s,\n\"fluid\":%s,\n\"negate\":%s",
		presentation->inverted ? "true" : "false", presentation->fluid ? "true" : "false",
		presentation->negate ? "true" : "false");
	fprintf(stream, ",\n\"px\":[%u,%u,%g,%g]", presentation->width, presentation->frame_height,
		presentation->font_size, presentation->font_width);
	write_member(stream, SVG_DATA_KEY_VIEW, presentation->view);
	write_member(stream, "unit", presentation->scale.unit);
	write_member(stream, "nameType", presentation->name_type);
	write_member(stream, SVG_DATA_KEY_ROOT, presentation->root_name);
	write_member(stream, "title", presentation->title);
	write_member(stream, "subtitle", presentation->subtitle);
	write_member(stream, "summary", presentation->summary);
	write_member(stream, "notes", presentation->notes);
	write_title_lines(stream, presentation);
	write_groups(stream, svg_data_groups(data, presentation));
	fputs("}</metadata>\n", stream);
}

static size_t shared_start(const char *left, const char *right)
{
	size_t shared = 0;

	while (shared < SVG_DATA_SHARED_MAX && left[shared] && left[shared] == right[shared] &&
	       !((unsigned char)left[shared] & 0x80))
		shared++;
	return shared;
}

/* Writes one name a line; its first digit is the number of characters that it shares with the line
 * before. */
static void write_names(FILE *stream, const struct name_table *table, const struct svg_data *data,
			const struct presentation *presentation)
{
	const struct svg_data_names *chosen = &data->chosen;
	const char *previous = "";

	fputs("<metadata id=\"" SVG_DATA_NAMES "\">", stream);
	for (uint32_t i = 0; i < chosen->count; i++) {
		const struct name *name = &table->items[chosen->ids[i]];
		size_t shared = shared_start(previous, name->text);

		fputc(digits_digit((unsigned)shared), stream);
		escape_write(stream, ESCAPE_XML, name->text + shared, name->size - shared);
		fputc('\n', stream);
		previous = name->text;
	}
	fputs("</metadata>\n<metadata id=\"" SVG_DATA_TOTALS "\">", stream);
	for (uint32_t i = 0; i < chosen->count; i++) {
		const struct name *name = &table->items[chosen->ids[i]];

		fputc(digits_digit(svg_data_class(data, presentation, name)), stream);
		digits_write(stream, name->total[SIDE_NEW]);
		digits_write(stream, name->self[SIDE_NEW]);
		digits_write(stream, name->total[SIDE_OLD]);
		digits_write(stream, name->self[SIDE_OLD]);
	}
	fputs("</metadata>\n", stream);
}

/* Writes how the merged width changes level by level: 7 7 3 becomes the pairs (2, 4) (1, 3). */
static void write_profile(FILE *stream, const struct flame_graph *graph, const struct box *box)
{
	const uint64_t *hidden = graph->hidden + box->hidden_at;
	uint32_t run;

	for (uint32_t level = 0; level < box->hidden_levels; level += run) {
		uint64_t next = 0;

		run = 1;
		while (level + run < box->hidden_levels && hidden[level + run] == hidden[level])
			run++;
		if (level + run < box->hidden_levels)
			next = hidden[level + run];
		digits_write(stream, run);
		digits_write(stream, hidden[level] - next);
	}
}

struct box_writer {
	FILE *stream;
	const struct flame_graph *graph;
	const struct svg_data_names *chosen;
	uint64_t *used; /* by box: width of the children written so far */
	bool diff;
};

/* The numbers of a box; its width is taken from its parent. */
static struct svg_data_box describe_box(struct box_writer *writer, size_t index,
					uint32_t previous_level)
{
	const struct flame_graph *graph = writer->graph;
	const struct box *box = &graph->boxes[index];
	bool is_top = index == 0 || box->name == FLAME_GRAPH_NO_NAME;
	struct svg_data_box data = {
		.up = box->hidden_frames > 0,
		.gap = box->width,
		.old = box->old,
		.gone = box->gone,
		.merged_frames = box->hidden_frames,
		.merged_width = box->hidden_levels ? graph->hidden[box->hidden_at] : 0,
		.merged_old = box->hidden_old,
	};

	if (is_top)
		return data;
	data.up += (uint64_t)(previous_level + 1 - box->level) * 2;
	data.name = writer->chosen->ranks[box->name];
	writer->used[box->parent] += box->width;
	data.gap = graph->boxes[box->parent].width - writer->used[box->parent];
	return data;
}

static void write_box(struct box_writer *writer, size_t index, uint32_t previous_level)
{
	const struct svg_data_box data = describe_box(writer, index, previous_level);

#define WRITE_FIELD(member, when)                                                                  \
	if (svg_data_has(when, data.up, writer->diff))                                             \
		digits_write(writer->stream, data.member);
	SVG_DATA_BOX_FIELDS(WRITE_FIELD)
#undef WRITE_FIELD
	if (!svg_data_is_merging(data.up))
		return;
	write_profile(writer->stream, writer->graph, &writer->graph->boxes[index]);
	if (writer->diff)
		digits_write(writer->stream, data.merged_old);
}

static enum flame_status write_boxes(FILE *stream, const struct flame_graph *graph,
				     const struct svg_data_names *chosen, bool diff)
{
	static const char *const ids[] = {SVG_DATA_BOXES, SVG_DATA_GONE, SVG_DATA_CALLERS};
	struct box_writer writer = {
		.stream = stream,
		.graph = graph,
		.chosen = chosen,
		.used = calloc(graph->count, sizeof(*writer.used)),
		.diff = diff,
	};

	if (!writer.used)
		return FLAME_NO_MEMORY;
	for (int part = 0; part < PART_COUNT; part++) {
		size_t start = graph->part_start[part];

		if (start == graph->part_start[part + 1])
			continue;
		fprintf(stream, "<metadata id=\"%s\">", ids[part]);
		for (size_t i = start; i < graph->part_start[part + 1]; i++)
			write_box(&writer, i, i > start ? graph->boxes[i - 1].level : 0);
		fputs("</metadata>\n", stream);
	}
	free(writer.used);
	return FLAME_OK;
}

enum flame_status svg_data_open(struct svg_data *data, const struct tree *tree,
				const struct flame_graph *graph)
{
	enum flame_status status;

	*data = (struct svg_data){0};
	status = svg_data_names_open(&data->chosen, graph);
	if (status == FLAME_OK && !colour_groups_choose(&data->groups, graph->table))
		status = FLAME_NO_MEMORY;
	if (status == FLAME_OK && graph->merged_frames > 0)
		status = search_sample_open(&data->sample, tree, graph);
	if (status == FLAME_OK && graph->merged_frames > 0)
		status = search_terms_open(&data->terms, tree, data->chosen.ranks);
	if (status != FLAME_OK)
		svg_data_close(data);
	return status;
}

void svg_data_close(struct svg_data *data)
{
	svg_data_names_close(&data->chosen);
	search_sample_close(&data->sample);
	search_terms_close(&data->terms);
}

static bool is_same_stack(const struct search_sample *sample, size_t left, size_t right)
{
	const struct search_sample_stack *a = &sample->stacks[left];
	const struct search_sample_stack *b = &sample->stacks[right];

	return a->box == b->box && a->name_count == b->name_count &&
	       memcmp(sample->names + a->name_start, sample->names + b->name_start,
		      a->name_count * sizeof(*sample->names)) == 0;
}

/* Returns how many names at the start of a stack it shares with the stack before it in the same
 * box. */
static uint32_t shared_names(const struct search_sample *sample, size_t at, size_t before)
{
	const struct search_sample_stack *left = &sample->stacks[at];
	const struct search_sample_stack *right = &sample->stacks[before];
	uint32_t shared = 0;

	if (at == before || left->box != right->box)
		return 0;
	while (shared < left->name_count && shared < right->name_count &&
	       sample->names[left->name_start + shared] ==
		       sample->names[right->name_start + shared])
		shared++;
	return shared;
}

/* Writes for each stack: boxes since the previous one, picks, names shared with it, further names.
 */
static void write_sample(FILE *stream, const struct search_sample *sample,
			 const struct svg_data_names *chosen)
{
	uint32_t box = 0;
	size_t before = 0;

	fputs("<metadata id=\"" SVG_DATA_SEARCH_SAMPLE "\">", stream);
	for (size_t i = 0; i < sample->count;) {
		const struct search_sample_stack *stack = &sample->stacks[i];
		uint32_t shared = shared_names(sample, i, before);
		size_t end = i + 1;

		while (end < sample->count && is_same_stack(sample, i, end))
			end++;
		digits_write(stream, stack->box - box);
		digits_write(stream, end - i);
		digits_write(stream, shared);
		digits_write(stream, stack->name_count - shared);
		for (uint32_t n = shared; n < stack->name_count; n++)
			digits_write(stream, chosen->ranks[sample->names[stack->name_start + n]]);
		box = stack->box;
		before = i;
		i = end;
	}
	fputs("</metadata>\n", stream);
}

static void write_terms(FILE *stream, const struct search_terms *terms)
{
	fputs("<metadata id=\"" SVG_DATA_SEARCH_TERMS "\">", stream);
	for (uint32_t i = 0; i < terms->count; i++) {
		digits_write(stream, terms->items[i].key[0]);
		digits_write(stream, terms->items[i].key[1]);
		digits_write(stream, terms->items[i].names);
		digits_write(stream, terms->items[i].weight);
	}
	fputs("</metadata>\n", stream);
}

enum flame_status svg_data_write(FILE *stream, const struct flame_graph *graph,
				 const struct svg_data *data,
				 const struct presentation *presentation)
{
	write_header(stream, graph, data, presentation);
	write_names(stream, graph->table, data, presentation);
	if (data->sample.picks > 0) {
		write_sample(stream, &data->sample, &data->chosen);
		write_terms(stream, &data->terms);
	}
	return write_boxes(stream, graph, &data->chosen,
			   strcmp(presentation->view, SVG_DATA_VIEW_DIFF) == 0);
}
