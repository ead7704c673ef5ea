/* symbols/string_pool.h - many short strings in one block of memory (internal to the tables) */
#ifndef SYMBOLS_STRING_POOL_H
#define SYMBOLS_STRING_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "symbols/status.h"

struct string_pool {
	struct buffer buffer; /* the strings, each with its NUL */
};

/* Returns an empty pool for at most `limit_bytes`, including NULs; not 0. */
struct string_pool string_pool_empty(uint32_t limit_bytes);

/* Copies `length` bytes and adds a NUL; sets *ret_name to the offset of the copy. Returns LIMIT if
 * it does not fit, or NO_MEMORY; then the pool is unchanged. */
MUST_CHECK enum symbols_status string_pool_add(struct string_pool *pool, const char *name,
					       size_t length, uint32_t *ret_name);

/* Returns the string at an offset that string_pool_add() set. It is valid until the next call of
 * string_pool_add(). */
const char *string_pool_get(const struct string_pool *pool, uint32_t name);

/* Returns the number of bytes in use. */
size_t string_pool_bytes(const struct string_pool *pool);

/* Removes the strings that were added since string_pool_bytes() returned `size_bytes`. */
void string_pool_truncate(struct string_pool *pool, size_t size_bytes);

/* Returns the strings, *ret_size_bytes in all, without unused memory; the caller frees them. NULL
 * if there are none. The pool is empty afterwards. */
char *string_pool_take(struct string_pool *pool, size_t *ret_size_bytes);

/* Frees the memory. Can be called again. */
void string_pool_release(struct string_pool *pool);

#endif
