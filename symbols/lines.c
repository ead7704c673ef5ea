/* symbols/lines.c - hands over a text file line by line */
#include "symbols/lines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
	const struct lines_handler *handler;
	size_t used;
	bool skipping; /* within a line that is too long */
	char buffer[LINES_LINE_MAX_BYTES + 1];
};

static enum symbols_status hand_over(struct reader *reader, char *line, size_t length)
{
	line[length] = '\0';
	if (reader->skipping) {
		reader->skipping = false;
		return SYMBOLS_OK;
	}
	if (memchr(line, '\0', length))
		return SYMBOLS_OK;
	return reader->handler->handle(reader->handler->context, line);
}

/* Hands over the whole lines in the buffer; what follows the last newline moves to the front. */
static enum symbols_status hand_over_lines(struct reader *reader)
{
	char *line = reader->buffer;
	char *end = reader->buffer + reader->used;
	char *newline;

	while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		enum symbols_status status = hand_over(reader, line, (size_t)(newline - line));

		if (status != SYMBOLS_OK)
			return status;
		line = newline + 1;
	}
	reader->used = (size_t)(end - line);
	memmove(reader->buffer, line, reader->used);
	if (reader->used == LINES_LINE_MAX_BYTES) {
		reader->skipping = true;
		reader->used = 0;
	}
	return SYMBOLS_OK;
}

static enum symbols_status read_all(struct reader *reader, int fd, uint64_t limit_bytes)
{
	for (;;) {
		ssize_t got = read(fd, reader->buffer + reader->used,
				   LINES_LINE_MAX_BYTES - reader->used);
		enum symbols_status status;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return SYMBOLS_IO;
		if (got == 0)
			return SYMBOLS_OK;
		if ((uint64_t)got > limit_bytes)
			return SYMBOLS_LIMIT;
		limit_bytes -= (uint64_t)got;
		reader->used += (size_t)got;
		status = hand_over_lines(reader);
		if (status != SYMBOLS_OK)
			return status;
	}
}

enum symbols_status lines_read(int fd, uint64_t limit_bytes, const struct lines_handler *handler)
{
	struct reader *reader = malloc(sizeof(*reader));
	enum symbols_status status;

	if (!reader)
		return SYMBOLS_NO_MEMORY;
	reader->handler = handler;
	reader->used = 0;
	reader->skipping = false;
	status = read_all(reader, fd, limit_bytes);
	free(reader);
	return status;
}
