/* symbols/special_functions.h - functions that the unwinder treats specially */
#ifndef SYMBOLS_SPECIAL_FUNCTIONS_H
#define SYMBOLS_SPECIAL_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#define SPECIAL_FUNCTION_MAX 16u

enum special_function_kind {
	SPECIAL_FUNCTION_NONE,
	SPECIAL_FUNCTION_SIGNAL_RETURN, /* its caller is in the kernel's frame for signal handlers
					 */
	SPECIAL_FUNCTION_STACK_SWITCH,  /* its caller is on another stack */
	SPECIAL_FUNCTION_OUTERMOST,     /* has no caller */
	SPECIAL_FUNCTION_INJECTED,      /* called by the instruction that its caller stopped at */
};

struct special_function {
	uint64_t start; /* as linked */
	uint64_t size_bytes;
	enum special_function_kind kind;
};

/* The special functions of one file. */
struct special_functions {
	struct special_function entries[SPECIAL_FUNCTION_MAX];
	size_t count;
};

/* Adds the function if its name is known and fewer than SPECIAL_FUNCTION_MAX were added. */
void special_functions_note(struct special_functions *special_functions, const char *name,
			    uint64_t start, uint64_t size_bytes);

/* Returns the kind of the function that covers `address` (as linked), or SPECIAL_FUNCTION_NONE. */
enum special_function_kind special_functions_find(const struct special_functions *special_functions,
						  uint64_t address);

#endif
