/* base/search.h - binary search in a sorted table */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Returns the number of entries before `key`, among the first `count` of `table`: the index of the
 * first entry for which is_before() returns false, or `count`. The table must be sorted:
 * is_before() is false for all entries after the first such one.
 *
 * Example: entries at 10, 20, 30 and is_before() "address < key". The result for key 20 is 1, for
 * 21 it is 2, for 99 it is 3. With "address <= key" and key 25 the result is 2, and the entry that
 * contains the key is the one before it, at 20.
 */
static inline size_t search_lower_bound(const void *table, size_t count, uint64_t key,
					bool (*is_before)(const void *table, size_t index,
							  uint64_t key))
{
	size_t low = 0;
	size_t high = count;

	while (low < high) { /* entries below `low` are before the key, those from `high` are not */
		size_t middle = low + (high - low) / 2;

		if (is_before(table, middle, key))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
