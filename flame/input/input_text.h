/* flame/input/input_text.h - small helpers of the readers of text formats */
#ifndef FLAME_INPUT_INPUT_TEXT_H
#define FLAME_INPUT_INPUT_TEXT_H
#include <stdbool.h>
#include <stdint.h>

#include "flame/input/input_line.h"

/* Whether it is a space or a tab. */
static inline bool text_is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Removes white space at both ends. */
void text_trim(struct input_line *text);

/* Removes bytes from the start. */
void text_advance(struct input_line *text, size_t bytes);

/* Whether the text ends with, or is, the other text. */
bool text_ends_with(const struct input_line *text, const char *end);
bool text_is(const struct input_line *text, const char *other);

/* Removes the first word and the white space around it, and returns it. */
struct input_line text_take_word(struct input_line *text);

/* Returns where `part` first occurs, or the size. */
size_t text_find(const struct input_line *text, const char *part);

/* Parses a text that is a whole number and nothing else. */
bool text_parse_number(const struct input_line *text, uint64_t *ret_number);

#endif
