/* symbols/sorted.h - the search in what is sorted by address */
#ifndef SYMBOLS_SORTED_H
#define SYMBOLS_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How many of the first `count` entries of a table lie at or before `address`, as is_before() says
 * of each by its index. They are sorted: after the first that does not, none does.
 */
static inline size_t sorted_count(const void *table, size_t count, uint64_t address,
				  bool (*is_before)(const void *table, size_t index,
						    uint64_t address))
{
	size_t low = 0;
	size_t high = count;

	while (low < high) { /* what is below `low` lies before, from `high` on nothing does */
		size_t middle = low + (high - low) / 2;

		if (is_before(table, middle, address))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
