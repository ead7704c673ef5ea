/* flame/input/input_perf.c - perf script output: for each sample a header, then its frames */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "flame/input/input.h"
#include "flame/tree/frame_list.h"
#include "flame/tree/frame_type.h"

#define EVENT_BYTES_MAX 64u /* of the name in struct input_report, with its NUL */

struct reader {
	const struct stack_sink *sink;
	const struct input_options *options;
	struct input_report *report;
	struct frame_list frames; /* the leaf first, the command last */
	struct buffer names;      /* of the command, then of the frames */
	size_t command_bytes;     /* at the start of names */
	uint64_t weight;
	bool open;   /* inside a sample */
	bool wanted; /* its event is the one that is counted */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static enum flame_status add_frame(struct reader *reader, const char *name, size_t size,
				   enum frame_type type)
{
	const struct frame frame = {.size = size, .type = type};

	buffer_put(&reader->names, name, size);
	return reader->names.failed ? FLAME_NO_MEMORY : frame_list_add(&reader->frames, &frame);
}

static enum flame_status pass_sample(struct reader *reader)
{
	const char *names = (const char *)reader->names.data;
	struct stack stack = {.weight = reader->weight, .side = reader->options->side};
	const struct frame command = {
		.name = names,
		.size = reader->command_bytes,
		.type = FRAME_TYPE_GROUP,
	};
	size_t at = reader->command_bytes;
	enum flame_status status;

	if (!reader->open || !reader->wanted)
		return FLAME_OK;
	reader->open = false;
	for (size_t i = 0; i < reader->frames.count; i++) {
		reader->frames.items[i].name = names + at;
		at += reader->frames.items[i].size;
	}
	status = frame_list_add(&reader->frames, &command);
	if (status != FLAME_OK)
		return status;
	frame_list_reverse(&reader->frames);
	stack.frames = reader->frames.items;
	stack.count = reader->frames.count;
	return reader->sink->stack(reader->sink->context, &stack);
}

/* The command ends before a word that is a process id: `my comm 1234/1240 [003] 12.5: ...`. */
static size_t find_command_end(const struct input_line *line)
{
	for (size_t at = 1; at + 1 < line->size; at++) {
		size_t end = at;

		if (!is_space(line->text[at - 1]) || line->text[at] < '0' || line->text[at] > '9')
			continue;
		while (end < line->size && memchr("0123456789/", line->text[end], 11))
			end++;
		if (end < line->size && is_space(line->text[end]))
			return at;
	}
	return line->size;
}

/* The last word is the event, which ends in a colon; a number before it is the period. */
static void find_event(const struct input_line *line, struct input_line *ret_event,
		       uint64_t *ret_period)
{
	size_t end = line->size;
	size_t at;

	while (end > 0 && (is_space(line->text[end - 1]) || line->text[end - 1] == ':'))
		end--;
	at = end;
	while (at > 0 && !is_space(line->text[at - 1]))
		at--;
	*ret_event = (struct input_line){.text = line->text + at, .size = end - at};
	while (at > 0 && is_space(line->text[at - 1]))
		at--;
	end = at;
	while (at > 0 && line->text[at - 1] >= '0' && line->text[at - 1] <= '9')
		at--;
	*ret_period = 1;
	if (at < end && at > 0 && is_space(line->text[at - 1]))
		*ret_period = strtoull(line->text + at, NULL, 10);
}

static bool is_wanted(struct reader *reader, const struct input_line *event)
{
	char *chosen = reader->report->event;
	size_t kept = event->size < EVENT_BYTES_MAX - 1 ? event->size : EVENT_BYTES_MAX - 1;

	if (!chosen[0] && reader->options->event)
		strncpy(chosen, reader->options->event, EVENT_BYTES_MAX - 1);
	else if (!chosen[0])
		memcpy(chosen, event->text, kept);
	if (strlen(chosen) == kept && memcmp(chosen, event->text, kept) == 0)
		return true;
	reader->report->other_lines++;
	return false;
}

static void trim_spaces(struct input_line *line)
{
	while (line->size > 0 && is_space(line->text[0])) {
		line->text++;
		line->size--;
	}
	while (line->size > 0 && is_space(line->text[line->size - 1]))
		line->size--;
}

static enum flame_status start_sample(struct reader *reader, const struct input_line *line,
				      const struct line_reader *lines)
{
	enum flame_status status = pass_sample(reader);
	struct input_line command = {.text = line->text, .size = find_command_end(line)};
	struct input_line event;

	if (status != FLAME_OK)
		return status;
	if (command.size == line->size || !memchr(line->text, ':', line->size)) {
		input_complain(reader->report, lines, "neither a sample nor one of its frames");
		reader->open = false;
		return FLAME_OK;
	}
	trim_spaces(&command);
	find_event(line, &event, &reader->weight);
	reader->open = true;
	reader->wanted = is_wanted(reader, &event);
	reader->frames.count = 0;
	buffer_clear(&reader->names);
	reader->command_bytes = command.size;
	buffer_put(&reader->names, command.text, command.size);
	return reader->names.failed ? FLAME_NO_MEMORY : FLAME_OK;
}

/* Removes the `(module)` at the end, and returns it; empty if there is none. */
static struct input_line take_module(struct input_line *line)
{
	size_t at = line->size;
	struct input_line module = {.text = "", .size = 0};

