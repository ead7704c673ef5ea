/* flame/input/input.c - stacks from text, in any of three formats */
#include "flame/input/input.h"

#include <stdlib.h>
#include <string.h>

static bool is_diagnose_line(const struct input_line *line)
{
	static const char *const starts[] = {"##CGROUP:", "#@ ", "#~ ", "#* ", "#^ ", "**"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (input_line_starts_with(line, starts[i]))
			return true;
	return false;
}

/* A frame in the output of perf script: white space, a hexadecimal address, a space, and at the end
 * a module in brackets. */
static bool is_perf_frame(const struct input_line *line)
{
	size_t at = 0;
	size_t digits;

	while (at < line->size && (line->text[at] == ' ' || line->text[at] == '\t'))
		at++;
	digits = at;
	while (at < line->size && memchr("0123456789abcdef", line->text[at], 16))
		at++;
	return digits > 0 && at - digits >= 4 && at < line->size && line->text[at] == ' ' &&
	       line->text[line->size - 1] == ')';
}

static void take_line(struct input_line *rest, struct input_line *ret_line)
{
	const char *end = memchr(rest->text, '\n', rest->size);

	ret_line->text = rest->text;
	ret_line->size = end ? (size_t)(end - rest->text) : rest->size;
	rest->text += ret_line->size + (end != NULL);
	rest->size -= ret_line->size + (end != NULL);
	if (ret_line->size > 0 && ret_line->text[ret_line->size - 1] == '\r')
		ret_line->size--;
}

enum input_format input_detect(const char *start, size_t size)
{
	struct input_line rest = {.text = start, .size = size};
	struct input_line line;

	while (rest.size > 0) {
		take_line(&rest, &line);
		if (is_diagnose_line(&line))
			return INPUT_DIAGNOSE;
		if (is_perf_frame(&line))
			return INPUT_PERF;
	}
	return INPUT_FOLDED;
}

void input_complain(struct input_report *report, const struct line_reader *lines,
		    const char *reason)
{
	if (report->bad_lines < INPUT_COMPLAINTS_MAX)
		report->complaints[report->bad_lines] = (struct input_complaint){
			.line = lines->number,
			.reason = reason,
		};
	report->bad_lines++;
}

enum flame_status input_read(struct line_reader *lines, const struct input_options *options,
			     const struct stack_sink *sink, struct input_report *report)
{
	static enum flame_status (*const readers[])(
		struct line_reader *, const struct input_options *, const struct stack_sink *,
		struct input_report *) = {
		[INPUT_FOLDED] = input_folded_read,
		[INPUT_DIAGNOSE] = input_diagnose_read,
		[INPUT_PERF] = input_perf_read,
	};
	enum flame_status status = FLAME_OK;
	struct input_line start;

	report->format = options->format;
	if (report->format == INPUT_DETECT) {
		status = input_line_peek(lines, &start);
		if (status != FLAME_OK)
			return status;
		report->format = input_detect(start.text, start.size);
	}
	status = readers[report->format](lines, options, sink, report);
	report->lines = lines->number;
	report->bad_lines += lines->skipped;
	return status;
}
