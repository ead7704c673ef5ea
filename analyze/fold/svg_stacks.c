/* analyze/fold/svg_stacks.c - the stacks in a flame graph of diag-flame */
#define _GNU_SOURCE
#include "analyze/fold/svg_stacks.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "text/digits.h"
#include "text/escape.h"
#include "text/svg_data_format.h"

/* Far more than any flame graph that a browser opens; limits the memory for a small hostile file.
 */
#define NAMES_MAX  (UINT32_C(1) << 23)
#define LEVELS_MAX (UINT32_C(1) << 22)
#define FRAMES_MAX (UINT64_C(1) << 31)

static const char unknown_version[] =
	"picture data of an unknown version: only version " SVG_DATA_VERSION " can be read";

struct span {
	const char *text;
	const char *end;
};

/* A box whose children are being read. */
struct open_box {
	uint64_t left; /* of its width, after the children read so far */
	uint64_t old_left;
	uint64_t width;
	uint64_t merged;
	uint64_t old_merged;
	bool has_children;
};

#define SVG_UNIT_BYTES 32u /* with its NUL */

struct extract {
	const struct svg_stacks_sink *sink;
	struct span whole;
	char **names;
	uint8_t *types; /* of the names */
	size_t name_count;
	struct open_box *open;
	size_t open_capacity;
	struct svg_frame *path; /* the open boxes, the root first */
	size_t path_capacity;
	struct svg_frame *reversed; /* the same, the leaf first */
	size_t reversed_capacity;
	size_t depth;    /* open boxes */
	uint64_t frames; /* of the stacks passed to the sink */
	char *root_name; /* the function in focus, or NULL */
	unsigned decimals;
	bool is_diff;
	char unit[SVG_UNIT_BYTES];
	bool is_reversed;
	bool in_band; /* in the paths that only the old side has */
};

/* Finds the text of <metadata id="ID">. Returns false if there is none. */
static bool find_section(const struct extract *extract, const char *id, struct span *ret_section)
{
	char start[40];
	const char *text;
	const char *end;

	snprintf(start, sizeof(start), "<metadata id=\"%s\">", id);
	text = memmem(extract->whole.text, (size_t)(extract->whole.end - extract->whole.text),
		      start, strlen(start));
	if (!text)
		return false;
	text += strlen(start);
	end = memchr(text, '<', (size_t)(extract->whole.end - text));
	if (!end)
		return false;
	*ret_section = (struct span){.text = text, .end = end};
	return true;
}

