/* flame/input/lines.c - the lines of a text file of any size, one at a time */
#include "flame/input/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Stays in the second-level cache between being read and being looked at. */
#define FIRST_CAPACITY ((size_t)256 << 10)
#define PEEK_BYTES     ((size_t)64 << 10)

enum flame_status lines_open(struct lines *lines, int fd)
{
	*lines = (struct lines){.fd = fd, .capacity = FIRST_CAPACITY};
	lines->buffer = malloc(lines->capacity);
	return lines->buffer ? FLAME_OK : FLAME_NO_MEMORY;
}

void lines_close(struct lines *lines)
{
	free(lines->buffer);
	*lines = (struct lines){.fd = -1};
}

/* Makes room behind `end`, first by moving what is left to the front. */
static enum flame_status make_room(struct lines *lines)
{
	size_t left = lines->end - lines->begin;
	char *larger;

	if (lines->begin > 0) {
		memmove(lines->buffer, lines->buffer + lines->begin, left);
		lines->begin = 0;
		lines->end = left;
	}
	if (lines->end < lines->capacity)
		return FLAME_OK;
	larger = realloc(lines->buffer, lines->capacity * 2);
	if (!larger)
		return FLAME_NO_MEMORY;
	lines->buffer = larger;
	lines->capacity *= 2;
	return FLAME_OK;
}

static enum flame_status read_more(struct lines *lines)
{
	enum flame_status status = make_room(lines);
	ssize_t size;

	if (status != FLAME_OK)
		return status;
	do
		size = read(lines->fd, lines->buffer + lines->end, lines->capacity - lines->end);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return FLAME_IO;
	lines->at_end = size == 0;
	lines->end += (size_t)size;
	lines->read_bytes += (uint64_t)size;
	return FLAME_OK;
}

enum flame_status lines_peek(struct lines *lines, struct line *ret_start)
{
	while (!lines->at_end && lines->end - lines->begin < PEEK_BYTES) {
		enum flame_status status = read_more(lines);

		if (status != FLAME_OK)
			return status;
	}
	ret_start->text = lines->buffer + lines->begin;
	ret_start->size = lines->end - lines->begin;
	if (ret_start->size > PEEK_BYTES)
		ret_start->size = PEEK_BYTES;
	return FLAME_OK;
}

/* Finds the end of the line that starts at `begin`, reading on as needed; FLAME_EMPTY at the end.
 */
static enum flame_status find_end(struct lines *lines, size_t *ret_size, size_t *ret_consumed)
{
	size_t searched = 0;

	for (;;) {
		const char *start = lines->buffer + lines->begin;
		size_t available = lines->end - lines->begin;
		const char *found = memchr(start + searched, '\n', available - searched);
		enum flame_status status;

		if (found || lines->at_end) {
			*ret_size = found ? (size_t)(found - start) : available;
			*ret_consumed = *ret_size + (found != NULL);
			return *ret_consumed ? FLAME_OK : FLAME_EMPTY;
		}
		searched = available;
		if (searched > LINES_LENGTH_MAX) {
			/* Keeps nothing of a line that is refused anyway, except that it is. */
			lines->begin = lines->end - LINES_LENGTH_MAX - 1;
			searched = LINES_LENGTH_MAX + 1;
		}
		status = read_more(lines);
		if (status != FLAME_OK)
			return status;
	}
}

static void trim_line(const struct lines *lines, struct line *line)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (lines->number == 1 && line->size >= 3 && memcmp(line->text, mark, 3) == 0) {
		line->text += 3;
		line->size -= 3;
	}
	if (line->size > 0 && line->text[line->size - 1] == '\r')
		line->size--;
}

enum flame_status lines_next(struct lines *lines, struct line *ret_line)
{
	for (;;) {
		size_t consumed;
		size_t size;
		enum flame_status status = find_end(lines, &size, &consumed);

		if (status != FLAME_OK)
			return status;
		ret_line->text = lines->buffer + lines->begin;
		ret_line->size = size;
		lines->begin += consumed;
		lines->number++;
		if (size <= LINES_LENGTH_MAX)
			break;
		lines->skipped++;
	}
	trim_line(lines, ret_line);
	return FLAME_OK;
}
