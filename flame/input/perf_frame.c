/* flame/input/perf_frame.c - one frame in the output of perf script */
#include "flame/input/perf_frame.h"

#include <string.h>

#include "flame/input/input_text.h"
#include "flame/input/perf_words.h"
#include "flame/tree/frame_type.h"

#define ADDRESS_DIGITS 4u

/* Returns where ` (MODULE)` starts, which can itself have brackets; the size if there is none. */
static size_t find_module(const struct input_line *text)
{
	size_t depth = 0;

	if (!text_ends_with(text, ")"))
		return text->size;
	for (size_t at = text->size; at > 0; at--) {
		depth += text->text[at - 1] == ')';
		if (text->text[at - 1] != '(' || --depth > 0)
			continue;
		return at == 1 || text_is_space(text->text[at - 2]) ? at - 1 : text->size;
	}
	return text->size;
}

/* Returns the size of the text without an offset such as +0x14 at its end. */
static size_t without_offset(const struct input_line *text)
{
	size_t at = text->size;

	while (at > 0 && memchr("0123456789abcdef", text->text[at - 1], 16))
		at--;
	if (at > 2 && at < text->size && memcmp(text->text + at - 3, "+0x", 3) == 0)
		return at - 3;
	return text->size;
}

static void take_module(struct input_line *text, struct perf_frame *frame)
{
	static const char deleted[] = " (deleted)";
	size_t at = find_module(text);
	struct input_line *module = &frame->module;

	if (at == text->size)
		return;
	*module = (struct input_line){.text = text->text + at + 1, .size = text->size - at - 2};
	text->size = at;
	text_trim(text);
	if (text_ends_with(module, deleted))
		module->size -= strlen(deleted);
}

static void set_type(struct perf_frame *frame)
{
	enum frame_type type =
		frame_type_of_module(frame->module.text, without_offset(&frame->module));

	if (text_is(&frame->module, "inlined")) {
		frame->module.size = 0;
		type = FRAME_TYPE_INLINED;
	}
	frame->type = type == FRAME_TYPE_UNKNOWN ? FRAME_TYPE_AUTO : type;
}

static void parse_symbol(const struct perf_layout *layout, struct input_line text,
			 struct perf_frame *frame)
{
	*frame = (struct perf_frame){.module = {.text = "", .size = 0}};
	text_trim(&text);
	if (layout->modules || text_ends_with(&text, " (inlined)"))
		take_module(&text, frame);
	text.size = without_offset(&text);
	frame->name = text;
	set_type(frame);
	if (text_is(&text, "[unknown]"))
		frame->name.size = 0;
}

static struct input_line first_word(const struct input_line *text)
{
	struct input_line word = {.text = text->text, .size = 0};

	while (word.size < text->size && !text_is_space(text->text[word.size]))
		word.size++;
	return word;
}

bool perf_frame_parse(const struct perf_layout *layout, const struct input_line *line,
		      struct perf_frame *ret_frame)
{
	struct input_line text = *line;
	struct input_line word;

	text_trim(&text);
	word = first_word(&text);
	if (layout->addresses) {
		/* Nothing but a frame starts with a tab, not even one at a low address. */
		if (!perf_word_is_address(&word, line->text[0] == '\t' ? 1 : ADDRESS_DIGITS))
			return false;
		text_advance(&text, word.size);
	} else if (layout->tabs ? line->text[0] != '\t' : !text_is_space(line->text[0])) {
		return false;
	}
	parse_symbol(layout, text, ret_frame);
	return true;
}

bool perf_frame_parse_header(const struct perf_layout *layout, const struct input_line *rest,
			     struct perf_frame *ret_frame)
{
	struct perf_layout here = *layout;
	struct input_line text = *rest;
	struct input_line found = {0};

	/* The address is the last one that something follows: others are of -F addr. */
	for (text_trim(&text); text.size > 0; text_trim(&text)) {
		struct input_line word = first_word(&text);

		text_advance(&text, word.size);
		if (text.size > 0 && perf_word_is_address(&word, ADDRESS_DIGITS))
			found = text;
	}
	text_trim(&found);
	/* After -F data_src, `|OP LOAD|...` is no symbol. */
	if (found.size == 0 || found.text[0] == '|')
		return false;
	here.modules = text_ends_with(&found, ")");
	parse_symbol(&here, found, ret_frame);
	return true;
}
