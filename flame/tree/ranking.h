/* flame/tree/ranking.h - the functions with the most weight */
#ifndef FLAME_TREE_RANKING_H
#define FLAME_TREE_RANKING_H
#include <stdbool.h>

#include "flame/tree/name_table.h"

/*
 * Writes the ids of the names with the most weight on the new side, the heaviest first, equal ones
 * by name. Counts the self weight or, with `by_total`, also that of callees. Omits names without
 * weight, and groups such as processes, which are no functions. Returns the number of ids, at most
 * `limit`.
 */
size_t ranking_make(const struct name_table *table, bool by_total, size_t limit, uint32_t *ids);
#endif
