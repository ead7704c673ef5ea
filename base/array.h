/* base/array.h - growth of arrays that are appended to */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The limit of an array that has none. */
#define ARRAY_NO_LIMIT SIZE_MAX

/* Items that the first allocation makes room for. */
#define ARRAY_FIRST_CAPACITY ((size_t)16)

/*
 * Returns the items with room for at least `wanted` of `item_bytes` each, and sets *capacity to the
 * number of items that fit. `items` is NULL or comes from malloc(); the result replaces it. The
 * capacity doubles, so that n appends copy fewer than 2n items, and never exceeds `limit`.
 *
 * Returns NULL on allocation failure, on overflow, and if `wanted` exceeds `limit`; then `items`
 * and *capacity are unchanged.
 */
static inline void *array_grow(void *items, size_t *capacity, size_t wanted, size_t item_bytes,
			       size_t limit)
{
	size_t larger = *capacity ? *capacity : ARRAY_FIRST_CAPACITY;
	size_t bytes;
	void *grown;

	if (wanted > limit)
		return NULL;
	if (wanted <= *capacity && items)
		return items;
	while (larger < wanted)
		larger = larger <= SIZE_MAX / 2 ? larger * 2 : wanted;
	if (larger > limit)
		larger = limit;
	if (__builtin_mul_overflow(larger, item_bytes, &bytes))
		return NULL;
	grown = realloc(items, bytes);
	if (grown)
		*capacity = larger;
	return grown;
}

#endif
