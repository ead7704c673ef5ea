/* flame/input/input_perf.c - perf script output: for each sample a header, then its frames */
#include <string.h>

#include "flame/input/input.h"
#include "flame/input/input_text.h"
#include "flame/input/perf_frame.h"
#include "flame/input/perf_layout.h"
#include "flame/input/stack_builder.h"

/* The layout follows from this much of the file. */
#define SURVEY_BYTES ((size_t)4 << 20)

struct reader {
	const struct stack_sink *sink;
	const struct input_options *options;
	struct input_report *report;
	struct perf_layout layout;
	struct stack_builder frames; /* the command, then the leaf first */
	struct stack_origin origin;
	uint64_t weight;
	bool open;      /* inside a sample */
	bool wanted;    /* its event is the one that is counted */
	bool is_record; /* inside a PERF_RECORD_ line, which can have several */
	bool is_first;  /* no line since the last empty one */
};

/* The frames came from the leaf; the command is the root. */
static enum flame_status pass_sample(struct reader *reader)
{
	struct stack stack = {
		.weight = reader->weight,
		.side = reader->options->side,
		.origin = &reader->origin,
	};

	if (!reader->open || !reader->wanted)
		return FLAME_OK;
	reader->open = false;
	stack_builder_reverse(&reader->frames, 1);
	reader->origin.comm = stack_builder_names(&reader->frames);
	return stack_builder_pass(&reader->frames, reader->sink, &stack);
}

/*
 * perf-map-agent writes `LA;::a->LB;::b` for b inlined into a. The last one is the leaf.
 */
static enum flame_status add_inlined(struct reader *reader, const struct input_line *names)
{
	struct input_line rest = *names;

	for (;;) {
		const char *arrow = NULL;
		struct input_line last = rest;
		enum flame_status status;

		for (size_t at = rest.size; at > 2 && !arrow; at--)
			if (memcmp(rest.text + at - 2, "->", 2) == 0)
				arrow = rest.text + at - 2;
		if (arrow) {
			last.text = arrow + 2;
			last.size = (size_t)(rest.text + rest.size - last.text);
			rest.size = (size_t)(arrow - rest.text);
		}
		status = stack_builder_add(&reader->frames, &last,
					   arrow ? FRAME_TYPE_INLINED : FRAME_TYPE_JIT);
		if (status != FLAME_OK || !arrow)
			return status;
	}
}

static enum flame_status read_frame(struct reader *reader, const struct perf_frame *frame)
{
	if (!reader->wanted)
		return FLAME_OK;
	if (frame->name.size == 0)
		return stack_builder_add_module(
			&reader->frames, &frame->module,
			frame->type == FRAME_TYPE_KERNEL ? FRAME_TYPE_KERNEL : FRAME_TYPE_UNKNOWN);
	if (frame->type == FRAME_TYPE_JIT && frame->name.text[0] == 'L' &&
	    memmem(frame->name.text, frame->name.size, "->", 2))
		return add_inlined(reader, &frame->name);
	return stack_builder_add(&reader->frames, &frame->name, frame->type);
}

static void set_origin(struct reader *reader, const struct perf_header *header)
{
	const struct perf_layout *layout = &reader->layout;

	reader->origin = (struct stack_origin){
		.comm_size = header->comm.size,
		.pid = header->pid,
		.tid = header->tid,
		.cpu = header->cpu,
		.time_ns = header->time_ns,
		.has_comm = header->comm.size > 0,
		.has_pid = header->has_ids,
		.has_tid = header->has_ids,
		.has_cpu = header->has_cpu,
		.has_time = layout->time,
		.one_id = layout->ids == PERF_IDS_ONE,
		.root_count = 1,
	};
}

static enum flame_status start_sample(struct reader *reader, const struct perf_header *header)
{
	static const struct input_line unknown = {.text = "[unknown]", .size = 9};
	const struct input_line *command = header->comm.size ? &header->comm : &unknown;

	reader->open = true;
	reader->wanted = input_event_is_wanted(reader->report, reader->options, &header->event);
	reader->weight = header->period;
	stack_builder_clear(&reader->frames);
	set_origin(reader, header);
	return stack_builder_add(&reader->frames, command, FRAME_TYPE_GROUP);
}

