/* flame/input/input_bpftrace.c - maps of bpftrace with stacks in their keys
 *
 * Such as @[kstack, ustack, comm]: N.
 */
#include <string.h>

#include "flame/input/input.h"
#include "flame/input/input_text.h"
#include "flame/input/perf_words.h"
#include "flame/input/stack_builder.h"
#include "flame/tree/frame_type.h"

#define STACKS_MAX 8u
/* Maps with stacks are known from this much of the file, before their first key. */
#define SURVEY_BYTES ((size_t)4 << 20)

/*
 * A key starts with `@NAME[`. Its parts are separated by commas: texts, and stacks, each of which
 * starts with a line end and has a frame a line, the leaf first. The key ends with `]: N`. A stack
 * without frames is an empty part: `@[]: 7`, `@[, bash]: 7`. So can be a text, but not in a map
 * that has stacks elsewhere.
 */
struct reader {
	const struct stack_sink *sink;
	const struct input_options *options;
	struct input_report *report;
	struct stack_builder frames; /* texts, then the stacks as they come */
	struct stack_builder texts;
	size_t starts[STACKS_MAX]; /* of the stacks in frames */
	size_t stacks;
	char map[INPUT_EVENT_NAME_MAX];
	char maps[INPUT_EVENTS_MAX][INPUT_EVENT_NAME_MAX]; /* those with stacks */
	size_t map_count;
	bool has_empty; /* the key has a part without text or frames */
	bool open;      /* inside a key */
	bool in_stack;  /* the last line was a frame */
	bool wanted;
};

/* `schedule+42`; with the modes of perf `ffffffff8106 schedule+42 ([kernel.kallsyms])`. */
static enum flame_status add_frame(struct reader *reader, struct input_line name)
{
	struct input_line rest = name;
	struct input_line word = text_take_word(&rest);
	enum frame_type type = FRAME_TYPE_AUTO;
	size_t module;

	if (rest.size > 0 && perf_word_is_address(&word, 4))
		name = rest;
	module = text_find(&name, " (");
	if (module < name.size && text_ends_with(&name, ")")) {
		type = frame_type_of_module(name.text + module + 2, name.size - module - 3);
		type = type == FRAME_TYPE_UNKNOWN ? FRAME_TYPE_AUTO : type;
		name.size = module;
	}
	word = name;
	while (word.size > 0 && word.text[word.size - 1] >= '0' && word.text[word.size - 1] <= '9')
		word.size--;
	if (word.size < name.size && word.size > 1 && text_ends_with(&word, "+"))
		name.size = word.size - 1;
	/* An address is code without a symbol. */
	if (input_line_starts_with(&name, "0x"))
		name = (struct input_line){.text = "[unknown]", .size = 9};
	if (!reader->in_stack) {
		if (reader->stacks == STACKS_MAX)
			return FLAME_OK;
		reader->starts[reader->stacks++] = reader->frames.frames.count;
	}
	reader->in_stack = true;
	return stack_builder_add(&reader->frames, &name, type);
}

/* Adds the texts. The last one is empty if a stack follows, and the first one after a stack. */
static enum flame_status add_texts(struct reader *reader, struct input_line list, bool is_end)
{
	bool is_last = list.size == 0 && reader->in_stack;

	if (reader->in_stack && input_line_starts_with(&list, ", "))
		text_advance(&list, 2);
	while (!is_last) {
		size_t end = text_find(&list, ", ");
		struct input_line item = {.text = list.text, .size = end};
		enum flame_status status = FLAME_OK;

		is_last = end == list.size;
		text_trim(&item);
		reader->has_empty = reader->has_empty || (item.size == 0 && (is_end || !is_last));
		if (item.size > 0 && !text_is(&item, ","))
			status = stack_builder_add(&reader->texts, &item, FRAME_TYPE_GROUP);
		if (status != FLAME_OK)
			return status;
		text_advance(&list, is_last ? end : end + 2);
	}
	return FLAME_OK;
}

static bool is_known(const struct reader *reader)
{
	for (size_t i = 0; i < reader->map_count; i++)
		if (strcmp(reader->maps[i], reader->map) == 0)
			return true;
	return false;
}

/* Notes that the current map has stacks. Further maps than there is room for are not noted. */
static void note_map(struct reader *reader)
{
	if (reader->map_count < INPUT_EVENTS_MAX && !is_known(reader))
		memcpy(reader->maps[reader->map_count++], reader->map, sizeof(reader->map));
}

static bool has_entry(const struct reader *reader, size_t from, size_t to)
{
	const char *names = stack_builder_names(&reader->frames);

	for (size_t i = from; i < to; i++) {
		const struct frame *frame = &reader->frames.frames.items[i];

		if (frame->type == FRAME_TYPE_KERNEL ||
		    frame_type_enters_kernel(names + (uintptr_t)frame->name, frame->size))
			return true;
	}
	return false;
}

static size_t end_of(const struct reader *reader, size_t stack)
{
	return stack + 1 < reader->stacks ? reader->starts[stack + 1] : reader->frames.frames.count;
}

/* Returns which stack is the kernel's: the one that enters it; of two without an entry, the first.
 */
static size_t find_kernel(const struct reader *reader)
{
	for (size_t i = 0; i < reader->stacks; i++)
		if (has_entry(reader, reader->starts[i], end_of(reader, i)))
			return i;
	return reader->stacks > 1 ? 0 : reader->stacks;
}

