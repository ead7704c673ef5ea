/* symbols/lines.c - the lines of a text that the kernel or a JIT wrote */
#include "symbols/lines.h"

static enum symbols_status status_of(enum line_status status)
{
	static const enum symbols_status statuses[] = {
		[LINE_OK] = SYMBOLS_OK,       [LINE_END] = SYMBOLS_OK,
		[LINE_IO] = SYMBOLS_IO,       [LINE_NO_MEMORY] = SYMBOLS_NO_MEMORY,
		[LINE_LIMIT] = SYMBOLS_LIMIT,
	};

	return statuses[status];
}

static enum symbols_status read_lines(int fd, const struct line_source *source,
				      uint64_t limit_bytes, const struct lines_handler *handler)
{
	const struct line_limits limits = {
		.line_bytes = LINES_LINE_MAX_BYTES - 1, /* without its newline */
		.file_bytes = limit_bytes,
		.drops_nul = true,
		.drops_partial = true,
	};
	struct line_reader reader;
	struct line line;
	enum line_status found = line_reader_open(&reader, fd, &limits);
	enum symbols_status status = status_of(found);

	if (found != LINE_OK)
		return status;
	if (source)
		line_reader_set_source(&reader, source);
	while (status == SYMBOLS_OK) {
		found = line_reader_next(&reader, &line);
		if (found != LINE_OK) {
			status = status_of(found);
			break;
		}
		status = handler->handle(handler->context, line.text);
	}
	line_reader_close(&reader);
	return status;
}

enum symbols_status lines_read(int fd, uint64_t limit_bytes, const struct lines_handler *handler)
{
	return read_lines(fd, NULL, limit_bytes, handler);
}

enum symbols_status lines_read_source(const struct line_source *source, uint64_t limit_bytes,
				      const struct lines_handler *handler)
{
	return read_lines(-1, source, limit_bytes, handler);
}
