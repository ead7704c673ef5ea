/* format/damage.c - list of the parts of a file that cannot be read */
#include "format/damage.h"

#include <stdlib.h>

#include "base/array.h"

bool dz_damage_add(struct dz_damage_list *list, const struct dz_damage *damage)
{
	struct dz_damage *last = list->count ? &list->entries[list->count - 1] : NULL;
	struct dz_damage *entries;

	if (last && damage->size_bytes && last->size_bytes && last->what == damage->what &&
	    last->offset + last->size_bytes == damage->offset) {
		last->size_bytes += damage->size_bytes;
		return true;
	}
	entries = array_grow(list->entries, &list->capacity, list->count + 1, sizeof(*entries),
			     ARRAY_NO_LIMIT);
	if (!entries)
		return false;
	list->entries = entries;
	list->entries[list->count++] = *damage;
	list->sorted = false;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct dz_damage *a = left;
	const struct dz_damage *b = right;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->size_bytes < b->size_bytes ? -1 : a->size_bytes > b->size_bytes;
}

void dz_damage_sort(struct dz_damage_list *list)
{
	if (!list->sorted && list->count)
		qsort(list->entries, list->count, sizeof(list->entries[0]), compare);
	list->sorted = true;
}

void dz_damage_release(struct dz_damage_list *list)
{
	free(list->entries);
	*list = (struct dz_damage_list){0};
}
