/* symbols/special_functions.h - functions behind which the stack goes on in a way of its own */
#ifndef SYMBOLS_SPECIAL_FUNCTIONS_H
#define SYMBOLS_SPECIAL_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#define SPECIAL_FUNCTION_MAX 16u

enum special_function_kind {
	SPECIAL_FUNCTION_NONE,
	SPECIAL_FUNCTION_SIGNAL_RETURN, /* lies above the frame that the kernel built for a signal
					 * handler
					 */
	SPECIAL_FUNCTION_STACK_SWITCH,  /* its caller is on another stack: what lies above it is
					   nobody's */
	SPECIAL_FUNCTION_OUTERMOST,     /* has no caller */
};

struct special_function {
	uint64_t start; /* as linked */
	uint64_t size_bytes;
	enum special_function_kind kind;
};

/* Those of one file. */
struct special_functions {
	struct special_function entries[SPECIAL_FUNCTION_MAX];
	size_t count;
};

/* Takes the function up if it is known by its name. */
void special_functions_note(struct special_functions *special_functions, const char *name,
			    uint64_t start, uint64_t size_bytes);

/* What the function at `address` is. */
enum special_function_kind special_functions_find(const struct special_functions *special_functions,
						  uint64_t address);

#endif
