/* symbols/debug_lines.h - source lines and inlined functions of addresses, from debug files
 *
 * libdw reads the debug files, and was not written for untrusted input. So it runs in a sandboxed
 * child that can open no file and no socket and has a time limit. Its answer is limited to
 * DEBUG_LINES_ANSWER_MAX_BYTES. */
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
	uint8_t *answer; /* of the child: holds the strings */
	size_t answer_bytes;
};

/* Finds the lines of the addresses; the caller must call debug_lines_release(). Returns the error
 * of query->open(), TIMEOUT if the child exceeded its time limit, CORRUPT if it crashed or its
 * answer is invalid, LIMIT for too many addresses or a too long answer, IO, or NO_MEMORY. On
 * failure no part of the answer is kept. */
MUST_CHECK enum symbols_status debug_lines_find(const struct debug_lines_query *query,
						struct debug_lines *ret_lines);

/* Parses an answer that a child gave to another process, for a query of `address_count` addresses.
 * Takes ownership of `answer` if it returns OK. Returns CORRUPT or NO_MEMORY. */
MUST_CHECK enum symbols_status debug_lines_parse(uint8_t *answer, size_t answer_bytes,
						 size_t address_count,
						 struct debug_lines *ret_lines);

/* Frees the memory and zeroes the result, which may be zeroed already. */
void debug_lines_release(struct debug_lines *lines);

#endif
