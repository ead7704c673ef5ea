/* flame/input/input_diagnose.c - logs of diagnose-tools: frames in marked lines, or folded */
#include <string.h>

#include "base/buffer.h"
#include "flame/input/input.h"
#include "flame/tree/frame_list.h"

/*
 * A sample is `##CGROUP:[name] ...`, then marked lines from the leaf to the root, then `##`:
 *   #@ kernel frame   #~ user frame   #* thread   #^ a process and its ancestors, the process first
 * as `0xADDRESS NAME (MODULE)`. Every sample counts 1. `**` starts a folded line, whose unit is
 * time. So of a log that has both, only the format that comes first is read.
 */
struct reader {
	const struct stack_sink *sink;
	struct input_report *report;
	struct frame_list frames; /* the leaf first; their names are set by pass_sample() */
	struct folded_line folded;
	struct buffer names; /* of the frames, because a line is valid until the next one only */
	enum stack_side side;
	bool open; /* inside a sample */
	char kind; /* '#' or '*', as in the first sample; 0: none yet */
};

struct marker {
	char letter;
	enum frame_type type;
};

static const struct marker markers[] = {
	{'@', FRAME_TYPE_KERNEL},
	{'~', FRAME_TYPE_AUTO},
	{'*', FRAME_TYPE_GROUP},
	{'^', FRAME_TYPE_GROUP},
};

static enum flame_status add_frame(struct reader *reader, const struct input_line *name,
				   enum frame_type type)
{
	const struct frame frame = {.size = name->size, .type = type};

	buffer_put(&reader->names, name->text, name->size);
	return reader->names.failed ? FLAME_NO_MEMORY : frame_list_add(&reader->frames, &frame);
}

static void trim_spaces(struct input_line *line)
{
	while (line->size > 0 && (line->text[0] == ' ' || line->text[0] == '\t')) {
		line->text++;
		line->size--;
	}
	while (line->size > 0 && line->text[line->size - 1] == ' ')
		line->size--;
}

static void skip_address(struct input_line *line)
{
	trim_spaces(line);
	if (line->size < 2 || memcmp(line->text, "0x", 2) != 0)
		return;
	while (line->size > 0 && line->text[0] != ' ') {
		line->text++;
		line->size--;
	}
	trim_spaces(line);
}

/* Removes the last word if it is in these brackets. */
static void remove_bracketed(struct input_line *line, char open, char close)
{
	size_t at = line->size;

	if (at == 0 || line->text[at - 1] != close)
		return;
	while (at > 0 && line->text[at - 1] != open)
		at--;
	if (at > 1 && line->text[at - 2] == ' ')
		line->size = at - 2;
	trim_spaces(line);
}

static bool is_unknown(const struct input_line *name)
{
	return name->size == 0 || (name->size == 7 && memcmp(name->text, "UNKNOWN", 7) == 0) ||
	       (name->size == 9 && memcmp(name->text, "(unknown)", 9) == 0);
}

static enum flame_status read_frame(struct reader *reader, const struct input_line *line,
				    const struct marker *marker)
{
	static const struct input_line unknown = {.text = "[unknown]", .size = 9};
	struct input_line name = {.text = line->text + 2, .size = line->size - 2};
	bool is_code = marker->type != FRAME_TYPE_GROUP;

	skip_address(&name);
	remove_bracketed(&name, '(', ')');
	if (is_code)
		remove_bracketed(&name, '[', ']');
	if (is_code && is_unknown(&name))
		return add_frame(reader, &unknown, FRAME_TYPE_UNKNOWN);
	return add_frame(reader, &name, marker->type);
}

static enum flame_status pass_sample(struct reader *reader)
{
	struct stack stack = {.weight = 1, .side = reader->side};
	const char *names = (const char *)reader->names.data;
	size_t at = 0;

	if (!reader->open || reader->frames.count == 0)
		return FLAME_OK;
	for (size_t i = 0; i < reader->frames.count; i++) {
		reader->frames.items[i].name = names + at;
		at += reader->frames.items[i].size;
	}
	/* The header comes first and is the root: reverse the frames, then move it back to the
	 * front. */
	frame_list_reverse(&reader->frames);
	for (size_t i = reader->frames.count - 1; i > 0; i--) {
		struct frame header = reader->frames.items[i];

		reader->frames.items[i] = reader->frames.items[i - 1];
		reader->frames.items[i - 1] = header;
	}
	stack.frames = reader->frames.items;
	stack.count = reader->frames.count;
	reader->open = false;
	return reader->sink->stack(reader->sink->context, &stack);
}

static enum flame_status start_sample(struct reader *reader, const struct input_line *line)
{
	enum flame_status status = pass_sample(reader);
	struct input_line name = {.text = line->text + 2, .size = line->size - 2};
	const char *end = memchr(name.text, ']', name.size);

	if (status != FLAME_OK)
		return status;
	reader->open = true;
	reader->frames.count = 0;
	buffer_clear(&reader->names);
	if (end)
		name.size = (size_t)(end - name.text) + 1;
	return add_frame(reader, &name, FRAME_TYPE_GROUP);
}

static enum flame_status read_folded(struct reader *reader, const struct line_reader *lines,
				     const struct input_line *line)
{
	const struct input_line rest = {.text = line->text + 2, .size = line->size - 2};
	const char *reason = NULL;
	enum flame_status status = folded_line_parse(&reader->folded, &rest, false, &reason);
	const struct stack stack = {
		.frames = reader->folded.frames.items,
		.count = reader->folded.frames.count,
		.side = reader->side,
		.weight = reader->folded.weights[SIDE_NEW],
		.decimals = reader->folded.decimals[SIDE_NEW],
	};

	if (status == FLAME_FORMAT) {
		input_complain(reader->report, lines, reason);
		return FLAME_OK;
	}
	return status == FLAME_OK ? reader->sink->stack(reader->sink->context, &stack) : status;
}

/* The first sample decides between `##` and `**`; lines of the other kind are counted and skipped.
 */
static bool is_chosen(struct reader *reader, char kind)
{
	if (reader->kind == 0)
		reader->kind = kind;
	if (reader->kind == kind)
		return true;
	reader->report->other_lines++;
	return false;
}

static enum flame_status read_line(struct reader *reader, const struct line_reader *lines,
				   const struct input_line *line)
{
	if (input_line_starts_with(line, "**"))
		return is_chosen(reader, '*') ? read_folded(reader, lines, line) : FLAME_OK;
	if (input_line_starts_with(line, "##CGROUP:"))
		return is_chosen(reader, '#') ? start_sample(reader, line) : FLAME_OK;
	if (input_line_starts_with(line, "##"))
		return pass_sample(reader);
	if (!reader->open || line->size < 2 || line->text[0] != '#')
		return FLAME_OK;
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++)
		if (line->text[1] == markers[i].letter)
			return read_frame(reader, line, &markers[i]);
	return FLAME_OK;
}

enum flame_status input_diagnose_read(struct line_reader *lines,
				      const struct input_options *options,
				      const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {.sink = sink, .report = report, .side = options->side};
	enum flame_status status;
	struct input_line line;

	while ((status = input_line_next(lines, &line)) == FLAME_OK) {
		status = read_line(&reader, lines, &line);
		if (status != FLAME_OK)
			break;
	}
	if (status == FLAME_EMPTY)
		status = pass_sample(&reader);
	frame_list_release(&reader.frames);
	frame_list_release(&reader.folded.frames);
	buffer_release(&reader.names);
	return status;
}
