/* flame/input/input_line.c - the lines of a text input, without marks of other systems */
#include "flame/input/input_line.h"

#include <string.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";

static enum flame_status status_of(enum line_status status)
{
	static const enum flame_status known[] = {
		[LINE_OK] = FLAME_OK,    [LINE_END] = FLAME_EMPTY,
		[LINE_IO] = FLAME_IO,    [LINE_NO_MEMORY] = FLAME_NO_MEMORY,
		[LINE_LIMIT] = FLAME_IO, /* cannot happen: the size of an input is not limited */
	};

	return known[status];
}

enum flame_status input_line_open(struct line_reader *reader, int fd)
{
	const struct line_limits limits = {.line_bytes = INPUT_LINE_BYTES_MAX};

	return status_of(line_reader_open(reader, fd, &limits));
}

enum flame_status input_line_open_source(struct line_reader *reader, struct input_source *source)
{
	const struct line_source bytes = {.read = input_source_read, .context = source};
	enum flame_status status = input_line_open(reader, -1);

	if (status == FLAME_OK)
		line_reader_set_source(reader, &bytes);
	return status;
}

enum flame_status input_line_peek(struct line_reader *reader, size_t size,
				  struct input_line *ret_start)
{
	struct line start = {0};
	enum line_status status = line_reader_peek(reader, size, &start);

	*ret_start = (struct input_line){.text = start.text, .size = start.size};
	return status_of(status);
}

bool input_line_starts_with(const struct input_line *line, const char *start)
{
	size_t length = strlen(start);

	return line->size >= length && memcmp(line->text, start, length) == 0;
}

enum flame_status input_line_next(struct line_reader *reader, struct input_line *ret_line)
{
	struct line line;
	enum line_status status = line_reader_next(reader, &line);

	if (status != LINE_OK)
		return status_of(status);
	*ret_line = (struct input_line){.text = line.text, .size = line.size};
	if (reader->number == 1 && input_line_starts_with(ret_line, byte_order_mark)) {
		ret_line->text += strlen(byte_order_mark);
		ret_line->size -= strlen(byte_order_mark);
	}
	if (ret_line->size > 0 && ret_line->text[ret_line->size - 1] == '\r')
		ret_line->size--;
	return FLAME_OK;
}
