/* base/search.h - binary search in a sorted table */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Returns how many of the first `count` entries of `table` lie before `key`: the index of the first
 * entry for which is_before() returns false, `count` if there is none. The table must be sorted by
 * is_before(): after the first entry that does not lie before the key, none does.
 *
 * Entries at 10, 20, 30 and is_before() "address < key": key 20 gives 1, key 21 gives 2, key 99
 * gives 3. With "address <= key" the entry that contains key 25 is the one before the result.
 */
static inline size_t search_lower_bound(const void *table, size_t count, uint64_t key,
					bool (*is_before)(const void *table, size_t index,
							  uint64_t key))
{
	size_t low = 0;
	size_t high = count;

	while (low < high) { /* entries below `low` lie before the key, from `high` on none does */
		size_t middle = low + (high - low) / 2;

		if (is_before(table, middle, key))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
