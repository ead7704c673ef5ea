/* symbols/debug_lines.h - file, line and inlined functions of addresses, out of debug files
 *
 * Debug files are read by libdw, which was not made for hostile ones. So a child process does it,
 * that can open nothing, reach nothing, and is stopped after a while; only a capped answer comes
 * back. This is for reports: the recorder does not link it. */
#ifndef SYMBOLS_DEBUG_LINES_H
#define SYMBOLS_DEBUG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/debug_lines_query.h"
#include "symbols/status.h"

struct debug_lines {
	struct debug_line *lines; /* by address_index, the innermost function of each first */
	size_t count;
	uint8_t *answer; /* what the child said: holds the strings */
	size_t answer_bytes;
};

/* What open() returns if it is not OK, TIMEOUT if the child had to be stopped, CORRUPT if
 * it crashed or answered nonsense. What the child had answered until then is lost. */
MUST_CHECK enum symbols_status debug_lines_find(const struct debug_lines_query *query,
						struct debug_lines *ret_lines);

/* Makes the same of what a child has said to another process that asked for so many addresses.
 * Takes the answer over if it returns OK; CORRUPT, NO_MEMORY. */
MUST_CHECK enum symbols_status debug_lines_parse(uint8_t *answer, size_t answer_bytes,
						 size_t address_count,
						 struct debug_lines *ret_lines);

/* A zeroed or released result may be released again. */
void debug_lines_release(struct debug_lines *lines);

#endif
