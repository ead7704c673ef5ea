/* flame/input/input_text.c - small helpers of the readers of text formats */
#include "flame/input/input_text.h"

#include <string.h>

void text_advance(struct input_line *text, size_t bytes)
{
	text->text += bytes;
	text->size -= bytes;
}

void text_trim(struct input_line *text)
{
	while (text->size > 0 && text_is_space(text->text[0]))
		text_advance(text, 1);
	while (text->size > 0 && text_is_space(text->text[text->size - 1]))
		text->size--;
}

bool text_ends_with(const struct input_line *text, const char *end)
{
	size_t length = strlen(end);

	return text->size >= length && memcmp(text->text + text->size - length, end, length) == 0;
}

bool text_is(const struct input_line *text, const char *other)
{
	return text->size == strlen(other) && text_ends_with(text, other);
}

struct input_line text_take_word(struct input_line *text)
{
	struct input_line word;

	text_trim(text);
	word = (struct input_line){.text = text->text, .size = 0};
	while (word.size < text->size && !text_is_space(text->text[word.size]))
		word.size++;
	text_advance(text, word.size);
	text_trim(text);
	return word;
}

size_t text_find(const struct input_line *text, const char *part)
{
	const char *found = text->size ? memmem(text->text, text->size, part, strlen(part)) : NULL;

	return found ? (size_t)(found - text->text) : text->size;
}

bool text_parse_number(const struct input_line *text, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (text->size == 0)
		return false;
	for (size_t i = 0; i < text->size; i++)
		if (text->text[i] < '0' || text->text[i] > '9' ||
		    __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(text->text[i] - '0'), &number))
			return false;
	*ret_number = number;
	return true;
}
