/* flame/tree/ranking.c - the functions with the most weight */
#include "flame/tree/ranking.h"

#include <string.h>

static uint64_t weight_of(const struct name *name, bool by_total)
{
	return by_total ? name->total[SIDE_NEW] : name->self[SIDE_NEW];
}

static bool comes_before(const struct name *left, const struct name *right, bool by_total)
{
	uint64_t left_weight = weight_of(left, by_total);
	uint64_t right_weight = weight_of(right, by_total);

	if (left_weight != right_weight)
		return left_weight > right_weight;
	return strcmp(left->text, right->text) < 0;
}

/* The limit is small, so insertion into a sorted list is fast enough. */
size_t ranking_make(const struct name_table *table, bool by_total, size_t limit, uint32_t *ids)
{
	size_t count = 0;

	for (uint32_t id = 0; id < table->count; id++) {
		const struct name *name = &table->items[id];
		size_t at = count;

		if (weight_of(name, by_total) == 0 || name->type == FRAME_TYPE_GROUP)
			continue;
		while (at > 0 && comes_before(name, &table->items[ids[at - 1]], by_total)) {
			if (at < limit)
				ids[at] = ids[at - 1];
			at--;
		}
		if (at < limit)
			ids[at] = id;
		count += count < limit;
	}
	return count;
}
