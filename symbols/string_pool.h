/* symbols/string_pool.h - many short strings in one piece of memory (internal to the tables of
 * functions)
 */
#ifndef SYMBOLS_STRING_POOL_H
#define SYMBOLS_STRING_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

struct string_pool {
	char *bytes;
	size_t size_bytes;
	size_t capacity;
	size_t limit_bytes;
};

/* Copies `length` bytes and a NUL; *ret_name is where they start. LIMIT if there is no room. */
MUST_CHECK enum symbols_status string_pool_add(struct string_pool *names, const char *name,
					       size_t length, uint32_t *ret_name);

/* Gives back what was reserved and not used. */
void string_pool_shrink(struct string_pool *names);

/* A zeroed or released one may be released again. */
void string_pool_release(struct string_pool *names);

#endif