/* Replaces the XML references that text/escape.c writes, in place. Returns the new size. */
static size_t decode_references(char *text, size_t size)
{
	static const struct {
		const char *reference;
		char character;
	} known[] = {
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
	size_t out = 0;

	for (size_t at = 0; at < size;) {
		size_t used = 1;
		char character = text[at];

		for (size_t i = 0; character == '&' && used == 1 && i < 5; i++) {
			size_t length = strlen(known[i].reference);

			if (size - at < length ||
			    memcmp(text + at, known[i].reference, length) != 0)
				continue;
			character = known[i].character;
			used = length;
			break;
		}
		text[out++] = character;
		at += used;
	}
	return out;
}

/* Returns a name, joined from the start that it shares with the previous one and the rest; NULL on
 * allocation failure. */
static char *join_name(const char *previous, size_t shared, const struct span *rest)
{
	size_t size = (size_t)(rest->end - rest->text);
	char *name = malloc(shared + size + 1);

	if (!name)
		return NULL;
	memcpy(name, previous, shared);
	memcpy(name + shared, rest->text, size);
	size = shared + decode_references(name + shared, size);
	name[size] = '\0';
	return name;
}

static enum svg_stacks_status read_name(struct extract *extract, const struct span *line)
{
	const char *previous = extract->name_count ? extract->names[extract->name_count - 1] : "";
	const struct span rest = {.text = line->text + 1, .end = line->end};
	int shared = line->text < line->end ? digits_value(*line->text) : -1;
	char *name;

	if (shared < 0 || strlen(previous) < (size_t)shared)
		return SVG_STACKS_DAMAGED;
	name = join_name(previous, (size_t)shared, &rest);
	if (!name)
		return SVG_STACKS_NO_MEMORY;
	extract->names[extract->name_count++] = name;
	return escape_is_clean(ESCAPE_TERMINAL, name, strlen(name)) ? SVG_STACKS_OK
								    : SVG_STACKS_DAMAGED;
}

static enum svg_stacks_status read_names(struct extract *extract)
{
	enum svg_stacks_status status = SVG_STACKS_OK;
	struct span section;
	size_t lines = 0;

	if (!find_section(extract, SVG_DATA_NAMES, &section))
		return SVG_STACKS_DAMAGED;
	for (const char *at = section.text; at < section.end; at++)
		lines += *at == '\n';
	if (lines > NAMES_MAX)
		return SVG_STACKS_TOO_LARGE;
	extract->names = calloc(lines + 1, sizeof(*extract->names));
	if (!extract->names)
		return SVG_STACKS_NO_MEMORY;
	while (status == SVG_STACKS_OK && extract->name_count < lines) {
		struct span line = {.text = section.text};

		line.end = memchr(line.text, '\n', (size_t)(section.end - line.text));
		status = read_name(extract, &line);
		section.text = line.end + 1;
	}
	return status;
}

/* Reads the types from the totals: for each name a digit with the type, and four numbers. Names
 * without totals have no type. */
static enum svg_stacks_status read_types(struct extract *extract)
{
	struct span section;

	extract->types = malloc(extract->name_count + 1);
	if (!extract->types)
		return SVG_STACKS_NO_MEMORY;
	memset(extract->types, SVG_FRAME_TYPES, extract->name_count + 1);
	if (!find_section(extract, SVG_DATA_TOTALS, &section))
		return SVG_STACKS_OK;
	for (size_t i = 0; i < extract->name_count && section.text < section.end; i++) {
		int type = digits_value(*section.text++);
		uint64_t number;

		if (type < 0)
			return SVG_STACKS_DAMAGED;
		extract->types[i] = (uint8_t)(type / 8);
		for (int number_index = 0; number_index < 4; number_index++)
			if (!digits_read(&section.text, section.end, &number))
				return SVG_STACKS_DAMAGED;
	}
	return SVG_STACKS_OK;
}

/*
 * Returns the value of a member of the JSON header, or NULL. Quotes in texts from outside are
 * written as XML references, so that no text can look like a member.
 */
static const char *find_member(const struct span *header, const char *name)
{
	char key[32];
	const char *found;

	snprintf(key, sizeof(key), "\"%s\":", name);
	found = memmem(header->text, (size_t)(header->end - header->text), key, strlen(key));
	return found ? found + strlen(key) : NULL;
}

static bool member_is(const struct span *header, const char *name, const char *value)
{
	const char *found = find_member(header, name);
	size_t length = strlen(value);

	return found && (size_t)(header->end - found) >= length &&
	       memcmp(found, value, length) == 0;
}

/* Undoes the backslashes of a JSON string, in place. */
static void decode_backslashes(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		*out++ = *text;
	}
	*out = '\0';
}

static enum svg_stacks_status read_root_name(struct extract *extract, const struct span *header)
{
	const char *start = find_member(header, SVG_DATA_KEY_ROOT);
	const char *end;
	size_t size;

	if (!start || start >= header->end || *start != '"')
		return SVG_STACKS_DAMAGED;
	start++;
	end = memchr(start, '"', (size_t)(header->end - start));
	if (!end)
		return SVG_STACKS_DAMAGED;
	extract->root_name = strndup(start, (size_t)(end - start));
	if (!extract->root_name)
		return SVG_STACKS_NO_MEMORY;
	size = decode_references(extract->root_name, strlen(extract->root_name));
	extract->root_name[size] = '\0';
	decode_backslashes(extract->root_name);
	if (!escape_is_clean(ESCAPE_TERMINAL, extract->root_name, strlen(extract->root_name)))
		return SVG_STACKS_DAMAGED;
	return SVG_STACKS_OK;
}

