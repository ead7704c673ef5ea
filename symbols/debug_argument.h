/* symbols/debug_argument.h - an argument or result of a function, and limits of a search */
#ifndef SYMBOLS_DEBUG_ARGUMENT_H
#define SYMBOLS_DEBUG_ARGUMENT_H

#include <stdint.h>

#define DEBUG_ARGUMENTS_FUNCTIONS_MAX    4096u
#define DEBUG_ARGUMENTS_ANSWER_MAX_BYTES (16u << 20)
#define DEBUG_ARGUMENTS_TIME_LIMIT_MS    5000u
#define DEBUG_ARGUMENTS_MAX              24u /* of one function */
#define DEBUG_ARGUMENT_REGISTERS         6u  /* integer registers; later ones are not looked at */

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
 * DEBUG_ARGUMENT_STACK and more for words that the caller put on the stack, or one of these. */
#define DEBUG_ARGUMENT_STACK     0x100u
#define DEBUG_ARGUMENT_WORDS     8u      /* on the stack; later ones are not looked at */
#define DEBUG_ARGUMENT_ELSEWHERE 0xfffeu /* in none of these, or not known */
#define DEBUG_ARGUMENT_RESULT    0xffffu /* it is the result of the function */

struct debug_argument {
	uint32_t function_index; /* into the addresses of the query */
	enum debug_argument_form form;
	uint32_t size_bytes; /* 0: unknown, or void; a number has at most 8, a pointer 8 */
	uint32_t place;
	const char *name; /* "": it has none */
	const char *type; /* as in C, such as "const char *" */
};

#endif
