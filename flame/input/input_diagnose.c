/* flame/input/input_diagnose.c - logs of diagnose-tools: frames in marked lines, or folded */
#include <string.h>

#include "flame/input/input.h"
#include "flame/input/input_text.h"
#include "flame/input/stack_builder.h"

/*
 * A sample is `##CGROUP:[name] ...`, then marked lines from the leaf to the root, then `##`:
 *   #@ kernel frame   #~ user frame   #* thread   #^ a process and its ancestors, the process first
 * as `0xADDRESS NAME (MODULE)`. Every sample counts 1. `**` starts a folded line, whose unit is
 * time. So of a log that has both, only the format that comes first is read.
 */
struct reader {
	const struct stack_sink *sink;
	struct input_report *report;
	struct stack_builder builder; /* the header, then the leaf first */
	struct folded_line folded;
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

static void skip_address(struct input_line *line)
{
	text_trim(line);
	if (input_line_starts_with(line, "0x"))
		(void)text_take_word(line);
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
	text_trim(line);
}

static bool is_unknown(const struct input_line *name)
{
	return name->size == 0 || text_is(name, "UNKNOWN") || text_is(name, "(unknown)");
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
		return stack_builder_add(&reader->builder, &unknown, FRAME_TYPE_UNKNOWN);
	return stack_builder_add(&reader->builder, &name, marker->type);
}

static enum flame_status pass_sample(struct reader *reader)
{
	struct stack stack = {.weight = 1, .side = reader->side};

	if (!reader->open)
		return FLAME_OK;
	reader->open = false;
	stack_builder_reverse(&reader->builder, 1);
	return stack_builder_pass(&reader->builder, reader->sink, &stack);
}

static enum flame_status start_sample(struct reader *reader, const struct input_line *line)
{
	enum flame_status status = pass_sample(reader);
	struct input_line name = {.text = line->text + 2, .size = line->size - 2};
	const char *end = memchr(name.text, ']', name.size);

	if (status != FLAME_OK)
		return status;
	reader->open = true;
	stack_builder_clear(&reader->builder);
	if (end)
		name.size = (size_t)(end - name.text) + 1;
	return stack_builder_add(&reader->builder, &name, FRAME_TYPE_GROUP);
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

static enum flame_status take_line(void *context, const struct input_line *line,
				   const struct line_reader *lines)
{
	struct reader *reader = context;
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
	enum flame_status status = input_take_lines(lines, take_line, &reader);
	if (status == FLAME_OK)
		status = pass_sample(&reader);
	stack_builder_release(&reader.builder);
	frame_list_release(&reader.folded.frames);
	return status;
}