/* Counts the events of `PERF_RECORD_LOST lost 53`, which --show-lost-events prints. */
static void count_lost(struct reader *reader, const struct perf_header *header)
{
	struct input_line rest = header->rest;
	struct input_line kind = text_take_word(&rest);
	struct input_line verb = text_take_word(&rest);
	struct input_line number = text_take_word(&rest);
	uint64_t *lost = &reader->report->lost_events;
	uint64_t count;

	if (!input_line_starts_with(&kind, "PERF_RECORD_LOST") || !text_is(&verb, "lost") ||
	    !text_parse_number(&number, &count))
		return;
	if (__builtin_add_overflow(*lost, count, lost))
		*lost = UINT64_MAX;
}

static enum flame_status read_header(struct reader *reader, const struct perf_header *header,
				     const struct line_reader *lines)
{
	enum flame_status status = pass_sample(reader);
	struct perf_frame frame;

	reader->open = false;
	reader->is_record = header->is_record;
	if (header->is_record)
		count_lost(reader, header);
	if (status != FLAME_OK || header->is_record)
		return status;
	if (header->overflow) {
		input_complain(reader->report, lines, "period exceeds 64 bits");
		return FLAME_OK;
	}
	status = start_sample(reader, header);
	if (status == FLAME_OK && !reader->layout.chains &&
	    perf_frame_parse_header(&reader->layout, &header->rest, &frame))
		status = read_frame(reader, &frame);
	return status;
}

/* `  prog.c:12`, the place of the frame before it. */
static bool is_place(const struct input_line *line)
{
	return input_line_starts_with(line, "  ") && line->size > 2 &&
	       !text_is_space(line->text[2]) && !memchr(line->text + 2, ' ', line->size - 2);
}

/* Without fields of a special form, only the place separates a header from a frame. */
static bool can_be_header(const struct reader *reader, const struct input_line *line)
{
	if (reader->layout.bare)
		return false;
	if (perf_layout_is_anchored(&reader->layout) || reader->is_first)
		return true;
	return !reader->layout.chains && !is_place(line);
}

static enum flame_status take_line(void *context, const struct input_line *line,
				   const struct line_reader *lines)
{
	struct reader *reader = context;
	struct input_line text = *line;
	struct perf_header header;
	struct perf_frame frame;
	bool is_header;

	if (perf_is_comment(line)) {
		reader->report->ignored_lines++;
		return FLAME_OK;
	}
	while (text.size > 0 && text_is_space(text.text[text.size - 1]))
		text.size--;
	if (text.size == 0) {
		reader->is_first = true;
		reader->report->ignored_lines++;
		return pass_sample(reader);
	}
	is_header =
		can_be_header(reader, &text) && perf_header_parse(&reader->layout, &text, &header);
	reader->is_first = false;
	if (is_header)
		return read_header(reader, &header, lines);
	if (reader->layout.bare && !reader->open) {
		const struct perf_header none = {.period = 1};
		enum flame_status status = start_sample(reader, &none);

		if (status != FLAME_OK)
			return status;
	}
	if (reader->open && perf_frame_parse(&reader->layout, &text, &frame)) {
		enum flame_status status = read_frame(reader, &frame);

		/* Without call chains, an address and a symbol are a sample. */
		if (status == FLAME_OK && reader->layout.bare && !reader->layout.tabs)
			status = pass_sample(reader);
		return status;
	}
	if (!reader->is_record && !(reader->open && text_is_space(line->text[0])))
		input_complain(reader->report, lines, "neither a sample nor one of its frames");
	return FLAME_OK;
}

enum flame_status input_perf_read(struct line_reader *lines, const struct input_options *options,
				  const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {
		.sink = sink,
		.options = options,
		.report = report,
		.is_first = true,
	};
	struct input_line line;
	enum flame_status status = input_line_peek(lines, SURVEY_BYTES, &line);

	if (status != FLAME_OK)
		return status;
	perf_layout_decide(line.text, line.size, &reader.layout);
	status = input_take_lines(lines, take_line, &reader);
	/* No empty line needs to follow the last sample. */
	if (status == FLAME_OK)
		status = pass_sample(&reader);
	stack_builder_release(&reader.frames);
	return status;
}
