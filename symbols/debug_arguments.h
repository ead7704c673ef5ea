/* symbols/debug_arguments.h - arguments and results of functions, by debug information
 *
 * libdw reads it in a sandboxed child: see dwarf_child.h. */
#ifndef SYMBOLS_DEBUG_ARGUMENTS_H
#define SYMBOLS_DEBUG_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/debug_argument.h"
#include "symbols/status.h"

struct debug_arguments {
	struct debug_argument *arguments; /* by function, in their order; the result is the first */
	size_t count;
	uint8_t *answer; /* of the child: holds the strings */
};

/* Returns whether a file has debug information. Borrows `fd`. */
bool debug_arguments_are_in(int fd);

/* Finds the arguments of functions that start at the linked addresses, at most
 * DEBUG_ARGUMENTS_FUNCTIONS_MAX. A function that the file does not describe has none, and no
 * result. Borrows the descriptors; alternate_fd can be -1. On OK the caller must call
 * debug_arguments_release(). Returns LIMIT, TIMEOUT, CORRUPT, IO, or NO_MEMORY. */
MUST_CHECK enum symbols_status debug_arguments_find(int debug_fd, int alternate_fd,
						    const uint64_t *addresses, size_t count,
						    struct debug_arguments *ret_arguments);

/* Parses an answer for a query of `function_count` addresses. The first of each function is its
 * result. A number has 1 to 8 bytes, a pointer 8. Takes ownership of `answer` if it returns OK.
 * Returns CORRUPT or NO_MEMORY. */
MUST_CHECK enum symbols_status debug_arguments_parse(uint8_t *answer, size_t answer_bytes,
						     size_t function_count,
						     struct debug_arguments *ret_arguments);

/* Frees the memory and zeroes the result, which may be zeroed already. */
void debug_arguments_release(struct debug_arguments *arguments);

#endif