/* A unit with other characters than letters, digits and spaces is left out. */
static void read_unit(struct extract *extract, const struct span *header)
{
	const char *at = find_member(header, SVG_DATA_KEY_UNIT);
	size_t size = 0;

	if (!at || at >= header->end || *at++ != '"')
		return;
	while (at + size < header->end && size < SVG_UNIT_BYTES - 1 &&
	       (at[size] == ' ' || isalnum((unsigned char)at[size])))
		size++;
	if (at + size < header->end && at[size] == '"')
		memcpy(extract->unit, at, size);
}

static enum svg_stacks_status read_header(struct extract *extract)
{
	struct span header;
	const char *decimals;

	if (!find_section(extract, SVG_DATA_PICTURE, &header) ||
	    !find_member(&header, SVG_DATA_KEY_VERSION))
		return SVG_STACKS_FOREIGN;
	if (!member_is(&header, SVG_DATA_KEY_VERSION, SVG_DATA_VERSION ","))
		return SVG_STACKS_VERSION;
	decimals = find_member(&header, SVG_DATA_KEY_WEIGHT_DECIMALS);
	if (!decimals || decimals >= header.end || *decimals < '0' || *decimals > '9')
		return SVG_STACKS_DAMAGED;
	extract->decimals = (unsigned)(*decimals - '0');
	read_unit(extract, &header);
	extract->is_diff = member_is(&header, SVG_DATA_KEY_VIEW, "\"" SVG_DATA_VIEW_DIFF "\"");
	extract->is_reversed =
		member_is(&header, SVG_DATA_KEY_VIEW, "\"" SVG_DATA_VIEW_REVERSE "\"");
	if (member_is(&header, SVG_DATA_KEY_VIEW, "\"" SVG_DATA_VIEW_FOCUS "\""))
		return read_root_name(extract, &header);
	return SVG_STACKS_OK;
}

static enum svg_stacks_status pass_path(struct extract *extract, size_t count, uint64_t weight,
					uint64_t old_weight)
{
	struct svg_stack stack = {
		.frames = extract->path,
		.count = count,
		.weight = weight,
		.old_weight = old_weight,
		.decimals = extract->decimals,
		.is_diff = extract->is_diff,
		.unit = extract->unit,
	};

	if (count == 0)
		return SVG_STACKS_OK;
	extract->frames += count;
	if (extract->frames > FRAMES_MAX)
		return SVG_STACKS_TOO_LARGE;
	if (extract->is_reversed) {
		for (size_t i = 0; i < count; i++)
			extract->reversed[i] = extract->path[count - 1 - i];
		stack.frames = extract->reversed;
	}
	return extract->sink->stack(extract->sink->context, &stack) ? SVG_STACKS_OK
								    : SVG_STACKS_STOPPED;
}

/* Returns the number of names on the path to the last open box, or `closed` levels beyond it. The
 * root has no name, except with a focus. */
static size_t path_length(const struct extract *extract, size_t closed)
{
	return extract->depth + closed - (extract->root_name ? 0 : 1);
}

/* The width that is left when all children are known is the self weight. */
static enum svg_stacks_status close_box(struct extract *extract)
{
	const struct open_box *box = extract->open;
	uint64_t weight;
	uint64_t old_weight;
	bool is_empty_leaf;

	if (!box || extract->depth == 0)
		return SVG_STACKS_DAMAGED;
	box += --extract->depth;
	weight = box->left - box->merged;
	old_weight = box->old_left - box->old_merged;
	is_empty_leaf = !box->has_children && box->width == 0 && !extract->is_diff;
	if (box->merged > box->left || box->old_merged > box->old_left)
		return SVG_STACKS_DAMAGED;
	if (weight == 0 && old_weight == 0 && !is_empty_leaf)
		return SVG_STACKS_OK;
	if (extract->in_band)
		return pass_path(extract, path_length(extract, 1), 0, weight);
	return pass_path(extract, path_length(extract, 1), weight, old_weight);
}

