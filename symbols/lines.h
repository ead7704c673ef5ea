/* symbols/lines.h - the lines of a text that the kernel or a JIT wrote (internal to its readers) */
#ifndef SYMBOLS_LINES_H
#define SYMBOLS_LINES_H

#include <stdint.h>

#include "base/line_reader.h"
#include "symbols/status.h"

/* The longest line of /proc/PID/maps, its newline included: a path of PATH_MAX bytes in which each
 * byte is a newline, which the kernel writes as four. */
#define LINES_LINE_MAX_BYTES 16639u

/* handle() borrows `line`, which ends with a NUL instead of its newline and may be written to. A
 * result other than OK ends the reading. */
struct lines_handler {
	enum symbols_status (*handle)(void *context, char *line);
	void *context;
};

/* Reads `fd` from where it stands to its end. Skips lines that are too long or hold a NUL, and what
 * follows the last newline. Returns LIMIT if the file has more than `limit_bytes` (not 0), IO with
 * errno, NO_MEMORY, or what handle() returned. */
MUST_CHECK enum symbols_status lines_read(int fd, uint64_t limit_bytes,
					  const struct lines_handler *handler);

/* The same from a source of bytes. */
MUST_CHECK enum symbols_status lines_read_source(const struct line_source *source,
						 uint64_t limit_bytes,
						 const struct lines_handler *handler);

#endif
