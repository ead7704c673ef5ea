/* flame/tree/status.c - how reading and drawing can end */
#include "flame/tree/status.h"

const char *flame_status_text(enum flame_status status)
{
	static const char *const texts[] = {
		[FLAME_OK] = "no error",
		[FLAME_EMPTY] = "no stacks with a count: is this folded text (a;b;c 12)?",
		[FLAME_OVERFLOW] = "the counts add up to more than 64 bits hold: scale them down",
		[FLAME_TOO_LARGE] = "more than two thousand million distinct frames",
		[FLAME_NO_MEMORY] = "out of memory",
		[FLAME_IO] = "input or output failed",
		[FLAME_FORMAT] = "the input does not have the format that was asked for",
	};

	return texts[status];
}
