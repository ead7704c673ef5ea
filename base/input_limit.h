/* base/input_limit.h - how much an input may make, in proportion to its size */
#ifndef BASE_INPUT_LIMIT_H
#define BASE_INPUT_LIMIT_H

#include <stdint.h>

/* Returns `least`, and `for_byte` for each byte of the input; UINT64_MAX if that is too large for
 * a number. */
static inline uint64_t input_limit(uint64_t input_bytes, uint64_t for_byte, uint64_t least)
{
	uint64_t limit;

	if (__builtin_mul_overflow(input_bytes, for_byte, &limit) ||
	    __builtin_add_overflow(limit, least, &limit))
		return UINT64_MAX;
	return limit;
}

#endif