	if (at == 0 || line->text[at - 1] != ')')
		return module;
	while (at > 0 && line->text[at - 1] != '(')
		at--;
	if (at < 2)
		return module;
	module.text = line->text + at;
	module.size = line->size - at - 1;
	line->size = at - 1;
	trim_spaces(line);
	return module;
}

static void remove_offset(struct input_line *symbol)
{
	for (size_t at = symbol->size; at > 3; at--)
		if (memcmp(symbol->text + at - 3, "+0x", 3) == 0) {
			symbol->size = at - 3;
			return;
		}
}

/* `  ffffffff8106f4a6 do_exit+0x1a6 ([kernel.kallsyms])` */
static enum flame_status read_frame(struct reader *reader, const struct input_line *line)
{
	struct input_line rest = *line;
	struct input_line module;
	enum frame_type type;

	trim_spaces(&rest);
	while (rest.size > 0 && !is_space(rest.text[0])) {
		rest.text++;
		rest.size--;
	}
	trim_spaces(&rest);
	module = take_module(&rest);
	remove_offset(&rest);
	type = frame_type_of_module(module.text, module.size);
	if (rest.size == 0 || (rest.size == 9 && memcmp(rest.text, "[unknown]", 9) == 0))
		return add_frame(reader, "[unknown]", 9, FRAME_TYPE_UNKNOWN);
	return add_frame(reader, rest.text, rest.size,
			 type == FRAME_TYPE_UNKNOWN ? FRAME_TYPE_AUTO : type);
}

static enum flame_status read_line(struct reader *reader, const struct input_line *line,
				   const struct line_reader *lines)
{
	struct input_line text = *line;

	if (line->size > 0 && line->text[0] == '#')
		return FLAME_OK;
	trim_spaces(&text);
	if (text.size == 0)
		return pass_sample(reader);
	if (!is_space(line->text[0]))
		return start_sample(reader, line, lines);
	if (reader->open)
		return read_frame(reader, line);
	/* perf pads short commands: a header can start with spaces too. */
	return start_sample(reader, &text, lines);
}

enum flame_status input_perf_read(struct line_reader *lines, const struct input_options *options,
				  const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {.sink = sink, .options = options, .report = report};
	enum flame_status status;
	struct input_line line;

	while ((status = input_line_next(lines, &line)) == FLAME_OK) {
		status = read_line(&reader, &line, lines);
		if (status != FLAME_OK)
			break;
	}
	/* No empty line needs to follow the last sample. */
	if (status == FLAME_EMPTY)
		status = pass_sample(&reader);
	frame_list_release(&reader.frames);
	buffer_release(&reader.names);
	return status;
}
