/* flame/input/input_pprof.c - text of pprof -traces: values and stacks */
#include <string.h>

#include "flame/input/input.h"
#include "flame/input/input_text.h"
#include "flame/input/stack_builder.h"

#define LABEL_COLUMNS 12u
#define DIVISOR_MAX   1000000u /* of the decimals of a value */

/*
 * -----------+-------
 *       10ms   leaf
 *              caller
 */
struct reader {
	const struct stack_sink *sink;
	const struct input_options *options;
	struct input_report *report;
	struct stack_builder frames;
	uint64_t weight;
	bool in_samples; /* behind the first line of dashes */
	bool has_weight;
};

/* Units that pprof shortens a value to, as a factor of the one that is counted. */
struct unit {
	const char *name;
	uint64_t factor;
	const char *counted;
};

static const struct unit units[] = {
	{"ns", 1, "ns"},
	{"us", 1000, "ns"},
	{"ms", UINT64_C(1000000), "ns"},
	{"mins", UINT64_C(60000000000), "ns"},
	{"hrs", UINT64_C(3600000000000), "ns"},
	{"s", UINT64_C(1000000000), "ns"},
	{"kB", UINT64_C(1) << 10, "bytes"},
	{"MB", UINT64_C(1) << 20, "bytes"},
	{"GB", UINT64_C(1) << 30, "bytes"},
	{"TB", UINT64_C(1) << 40, "bytes"},
	{"B", 1, "bytes"},
};

/* Parses a number with decimals and a unit, rounded to the unit that is counted. */
static bool parse_value(const struct input_line *word, struct reader *reader)
{
	struct input_line rest = *word;
	uint64_t number = 0;
	uint64_t divisor = 1;
	uint64_t factor = 1;
	bool point = false;

	while (rest.size > 0 &&
	       (rest.text[0] == '.' || (rest.text[0] >= '0' && rest.text[0] <= '9'))) {
		point = point || rest.text[0] == '.';
		if (rest.text[0] != '.' &&
		    (__builtin_mul_overflow(number, 10, &number) ||
		     __builtin_add_overflow(number, (uint64_t)(rest.text[0] - '0'), &number)))
			return false;
		if (point && rest.text[0] != '.')
			divisor *= 10;
		if (divisor > DIVISOR_MAX)
			return false;
		text_advance(&rest, 1);
	}
	if (rest.size == word->size)
		return false;
	for (size_t i = 0; rest.size > 0 && i < sizeof(units) / sizeof(units[0]); i++)
		if (text_is(&rest, units[i].name)) {
			factor = units[i].factor;
			reader->report->unit = units[i].counted;
			rest.size = 0;
		}
	if (rest.size > 0 || __builtin_mul_overflow(number, factor, &number))
		return false;
	reader->weight = (number + divisor / 2) / divisor;
	return true;
}

static enum flame_status pass_sample(struct reader *reader)
{
	struct stack stack = {.weight = reader->weight, .side = reader->options->side};

	if (!reader->has_weight)
		return FLAME_OK;
	reader->has_weight = false;
	stack_builder_reverse(&reader->frames, 0);
	return stack_builder_pass(&reader->frames, reader->sink, &stack);
}

static enum flame_status add_frame(struct reader *reader, struct input_line name)
{
	static const char inlined[] = " (inline)";
	enum frame_type type = FRAME_TYPE_AUTO;

	if (text_ends_with(&name, inlined)) {
		name.size -= strlen(inlined);
		type = FRAME_TYPE_INLINED;
	}
	return stack_builder_add(&reader->frames, &name, type);
}

static enum flame_status read_sample_line(struct reader *reader, const struct input_line *line,
					  const struct line_reader *lines)
{
	struct input_line rest = *line;
	struct input_line word;
	size_t indent = 0;

	while (indent < line->size && line->text[indent] == ' ')
		indent++;
	if (indent >= LABEL_COLUMNS && reader->has_weight) {
		text_trim(&rest);
		return add_frame(reader, rest);
	}
	word = text_take_word(&rest);
	/* A label of the sample, `key:  value`. */
	if (text_ends_with(&word, ":"))
		return FLAME_OK;
	if (rest.size == 0 || !parse_value(&word, reader)) {
		input_complain(reader->report, lines, "neither a value nor a function");
		return FLAME_OK;
	}
	reader->has_weight = true;
	return add_frame(reader, rest);
}

static enum flame_status take_line(void *context, const struct input_line *line,
				   const struct line_reader *lines)
{
	struct reader *reader = context;

	if (input_line_starts_with(line, "-----------+")) {
		reader->in_samples = true;
		return pass_sample(reader);
	}
	if (reader->in_samples && line->size > 0)
		return read_sample_line(reader, line, lines);
	reader->report->ignored_lines++;
	return FLAME_OK;
}

enum flame_status input_pprof_read(struct line_reader *lines, const struct input_options *options,
				   const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {.sink = sink, .options = options, .report = report};
	enum flame_status status = input_take_lines(lines, take_line, &reader);
	if (status == FLAME_OK)
		status = pass_sample(&reader);
	stack_builder_release(&reader.frames);
	return status;
}
