/* flame/input/input_bcc.c - profile and offcputime of bcc without -f: frames, a task, a count */
#include <string.h>

#include "flame/input/input.h"
#include "flame/input/input_text.h"
#include "flame/input/stack_builder.h"

/*
 *     leaf
 *     caller
 *     -                comm (pid)
 *         12
 */
struct reader {
	const struct stack_sink *sink;
	const struct input_options *options;
	struct input_report *report;
	struct stack_builder frames;
	struct stack_origin origin;
	char comm[64];
	bool has_task; /* the count is next */
};

/* `comm (pid)`, at the end of a stack. Returns false if the line is a frame. */
static bool parse_task(struct reader *reader, struct input_line text)
{
	size_t bracket;
	struct input_line id;
	uint64_t pid;

	if (text.size < 2 || memcmp(text.text, "- ", 2) != 0 || !text_ends_with(&text, ")"))
		return false;
	text_advance(&text, 2);
	text_trim(&text);
	bracket = text.size;
	while (bracket > 0 && text.text[bracket - 1] != '(')
		bracket--;
	if (bracket < 2)
		return false;
	id = (struct input_line){.text = text.text + bracket, .size = text.size - bracket - 1};
	if (!text_parse_number(&id, &pid) || pid > UINT32_MAX)
		return false;
	text.size = bracket - 2;
	if (text.size > sizeof(reader->comm))
		text.size = sizeof(reader->comm);
	memcpy(reader->comm, text.text, text.size);
	reader->origin = (struct stack_origin){
		.comm = reader->comm,
		.comm_size = text.size,
		.pid = (uint32_t)pid,
		.tid = (uint32_t)pid,
		.has_comm = true,
		.has_pid = true,
		.has_tid = true,
		.one_id = true,
		.root_count = 1,
	};
	return true;
}

static enum flame_status pass_count(struct reader *reader, uint64_t count)
{
	const struct input_line comm = {.text = reader->comm, .size = reader->origin.comm_size};
	struct stack stack = {
		.weight = count,
		.side = reader->options->side,
		.origin = &reader->origin,
	};
	enum flame_status status = stack_builder_add(&reader->frames, &comm, FRAME_TYPE_GROUP);

	reader->has_task = false;
	if (status != FLAME_OK)
		return status;
	stack_builder_reverse(&reader->frames, 0);
	return stack_builder_pass(&reader->frames, reader->sink, &stack);
}

static enum flame_status add_frame(struct reader *reader, struct input_line name)
{
	struct input_line rest = name;
	struct input_line word;

	/* The tools of libbpf print `#1  0xffffffff81 name` with -v. */
	if (name.text[0] == '#') {
		text_take_word(&rest);
		word = text_take_word(&rest);
		if (input_line_starts_with(&word, "0x") && rest.size > 0)
			name = rest;
	}
	if (text_is(&name, "--"))
		return FLAME_OK;
	return stack_builder_add(&reader->frames, &name,
				 text_is(&name, "[unknown]") ? FRAME_TYPE_UNKNOWN
							     : FRAME_TYPE_AUTO);
}

static enum flame_status take_line(void *context, const struct input_line *line,
				   const struct line_reader *lines)
{
	struct reader *reader = context;
	struct input_line text = *line;
	uint64_t count;

	if (input_line_starts_with(line, "Tracing off-CPU time (us)"))
		reader->report->unit = "us";
	text_trim(&text);
	if (text.size == 0 || line->text[0] != ' ') {
		reader->report->ignored_lines++;
		stack_builder_clear(&reader->frames);
		reader->has_task = false;
		return FLAME_OK;
	}
	if (reader->has_task) {
		if (text_parse_number(&text, &count))
			return pass_count(reader, count);
		input_complain(reader->report, lines, "no count after the task");
		reader->has_task = false;
		return FLAME_OK;
	}
	reader->has_task = parse_task(reader, text);
	return reader->has_task ? FLAME_OK : add_frame(reader, text);
}

enum flame_status input_bcc_read(struct line_reader *lines, const struct input_options *options,
				 const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {.sink = sink, .options = options, .report = report};
	enum flame_status status = input_take_lines(lines, take_line, &reader);
	stack_builder_release(&reader.frames);
	return status;
}
