/* format/damage.h - the list of what could not be read */
#ifndef FORMAT_DAMAGE_H
#define FORMAT_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <dz/reader.h>

struct dz_damage_list {
	struct dz_damage *entries;
	size_t count;
	size_t capacity;
	bool sorted;
};

/* Adds an entry, or makes the newest one longer if they touch and say the same. False if there is
 * no memory for it. */
bool dz_damage_add(struct dz_damage_list *list, const struct dz_damage *damage);

/* Puts the entries in file order. */
void dz_damage_sort(struct dz_damage_list *list);

/* The list is empty after it, and may be used again. */
void dz_damage_release(struct dz_damage_list *list);

#endif
