/* flame/input/input_perf.c - what perf script prints: a header per sample, then its frames, leaf
 * first */
#include <stdlib.h>
#include <string.h>

#include "flame/input/input.h"
#include "flame/tree/frame_list.h"
#include "flame/tree/frame_type.h"

#define FIRST_BYTES 4096u
#define ROOM_BYTES  64u /* what input_report keeps of an event's name */

struct reader {
	const struct stack_sink *sink;
	const struct input_options *options;
	struct input_report *report;
	struct frame_list frames; /* leaf first, the command last */
	char *bytes;              /* their names */
	size_t used;
	size_t capacity;
	size_t command_bytes; /* at the start of bytes */
	uint64_t weight;
	bool open;   /* a header was seen */
	bool wanted; /* and its event is the one that is counted */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static enum flame_status keep_bytes(struct reader *reader, const char *text, size_t size)
{
	if (!reader->bytes || reader->capacity - reader->used < size) {
		size_t capacity = (reader->capacity + size) * 2 + FIRST_BYTES;
		char *bytes = realloc(reader->bytes, capacity);

		if (!bytes)
			return FLAME_NO_MEMORY;
		reader->bytes = bytes;
		reader->capacity = capacity;
	}
	memcpy(reader->bytes + reader->used, text, size);
	reader->used += size;
	return FLAME_OK;
}

static enum flame_status add_frame(struct reader *reader, const char *name, size_t size,
				   enum frame_type type)
{
	const struct frame frame = {.size = size, .type = type};
	enum flame_status status = keep_bytes(reader, name, size);

	return status == FLAME_OK ? frame_list_add(&reader->frames, &frame) : status;
}

static enum flame_status pass_sample(struct reader *reader)
{
	struct stack stack = {.weight = reader->weight, .side = reader->options->side};
	const struct frame command = {
		.name = reader->bytes,
		.size = reader->command_bytes,
		.type = FRAME_TYPE_GROUP,
	};
	size_t at = reader->command_bytes;
	enum flame_status status;

