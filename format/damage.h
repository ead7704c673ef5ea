/* format/damage.h - list of the parts of a file that cannot be read */
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

/* Adds an entry. Extends the newest entry instead if the new one follows it directly and has the
 * same `what`. Returns false on allocation failure. */
bool dz_damage_add(struct dz_damage_list *list, const struct dz_damage *damage);

/* Sorts the entries by offset. */
void dz_damage_sort(struct dz_damage_list *list);

/* Frees the entries. The list is empty and can be used again. */
void dz_damage_release(struct dz_damage_list *list);

#endif
