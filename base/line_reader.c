/* base/line_reader.c - the lines of a text file, one at a time, in bounded memory */
#include "base/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"

/* Fits into the second-level cache beside the tables of the reader, so that a line is still there
 * when it is parsed. */
#define FIRST_CAPACITY ((size_t)64 << 10)

enum line_status line_reader_open(struct line_reader *reader, int fd,
				  const struct line_limits *limits)
{
	size_t capacity = FIRST_CAPACITY;

	/* One byte more than the longest line, so that its newline fits. */
	if (limits->line_bytes < capacity)
		capacity = limits->line_bytes + 1;
	*reader = (struct line_reader){.fd = fd, .limits = *limits, .capacity = capacity};
	reader->buffer = malloc(capacity + 1);
	return reader->buffer ? LINE_OK : LINE_NO_MEMORY;
}

void line_reader_set_source(struct line_reader *reader, const struct line_source *source)
{
	reader->source = *source;
}

void line_reader_close(struct line_reader *reader)
{
	free(reader->buffer);
	*reader = (struct line_reader){.fd = -1};
}

/* Makes room behind `end`: moves the remaining bytes to the front, then enlarges the buffer. */
static enum line_status make_room(struct line_reader *reader)
{
	size_t left = reader->end - reader->begin;
	size_t bytes = reader->capacity + 1;
	char *larger;

	if (reader->begin > 0) {
		memmove(reader->buffer, reader->buffer + reader->begin, left);
		reader->begin = 0;
		reader->end = left;
	}
	if (reader->end < reader->capacity)
		return LINE_OK;
	larger = array_grow(reader->buffer, &bytes, bytes + 1, 1, ARRAY_NO_LIMIT);
	if (!larger)
		return LINE_NO_MEMORY;
	reader->buffer = larger;
	reader->capacity = bytes - 1;
	return LINE_OK;
}

static ssize_t read_some(const struct line_reader *reader, char *bytes, size_t size)
{
	if (reader->source.read)
		return reader->source.read(reader->source.context, bytes, size);
	return read(reader->fd, bytes, size);
}

static enum line_status read_more(struct line_reader *reader)
{
	enum line_status status = make_room(reader);
	ssize_t size;

	if (status != LINE_OK)
		return status;
	do
		size = read_some(reader, reader->buffer + reader->end,
				 reader->capacity - reader->end);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return LINE_IO;
	reader->at_end = size == 0;
	reader->end += (size_t)size;
	reader->read_bytes += (uint64_t)size;
	if (reader->limits.file_bytes && reader->read_bytes > reader->limits.file_bytes)
		return LINE_LIMIT;
	return LINE_OK;
}

enum line_status line_reader_peek(struct line_reader *reader, size_t size, struct line *ret_start)
{
	while (!reader->at_end && reader->end - reader->begin < size) {
		enum line_status status = read_more(reader);

		if (status != LINE_OK)
			return status;
	}
	ret_start->text = reader->buffer + reader->begin;
	ret_start->size = reader->end - reader->begin;
	if (ret_start->size > size)
		ret_start->size = size;
	return LINE_OK;
}

/* Finds the end of the line at `begin`, and reads more as needed. Returns LINE_END if the file ends
 * without a newline. Discards the bytes of a line that is too long. */
static enum line_status find_newline(struct line_reader *reader, size_t *ret_size)
{
	size_t searched = 0;

	for (;;) {
		const char *start = reader->buffer + reader->begin;
		size_t available = reader->end - reader->begin;
		const char *found = memchr(start + searched, '\n', available - searched);
		enum line_status status;

		*ret_size = found ? (size_t)(found - start) : available;
		if (found || reader->at_end)
			return found ? LINE_OK : LINE_END;
		searched = available;
		if (searched > reader->limits.line_bytes) {
			reader->skipping = true;
			reader->begin = reader->end;
			searched = 0;
		}
		status = read_more(reader);
		if (status != LINE_OK)
			return status;
	}
}

/* Consumes a line of `size` bytes and its newline. Returns false if it must be skipped. */
static bool consume(struct line_reader *reader, size_t size, bool is_whole, struct line *ret_line)
{
	bool too_long = reader->skipping || size > reader->limits.line_bytes;

	*ret_line = (struct line){.text = reader->buffer + reader->begin, .size = size};
	reader->begin += size + is_whole;
	reader->number++;
	reader->skipping = false;
	reader->skipped += too_long;
	if (too_long || (reader->limits.drops_nul && memchr(ret_line->text, '\0', size)))
		return false;
	ret_line->text[size] = '\0';
	return true;
}

enum line_status line_reader_next(struct line_reader *reader, struct line *ret_line)
{
	for (;;) {
		size_t size;
		enum line_status status = find_newline(reader, &size);
		bool is_whole = status == LINE_OK;

		if (status != LINE_OK && status != LINE_END)
			return status;
		if (!is_whole && ((size == 0 && !reader->skipping) || reader->limits.drops_partial))
			return LINE_END;
		if (consume(reader, size, is_whole, ret_line))
			return LINE_OK;
	}
}