	if (!reader->open || !reader->wanted)
		return FLAME_OK;
	reader->open = false;
	for (size_t i = 0; i < reader->frames.count; i++) {
		reader->frames.items[i].name = reader->bytes + at;
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

/* The command ends where a process id stands alone: `my comm 1234/1240 [003] 12.5: ...`. */
static size_t find_command_end(const struct line *line)
{
	for (size_t at = 1; at + 1 < line->size; at++) {
		size_t end = at;

		if (!is_blank(line->text[at - 1]) || line->text[at] < '0' || line->text[at] > '9')
			continue;
		while (end < line->size && memchr("0123456789/", line->text[end], 11))
			end++;
		if (end < line->size && is_blank(line->text[end]))
			return at;
	}
	return line->size;
}

/* The last word that ends in a colon names the event; a number before it is the period. */
static void find_event(const struct line *line, struct line *ret_event, uint64_t *ret_period)
{
	size_t end = line->size;
	size_t at;

	while (end > 0 && (is_blank(line->text[end - 1]) || line->text[end - 1] == ':'))
		end--;
	at = end;
	while (at > 0 && !is_blank(line->text[at - 1]))
		at--;
	*ret_event = (struct line){.text = line->text + at, .size = end - at};
	while (at > 0 && is_blank(line->text[at - 1]))
		at--;
	end = at;
	while (at > 0 && line->text[at - 1] >= '0' && line->text[at - 1] <= '9')
		at--;
	*ret_period = 1;
	if (at < end && at > 0 && is_blank(line->text[at - 1]))
		*ret_period = strtoull(line->text + at, NULL, 10);
}

static bool is_wanted(struct reader *reader, const struct line *event)
{
	char *chosen = reader->report->event;
	size_t kept = event->size < ROOM_BYTES - 1 ? event->size : ROOM_BYTES - 1;

	if (!chosen[0] && reader->options->event)
		strncpy(chosen, reader->options->event, ROOM_BYTES - 1);
	else if (!chosen[0])
		memcpy(chosen, event->text, kept);
	if (strlen(chosen) == kept && memcmp(chosen, event->text, kept) == 0)
		return true;
	reader->report->other_lines++;
	return false;
}

static void trim_blanks(struct line *line)
{
	while (line->size > 0 && is_blank(line->text[0])) {
		line->text++;
		line->size--;
	}
	while (line->size > 0 && is_blank(line->text[line->size - 1]))
		line->size--;
}

static enum flame_status start_sample(struct reader *reader, const struct line *line,
				      const struct lines *lines)
{
	enum flame_status status = pass_sample(reader);
	struct line command = {.text = line->text, .size = find_command_end(line)};
	struct line event;

	if (status != FLAME_OK)
		return status;
	if (command.size == line->size || !memchr(line->text, ':', line->size)) {
		input_complain(reader->report, lines, "neither a sample nor one of its frames");
		reader->open = false;
		return FLAME_OK;
	}
	trim_blanks(&command);
	find_event(line, &event, &reader->weight);
	reader->open = true;
	reader->wanted = is_wanted(reader, &event);
	reader->frames.count = 0;
	reader->used = 0;
	reader->command_bytes = command.size;
	return keep_bytes(reader, command.text, command.size);
}

/* Takes the `(module)` off the end. */
static struct line take_module(struct line *line)
{
	size_t at = line->size;
	struct line module = {.text = "", .size = 0};

	if (at == 0 || line->text[at - 1] != ')')
		return module;
	while (at > 0 && line->text[at - 1] != '(')
		at--;
	if (at < 2)
		return module;
	module.text = line->text + at;
	module.size = line->size - at - 1;
	line->size = at - 1;
	trim_blanks(line);
	return module;
}

static void cut_offset(struct line *symbol)
{
	for (size_t at = symbol->size; at > 3; at--)
		if (memcmp(symbol->text + at - 3, "+0x", 3) == 0) {
			symbol->size = at - 3;
			return;
		}
}

/* `  ffffffff8106f4a6 do_exit+0x1a6 ([kernel.kallsyms])` */
static enum flame_status read_frame(struct reader *reader, const struct line *line)
{
	struct line rest = *line;
	struct line module;
	enum frame_type type;

	trim_blanks(&rest);
	while (rest.size > 0 && !is_blank(rest.text[0])) {
		rest.text++;
		rest.size--;
	}
	trim_blanks(&rest);
	module = take_module(&rest);
	cut_offset(&rest);
	type = frame_type_of_module(module.text, module.size);
	if (rest.size == 0 || (rest.size == 9 && memcmp(rest.text, "[unknown]", 9) == 0))
		return add_frame(reader, "[unknown]", 9, FRAME_TYPE_UNKNOWN);
	return add_frame(reader, rest.text, rest.size,
			 type == FRAME_TYPE_UNKNOWN ? FRAME_TYPE_AUTO : type);
}

static enum flame_status read_line(struct reader *reader, const struct line *line,
				   const struct lines *lines)
{
	struct line text = *line;

	if (line->size > 0 && line->text[0] == '#')
		return FLAME_OK;
	trim_blanks(&text);
	if (text.size == 0)
		return pass_sample(reader);
	if (!is_blank(line->text[0]))
		return start_sample(reader, line, lines);
	if (reader->open)
		return read_frame(reader, line);
	/* perf pads short commands: a header may start with blanks too. */
	return start_sample(reader, &text, lines);
}

enum flame_status input_perf_read(struct lines *lines, const struct input_options *options,
				  const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {.sink = sink, .options = options, .report = report};
	enum flame_status status;
	struct line line;

	while ((status = lines_next(lines, &line)) == FLAME_OK) {
		status = read_line(&reader, &line, lines);
		if (status != FLAME_OK)
			break;
	}
	/* The last sample needs no blank line after it. */
	if (status == FLAME_EMPTY)
		status = pass_sample(&reader);
	frame_list_release(&reader.frames);
	free(reader.bytes);
	return status;
}