static enum svg_stacks_status reserve_depth(struct extract *extract)
{
	/* One more than the open boxes, for the merged frames. */
	const size_t wanted = extract->depth + 2;
	struct open_box *open;
	struct svg_frame *frames;

	if (extract->depth >= LEVELS_MAX)
		return SVG_STACKS_TOO_LARGE;
	open = array_grow(extract->open, &extract->open_capacity, wanted, sizeof(*open),
			  ARRAY_NO_LIMIT);
	if (!open)
		return SVG_STACKS_NO_MEMORY;
	extract->open = open;
	frames = array_grow(extract->path, &extract->path_capacity, wanted, sizeof(*frames),
			    ARRAY_NO_LIMIT);
	if (!frames)
		return SVG_STACKS_NO_MEMORY;
	extract->path = frames;
	frames = array_grow(extract->reversed, &extract->reversed_capacity, wanted, sizeof(*frames),
			    ARRAY_NO_LIMIT);
	if (!frames)
		return SVG_STACKS_NO_MEMORY;
	extract->reversed = frames;
	return SVG_STACKS_OK;
}

static bool read_number(struct span *data, uint64_t *ret_value)
{
	return digits_read(&data->text, data->end, ret_value);
}

/* The widths of further levels are not needed, but must be valid. */
static bool skip_profile(struct span *data, uint64_t width)
{
	while (width > 0) {
		uint64_t run;
		uint64_t drop;

		if (!read_number(data, &run) || !read_number(data, &drop) || run == 0 ||
		    drop == 0 || drop > width)
			return false;
		width -= drop;
	}
	return true;
}

static bool read_box(const struct extract *extract, struct span *data, struct svg_data_box *ret_box)
{
	struct svg_data_box box = {0};
	bool good = true;

#define READ_FIELD(member, when)                                                                   \
	if (good && svg_data_has(when, box.up, extract->is_diff))                                  \
		good = read_number(data, &box.member);
	SVG_DATA_BOX_FIELDS(READ_FIELD)
#undef READ_FIELD
	if (good && svg_data_is_merging(box.up)) {
		good = skip_profile(data, box.merged_width);
		if (good && extract->is_diff)
			good = read_number(data, &box.merged_old);
	}
	*ret_box = box;
	return good;
}

/* Subtracts the widths of the box from its parent. Returns false if the parent is too narrow. */
static bool take_width(struct extract *extract, const struct svg_data_box *data,
		       struct open_box *box)
{
	struct open_box *parent = extract->depth > 0 ? &extract->open[extract->depth - 1] : NULL;
	uint64_t stays = data->old - data->gone;

	if (data->gone > data->old)
		return false;
	box->width = data->gap;
	if (parent) {
		if (data->gap > parent->left || (!extract->in_band && stays > parent->old_left))
			return false;
		box->width = parent->left - data->gap;
		parent->left = data->gap;
		parent->old_left -= extract->in_band ? 0 : stays;
		parent->has_children = true;
	}
	box->left = box->width;
	box->old_left = extract->in_band ? 0 : stays;
	return true;
}

/* Passes the merged frames as one frame in brackets. */
static enum svg_stacks_status pass_merged(struct extract *extract, const struct svg_data_box *data)
{
	struct open_box *box = &extract->open[extract->depth - 1];
	size_t count = path_length(extract, 0);
	char name[64];

	if (data->merged_width > box->left || data->merged_old > box->old_left)
		return SVG_STACKS_DAMAGED;
	box->merged = data->merged_width;
	box->old_merged = data->merged_old;
	box->has_children = true;
	if (data->merged_width == 0 && data->merged_old == 0)
		return SVG_STACKS_OK;
	snprintf(name, sizeof(name), "[%" PRIu64 " merged frames]", data->merged_frames);
	extract->path[count] = (struct svg_frame){.name = name, .type = SVG_FRAME_TYPES};
	return pass_path(extract, count + 1, extract->in_band ? 0 : data->merged_width,
			 extract->in_band ? data->merged_width : data->merged_old);
}

