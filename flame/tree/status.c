/* flame/tree/status.c - results of reading and drawing */
#include "flame/tree/status.h"

const char *flame_status_text(enum flame_status status)
{
	static const char *const texts[] = {
		[FLAME_OK] = "no error",
		[FLAME_EMPTY] =
			"no stacks with a count: check that it is folded text, such as a;b;c 12",
		[FLAME_OVERFLOW] = "the sum of the counts exceeds 64 bits: scale them down",
		[FLAME_TOO_LARGE] = "more than 1,073,741,824 distinct names or 2,147,483,648 paths",
		[FLAME_NO_MEMORY] = "out of memory",
		[FLAME_IO] = "input or output error",
		[FLAME_FORMAT] = "not in the format of --input-format",
	};

	return texts[status];
}
