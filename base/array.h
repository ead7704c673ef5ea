/* base/array.h - growth of arrays that are appended to */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* `limit` of an array without one. */
#define ARRAY_NO_LIMIT SIZE_MAX

/* Items of the first allocation. */
#define ARRAY_FIRST_CAPACITY ((size_t)16)

/*
 * Returns an array of at least `needed` items of `item_bytes` each, and sets *capacity to the
 * number of items that fit. `items` is NULL or from malloc(); on success the result replaces it.
 * The capacity doubles, so that N appends copy fewer than 2 * N items, and does not exceed `limit`.
 *
 * Returns NULL on allocation failure, on overflow, and if `needed` exceeds `limit`; then `items`
 * and *capacity are unchanged.
 */
static inline void *array_grow(void *items, size_t *capacity, size_t needed, size_t item_bytes,
			       size_t limit)
{
	size_t larger = *capacity ? *capacity : ARRAY_FIRST_CAPACITY;
	size_t bytes;
	void *grown;

	if (needed > limit)
		return NULL;
	if (needed <= *capacity && items)
		return items;
	while (larger < needed)
		larger = larger <= SIZE_MAX / 2 ? larger * 2 : needed;
	if (larger > limit)
		larger = limit;
	if (__builtin_mul_overflow(larger, item_bytes, &bytes) || bytes > PTRDIFF_MAX)
		return NULL;
	grown = realloc(items, bytes);
	if (grown)
		*capacity = larger;
	return grown;
}

#endif