static struct svg_frame frame_of(const struct extract *extract, const struct svg_data_box *data,
				 bool is_top)
{
	if (is_top)
		return (struct svg_frame){.name = extract->root_name, .type = SVG_FRAME_TYPES};
	return (struct svg_frame){
		.name = extract->names[data->name - 1],
		.type = (enum svg_frame_type)extract->types[data->name - 1],
	};
}

static enum svg_stacks_status open_box(struct extract *extract, const struct svg_data_box *data)
{
	struct open_box box = {0};
	enum svg_stacks_status status = reserve_depth(extract);
	bool is_top = extract->depth == 0;

	if (status != SVG_STACKS_OK)
		return status;
	if ((data->name == 0) != is_top || data->name > extract->name_count ||
	    !take_width(extract, data, &box))
		return SVG_STACKS_DAMAGED;
	extract->open[extract->depth++] = box;
	if (path_length(extract, 0) > 0)
		extract->path[path_length(extract, 0) - 1] = frame_of(extract, data, is_top);
	return svg_data_is_merging(data->up) ? pass_merged(extract, data) : SVG_STACKS_OK;
}

static enum svg_stacks_status read_boxes(struct extract *extract, const char *id)
{
	enum svg_stacks_status status = SVG_STACKS_OK;
	struct svg_data_box box;
	struct span data;

	if (!find_section(extract, id, &data))
		return extract->in_band ? SVG_STACKS_OK : SVG_STACKS_DAMAGED;
	/* Only a difference has an old side. */
	if (extract->in_band && !extract->is_diff)
		return SVG_STACKS_DAMAGED;
	extract->depth = 0;
	while (status == SVG_STACKS_OK && data.text < data.end) {
		bool is_first = extract->depth == 0;

		if (!read_box(extract, &data, &box) || (!is_first && box.up >> 1 >= extract->depth))
			return SVG_STACKS_DAMAGED;
		for (uint64_t i = box.up >> 1; i > 0 && status == SVG_STACKS_OK; i--)
			status = close_box(extract);
		if (status == SVG_STACKS_OK)
			status = open_box(extract, &box);
	}
	while (status == SVG_STACKS_OK && extract->depth > 0)
		status = close_box(extract);
	return status;
}

static void release(struct extract *extract)
{
	for (size_t i = 0; i < extract->name_count; i++)
		free(extract->names[i]);
	free(extract->names);
	free(extract->types);
	free(extract->open);
	free(extract->path);
	free(extract->reversed);
	free(extract->root_name);
}

bool svg_stacks_recognizes(const void *bytes, size_t size)
{
	static const char *const starts[] = {"<?xml ", "<svg "};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (size >= strlen(starts[i]) && memcmp(bytes, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

enum svg_stacks_status svg_stacks_run(const char *text, size_t size,
				      const struct svg_stacks_sink *sink)
{
	struct extract extract = {.sink = sink, .whole = {.text = text, .end = text + size}};
	enum svg_stacks_status status = read_header(&extract);

	if (status == SVG_STACKS_OK)
		status = read_names(&extract);
	if (status == SVG_STACKS_OK)
		status = read_types(&extract);
	if (status == SVG_STACKS_OK)
		status = read_boxes(&extract, SVG_DATA_BOXES);
	if (status == SVG_STACKS_OK) {
		extract.in_band = true;
		status = read_boxes(&extract, SVG_DATA_GONE);
	}
	release(&extract);
	return status;
}

const char *svg_stacks_status_text(enum svg_stacks_status status)
{
	static const char *const texts[] = {
		[SVG_STACKS_OK] = "no error",
		[SVG_STACKS_STOPPED] = "stopped",
		[SVG_STACKS_FOREIGN] = "not a flame graph of diag-flame",
		[SVG_STACKS_VERSION] = unknown_version,
		[SVG_STACKS_DAMAGED] = "damaged flame graph: use the file as diag-flame wrote it",
		[SVG_STACKS_TOO_LARGE] =
			"flame graph too large: more names, levels or frames than the limits",
		[SVG_STACKS_NO_MEMORY] = "out of memory",
	};

	return texts[status];
}
