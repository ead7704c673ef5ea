/* symbols/lines.h - hands over a text file line by line (internal to the readers of text) */
#ifndef SYMBOLS_LINES_H
#define SYMBOLS_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

/* A line of /proc/PID/maps whose path is as long as it may be and all newlines. */
#define LINES_LINE_MAX_BYTES 16639u

/* `line` is NUL-terminated, without its newline, and may be written to; another status than OK ends
 * the reading. */
struct lines_handler {
	enum symbols_status (*handle)(void *context, char *line);
	void *context;
};

/* Reads `fd` from where it stands to its end, at most `limit_bytes` (LIMIT beyond). Lines that are
 * too long or hold a NUL are left out, and so is what follows the last newline. */
MUST_CHECK enum symbols_status lines_read(int fd, uint64_t limit_bytes,
					  const struct lines_handler *handler);

#endif