static enum flame_status copy_stack(struct reader *reader, size_t stack, enum frame_type type)
{
	const char *names = stack_builder_names(&reader->frames);

	for (size_t i = end_of(reader, stack); i-- > reader->starts[stack];) {
		const struct frame *frame = &reader->frames.frames.items[i];
		const struct input_line name = {
			.text = names + (uintptr_t)frame->name,
			.size = frame->size,
		};
		enum flame_status status = stack_builder_add(
			&reader->texts, &name, frame->type == FRAME_TYPE_AUTO ? type : frame->type);

		if (status != FLAME_OK)
			return status;
	}
	return FLAME_OK;
}

/* The texts are the root, then comes the user's code, then the kernel's. */
static enum flame_status pass_key(struct reader *reader, uint64_t weight)
{
	struct stack stack = {.weight = weight, .side = reader->options->side};
	const struct stack_origin origin = {.root_count = reader->texts.frames.count};
	size_t kernel = find_kernel(reader);
	enum flame_status status = FLAME_OK;

	for (size_t i = 0; status == FLAME_OK && i < reader->stacks; i++)
		if (i != kernel)
			status = copy_stack(reader, i, FRAME_TYPE_AUTO);
	if (status == FLAME_OK && kernel < reader->stacks)
		status = copy_stack(reader, kernel, FRAME_TYPE_KERNEL);
	stack.origin = &origin;
	return status == FLAME_OK ? stack_builder_pass(&reader->texts, reader->sink, &stack)
				  : status;
}

/* Takes the name of the map from `@NAME[`. Returns false for another line. */
static bool take_map(struct reader *reader, const struct input_line *line, size_t *ret_bracket)
{
	size_t bracket = text_find(line, "[");
	size_t size = bracket < sizeof(reader->map) ? bracket : sizeof(reader->map) - 1;

	if (line->size == 0 || line->text[0] != '@' || bracket == line->size)
		return false;
	memset(reader->map, 0, sizeof(reader->map));
	memcpy(reader->map, line->text, size);
	*ret_bracket = bracket;
	return true;
}

/* Only a key with a stack has several lines. */
static void survey(struct reader *reader, const struct input_line *start)
{
	struct input_line rest = *start;

	while (rest.size > 0) {
		size_t end = text_find(&rest, "\n");
		struct input_line line = {.text = rest.text, .size = end};
		size_t bracket;

		if (take_map(reader, &line, &bracket) && text_find(&line, "]: ") == line.size)
			note_map(reader);
		text_advance(&rest, end < rest.size ? end + 1 : end);
	}
}

static void start_key(struct reader *reader)
{
	stack_builder_clear(&reader->frames);
	stack_builder_clear(&reader->texts);
	reader->stacks = 0;
	reader->in_stack = false;
	reader->has_empty = false;
	reader->open = true;
}

/* The end of a key, `]: N`. */
static enum flame_status end_key(struct reader *reader, struct input_line value,
				 const struct line_reader *lines)
{
	const struct input_line map = {.text = reader->map, .size = strlen(reader->map)};
	uint64_t weight;

	reader->open = false;
	text_trim(&value);
	if (reader->stacks > 0)
		note_map(reader);
	else if (!reader->has_empty || !is_known(reader)) {
		reader->report->ignored_lines++;
		return FLAME_OK;
	}
	if (!text_parse_number(&value, &weight)) {
		input_complain(reader->report, lines, "the value of a key is not a count");
		return FLAME_OK;
	}
	if (!input_event_is_wanted(reader->report, reader->options, &map))
		return FLAME_OK;
	return pass_key(reader, weight);
}

/* What follows `[` or a stack: texts, and the end of the key or the start of a stack. */
static enum flame_status read_parts(struct reader *reader, struct input_line parts,
				    const struct line_reader *lines)
{
	struct input_line value = {.text = parts.text, .size = 0};
	enum flame_status status;
	bool is_end = false;

	for (size_t at = parts.size; at > 2 && !is_end; at--)
		if (memcmp(parts.text + at - 3, "]: ", 3) == 0) {
			value = (struct input_line){parts.text + at, parts.size - at};
			parts.size = at - 3;
			is_end = true;
		}
	status = add_texts(reader, parts, is_end);
	reader->in_stack = false;
	return status == FLAME_OK && is_end ? end_key(reader, value, lines) : status;
}

static enum flame_status take_line(void *context, const struct input_line *line,
				   const struct line_reader *lines)
{
	struct reader *reader = context;
	struct input_line text = *line;
	size_t bracket;

	if (take_map(reader, line, &bracket)) {
		start_key(reader);
		text_advance(&text, bracket + 1);
		return read_parts(reader, text, lines);
	}
	if (!reader->open || line->size == 0) {
		reader->report->ignored_lines++;
		return FLAME_OK;
	}
	if (line->text[0] != ' ' && line->text[0] != '\t')
		return read_parts(reader, text, lines);
	text_trim(&text);
	return add_frame(reader, text);
}

enum flame_status input_bpftrace_read(struct line_reader *lines,
				      const struct input_options *options,
				      const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {.sink = sink, .options = options, .report = report};
	struct input_line start;
	enum flame_status status = input_line_peek(lines, SURVEY_BYTES, &start);

	if (status != FLAME_OK)
		return status;
	survey(&reader, &start);
	status = input_take_lines(lines, take_line, &reader);
	stack_builder_release(&reader.frames);
	stack_builder_release(&reader.texts);
	return status;
}
