/* symbols/special_functions.h - functions behind which the stack goes on in a way of its own */
#ifndef SYMBOLS_SPECIAL_FUNCTIONS_H
#define SYMBOLS_SPECIAL_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#define LANDMARKS_MAX 16u

enum landmark_kind {
	LANDMARK_NONE,
	LANDMARK_SIGNAL_RETURN, /* lies above the frame that the kernel built for a signal handler
				 */
	LANDMARK_STACK_SWITCH,  /* its caller is on another stack: what lies above it is nobody's */
	LANDMARK_OUTERMOST,     /* has no caller */
};

struct landmark {
	uint64_t start; /* as linked */
	uint64_t size_bytes;
	enum landmark_kind kind;
};

/* Those of one file. */
struct landmarks {
	struct landmark entries[LANDMARKS_MAX];
	size_t count;
};

/* Takes the function up if it is known by its name. */
void landmarks_note(struct landmarks *landmarks, const char *name, uint64_t start,
		    uint64_t size_bytes);

/* What the function at `address` is. */
enum landmark_kind landmarks_find(const struct landmarks *landmarks, uint64_t address);

#endif
