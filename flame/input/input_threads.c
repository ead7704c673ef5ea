/* flame/input/input_threads.c - dumps of threads by jstack, gdb and eu-stack; each thread counts 1
 */
#include <string.h>

#include "flame/input/input.h"
#include "flame/input/input_text.h"
#include "flame/input/stack_builder.h"
#include "flame/tree/frame_type.h"

struct reader {
	const struct stack_sink *sink;
	const struct input_options *options;
	struct input_report *report;
	struct stack_builder frames; /* the thread, then the leaf first */
	struct stack_origin origin;
	bool open;
};

static enum flame_status pass_thread(struct reader *reader)
{
	struct stack stack = {
		.weight = 1,
		.side = reader->options->side,
		.origin = &reader->origin,
	};

	if (!reader->open)
		return FLAME_OK;
	reader->open = false;
	stack_builder_reverse(&reader->frames, 1);
	return stack_builder_pass(&reader->frames, reader->sink, &stack);
}

static enum flame_status start_thread(struct reader *reader, const struct input_line *name,
				      uint64_t tid)
{
	enum flame_status status = pass_thread(reader);

	if (status != FLAME_OK)
		return status;
	reader->open = true;
	stack_builder_clear(&reader->frames);
	reader->origin = (struct stack_origin){
		.tid = (uint32_t)tid,
		.has_tid = tid > 0 && tid <= UINT32_MAX,
		.root_count = 1,
	};
	return stack_builder_add(&reader->frames, name, FRAME_TYPE_GROUP);
}

/* The text between the first two quotation marks; false without them. */
static bool find_quoted(const struct input_line *line, struct input_line *ret_text)
{
	const char *start = memchr(line->text, '"', line->size);
	size_t rest = start ? (size_t)(line->text + line->size - start - 1) : 0;
	const char *end = rest ? memchr(start + 1, '"', rest) : NULL;

	if (!end || end == start + 1)
		return false;
	*ret_text = (struct input_line){.text = start + 1, .size = (size_t)(end - start - 1)};
	return true;
}

/* The number that follows `before`; 0 without one. */
static uint64_t find_number(const struct input_line *line, const char *before)
{
	size_t at = text_find(line, before);
	struct input_line digits = {.text = line->text, .size = 0};
	uint64_t number = 0;

	if (at == line->size)
		return 0;
	digits.text += at + strlen(before);
	while (digits.text + digits.size < line->text + line->size &&
	       digits.text[digits.size] >= '0' && digits.text[digits.size] <= '9')
		digits.size++;
	return text_parse_number(&digits, &number) ? number : 0;
}

/* `"main" #1 prio=5 ...`, `Thread 2 (Thread 0x7f (LWP 12) "name"):`, `TID 12:` or `TID 12 name:`.
 * Returns false for any other line. */
static bool parse_thread(const struct input_line *line, struct input_line *ret_name,
			 uint64_t *ret_tid)
{
	*ret_tid = 0;
	*ret_name = *line;
	if (input_line_starts_with(line, "\""))
		return find_quoted(line, ret_name);
	if (input_line_starts_with(line, "Thread ") && text_find(line, "(") < line->size) {
		*ret_tid = find_number(line, "LWP ");
		if (find_quoted(line, ret_name))
			return true;
		ret_name->size = text_find(line, " (");
		return true;
	}
	if (!input_line_starts_with(line, "TID ") || !text_ends_with(line, ":"))
		return false;
	*ret_tid = find_number(line, "TID ");
	ret_name->size--;
	return *ret_tid > 0;
}

/* `at java.base@17/java.io.A.read(A.java:12)` */
static enum flame_status add_java(struct reader *reader, struct input_line name)
{
	size_t bracket = text_find(&name, "(");
	size_t slash;

	name.size = bracket;
	slash = text_find(&name, "/");
	/* Of a class loader or a module, not of a hidden class such as A$$Lambda/0x12. */
	if (slash < name.size && (memchr(name.text, '@', slash) || text_find(&name, "//") == slash))
		text_advance(&name, slash + 1);
	while (name.size > 0 && name.text[0] == '/')
		text_advance(&name, 1);
	return stack_builder_add(&reader->frames, &name, FRAME_TYPE_JIT);
}

/* Returns where the arguments of a function of gdb start, ` (a=1)`: the first bracket after a
 * space, outside of the arguments of templates. */
static size_t find_arguments(const struct input_line *text)
{
	size_t depth = 0;

	for (size_t at = 0; at + 1 < text->size; at++) {
		depth += text->text[at] == '<';
		depth -= text->text[at] == '>' && depth > 0;
		if (depth == 0 && memcmp(text->text + at, " (", 2) == 0)
			return at;
	}
	return text->size;
}

/* `#1  0x0000ffff in work (n=3) at a.c:12`, `#1  0x0000ffff main - /usr/bin/a` */
static enum flame_status add_native(struct reader *reader, struct input_line text)
{
	struct input_line module = {.text = "", .size = 0};
	enum frame_type type = FRAME_TYPE_AUTO;
	size_t from, dash;
	struct input_line rest;

	text_take_word(&text);
	rest = text;
	if (input_line_starts_with(&text, "0x")) {
		text_take_word(&rest);
		text = rest;
	}
	if (input_line_starts_with(&text, "in "))
		text_advance(&text, 3);
	from = text_find(&text, " from ");
	dash = text_find(&text, " - /");
	if (from < text.size)
		module = (struct input_line){text.text + from + 6, text.size - from - 6};
	else if (dash < text.size)
		module = (struct input_line){text.text + dash + 3, text.size - dash - 3};
	text.size = from < text.size ? from : dash;
	/* eu-stack marks a return address, ` - 1`. */
	if (text_ends_with(&text, " - 1"))
		text.size -= 4;
	text.size = find_arguments(&text);
	text_trim(&text);
	if (module.size > 0)
		type = frame_type_of_module(module.text, module.size);
	if (text.size == 0 || text_is(&text, "??"))
		return stack_builder_add_module(&reader->frames, &module, FRAME_TYPE_UNKNOWN);
	return stack_builder_add(&reader->frames, &text, type);
}

static enum flame_status take_line(void *context, const struct input_line *line,
				   const struct line_reader *lines)
{
	struct reader *reader = context;
	struct input_line text = *line;
	struct input_line name;
	uint64_t tid;

	(void)lines;
	if (parse_thread(line, &name, &tid))
		return start_thread(reader, &name, tid);
	text_trim(&text);
	if (text.size > 1 && text.text[0] == '#' && text.text[1] >= '0' && text.text[1] <= '9') {
		static const struct input_line process = {.text = "thread", .size = 6};
		enum flame_status status = FLAME_OK;

		/* gdb names no thread if there is only one. */
		if (!reader->open)
			status = start_thread(reader, &process, 0);
		return status == FLAME_OK ? add_native(reader, text) : status;
	}
	if (reader->open && input_line_starts_with(&text, "at ")) {
		text_advance(&text, 3);
		return add_java(reader, text);
	}
	reader->report->ignored_lines++;
	return FLAME_OK;
}

enum flame_status input_threads_read(struct line_reader *lines, const struct input_options *options,
				     const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {.sink = sink, .options = options, .report = report};
	enum flame_status status;

	report->unit = "threads";
	status = input_take_lines(lines, take_line, &reader);
	if (status == FLAME_OK)
		status = pass_thread(&reader);
	stack_builder_release(&reader.frames);
	return status;
}
