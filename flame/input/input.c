/* flame/input/input.c - stacks from text, in any of the formats that programs print */
#include "flame/input/input.h"

#include <stdlib.h>
#include <string.h>

#include "flame/input/input_foreign.h"
#include "flame/input/input_text.h"
#include "flame/input/perf_layout.h"
#include "flame/input/perf_words.h"

#define DETECT_BYTES ((size_t)64 << 10)

static bool is_diagnose_line(const struct input_line *line)
{
	static const char *const starts[] = {"##CGROUP:", "#@ ", "#~ ", "#* ", "#^ ", "**"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (input_line_starts_with(line, starts[i]))
			return true;
	return false;
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

/* Whether the line has fields of perf script that no folded line has. */
static bool is_perf_line(const struct input_line *line)
{
	struct perf_words words;
	struct perf_anchors anchors;
	enum perf_word_form last;

	perf_words_split(&words, line);
	perf_anchors_find(&words, &anchors);
	if (anchors.time < PERF_WORDS_MAX ||
	    (anchors.cpu < PERF_WORDS_MAX && anchors.id < PERF_WORDS_MAX))
		return true;
	/* A frame: white space, an address and a symbol. */
	if (words.count > 1 && words.items[0].gap > 0 &&
	    perf_word_is_address(&words.items[0].text, 4))
		return true;
	for (size_t i = 1; i < words.count; i++)
		if (words.items[i].gap > 1 && perf_word_is_wide_address(&words.items[i]))
			return true;
	if (words.count < 2 || words.more)
		return false;
	/* A header that ends in an event; or in an id, with the spaces that perf prints around. */
	last = words.items[words.count - 1].form;
	return last == PERF_WORD_EVENT ||
	       (line->text[0] == ' ' && line->text[line->size - 1] == ' ' &&
		(last == PERF_WORD_NUMBER || last == PERF_WORD_PAIR));
}

static bool is_folded_line(const struct input_line *line)
{
	return line->size > 0 && line->text[0] != ' ' && line->text[0] != '\t' &&
	       memchr(line->text, ';', line->size) && line->text[line->size - 1] >= '0' &&
	       line->text[line->size - 1] <= '9';
}

/* What a line says about the format of its file, if that is certain. */
struct signature {
	const char *start;
	enum input_format format;
};

static const struct signature signatures[] = {
	{"-----------+--------", INPUT_PPROF},
	{"PeriodType: ", INPUT_PPROF_RAW},
	{"Samples:", INPUT_PPROF_RAW},
	{"Full thread dump ", INPUT_THREADS},
	{"Thread 1 (", INPUT_THREADS},
	{"#0  0x", INPUT_THREADS},
	{"TID ", INPUT_THREADS},
};

/* A map of bpftrace whose key starts with, or is, a stack: `@[`, `@name[comm, `. */
static bool is_bpftrace_line(const struct input_line *line)
{
	size_t bracket = text_find(line, "[");

	if (line->size == 0 || line->text[0] != '@' || bracket == line->size)
		return false;
	return bracket + 1 == line->size || text_ends_with(line, ", ") ||
	       text_find(line, "]: ") < line->size;
}

/* A thread of jstack: `"main" #1 prio=5 os_prio=0 tid=0x7f...`. */
static bool is_jstack_line(const struct input_line *line)
{
	return line->size > 0 && line->text[0] == '"' && text_find(line, " tid=0x") < line->size;
}

/* The task below a stack of bcc: `    -                comm (pid)`. */
static bool is_bcc_line(const struct input_line *line)
{
	return input_line_starts_with(line, "    -            ") && text_ends_with(line, ")");
}

static enum input_format format_of_line(const struct input_line *line)
{
	if (is_bpftrace_line(line))
		return INPUT_BPFTRACE;
	if (is_bcc_line(line))
		return INPUT_BCC;
	if (is_jstack_line(line))
		return INPUT_THREADS;
	if (is_folded_line(line))
		return INPUT_DETECT;
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		if (input_line_starts_with(line, signatures[i].start))
			return signatures[i].format;
	return INPUT_DETECT;
}

enum input_format input_detect(const char *start, size_t size)
{
	struct input_line rest = {.text = start, .size = size};
	struct input_line line;
	uint64_t perf_lines = 0;
	uint64_t folded_lines = 0;

	while (rest.size > 0) {
		enum input_format format;

		take_line(&rest, &line);
		if (is_diagnose_line(&line))
			return INPUT_DIAGNOSE;
		/* Behind folded lines, these can only be names. */
		format = folded_lines == 0 ? format_of_line(&line) : INPUT_DETECT;
		if (format != INPUT_DETECT)
			return format;
		if (is_folded_line(&line))
			folded_lines++;
		else if (!perf_is_comment(&line) && is_perf_line(&line))
			perf_lines++;
	}
	return perf_lines > folded_lines ? INPUT_PERF : INPUT_FOLDED;
}

const char *input_format_text(enum input_format format)
{
	static const char *const texts[INPUT_FORMATS] = {
		[INPUT_DETECT] = "text",
		[INPUT_FOLDED] = "folded text",
		[INPUT_DIAGNOSE] = "a log of diagnose-tools",
		[INPUT_PERF] = "output of perf script",
		[INPUT_BPFTRACE] = "maps of bpftrace",
		[INPUT_BCC] = "output of bcc",
		[INPUT_PPROF] = "output of pprof -traces",
		[INPUT_PPROF_RAW] = "output of pprof -raw",
		[INPUT_THREADS] = "a dump of threads",
	};

	return texts[format];
}

bool input_is_unusable(const struct input_report *report)
{
	uint64_t lines =
		report->lines > report->ignored_lines ? report->lines - report->ignored_lines : 0;

	return report->bad_lines > lines / 2 && report->bad_lines > 0;
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

enum flame_status input_take_lines(struct line_reader *lines, input_line_taker *take, void *reader)
{
	struct input_line line;
	enum flame_status status;

	while ((status = input_line_next(lines, &line)) == FLAME_OK) {
		status = take(reader, &line, lines);
		if (status != FLAME_OK)
			return status;
	}
	return status == FLAME_EMPTY ? FLAME_OK : status;
}

enum flame_status input_read(struct line_reader *lines, const struct input_options *options,
			     const struct stack_sink *sink, struct input_report *report)
{
	static enum flame_status (*const readers[INPUT_FORMATS])(
		struct line_reader *, const struct input_options *, const struct stack_sink *,
		struct input_report *) = {
		[INPUT_FOLDED] = input_folded_read,
		[INPUT_DIAGNOSE] = input_diagnose_read,
		[INPUT_PERF] = input_perf_read,
		[INPUT_BPFTRACE] = input_bpftrace_read,
		[INPUT_BCC] = input_bcc_read,
		[INPUT_PPROF] = input_pprof_read,
		[INPUT_PPROF_RAW] = input_pprof_raw_read,
		[INPUT_THREADS] = input_threads_read,
	};
	struct input_line start;
	enum flame_status status = input_line_peek(lines, DETECT_BYTES, &start);

	if (status != FLAME_OK)
		return status;
	report->format = options->format;
	if (report->format == INPUT_DETECT) {
		report->format = input_detect(start.text, start.size);
		report->foreign = input_foreign(start.text, start.size);
	}
	if (report->foreign)
		return FLAME_FORMAT;
	report->is_binary = start.size > 0 && memchr(start.text, '\0', start.size);
	status = readers[report->format](lines, options, sink, report);
	report->lines = lines->number;
	report->bad_lines += lines->skipped;
	return status;
}
