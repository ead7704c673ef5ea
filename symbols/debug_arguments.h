/* symbols/debug_arguments.h - arguments and results of functions, by debug information
 *
 * libdw reads it in a sandboxed child: see dwarf_child.h. */
#ifndef SYMBOLS_DEBUG_ARGUMENTS_H
#define SYMBOLS_DEBUG_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

#define DEBUG_ARGUMENTS_FUNCTIONS_MAX    4096u
#define DEBUG_ARGUMENTS_ANSWER_MAX_BYTES (4u << 20)
#define DEBUG_ARGUMENTS_TIME_LIMIT_MS    5000u
#define DEBUG_ARGUMENTS_MAX              24u /* of one function */
#define DEBUG_ARGUMENT_REGISTERS                                                                   \
	6u /* integer registers for arguments; later ones are not looked at */

enum debug_argument_form {
	DEBUG_ARGUMENT_UNSIGNED,
	DEBUG_ARGUMENT_SIGNED,
	DEBUG_ARGUMENT_BOOLEAN,
	DEBUG_ARGUMENT_POINTER,
	DEBUG_ARGUMENT_STRING, /* a pointer to char */
	DEBUG_ARGUMENT_OPAQUE, /* of a type that is not in an integer register, or void */
	DEBUG_ARGUMENT_FORMS,
};

/* Where the value is when the function is called: the number of an integer register for arguments,
 * or one of these. */
#define DEBUG_ARGUMENT_ELSEWHERE 0xfffeu /* not in such a register, or not known */
#define DEBUG_ARGUMENT_RESULT    0xffffu /* it is the result of the function */

struct debug_argument {
	uint32_t function_index; /* into the addresses of the query */
	enum debug_argument_form form;
	uint32_t size_bytes; /* 0: unknown, or void */
	uint32_t place;
	const char *name; /* "": it has none */
	const char *type; /* as in C, such as "const char *" */
};

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

/* Parses an answer for a query of `function_count` addresses. Takes ownership of `answer` if it
 * returns OK. Returns CORRUPT or NO_MEMORY. */
MUST_CHECK enum symbols_status debug_arguments_parse(uint8_t *answer, size_t answer_bytes,
						     size_t function_count,
						     struct debug_arguments *ret_arguments);

/* Frees the memory and zeroes the result, which may be zeroed already. */
void debug_arguments_release(struct debug_arguments *arguments);

#endif
