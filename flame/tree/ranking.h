/* flame/tree/ranking.h - the functions with the most weight */
#ifndef FLAME_TREE_RANKING_H
#define FLAME_TREE_RANKING_H
#include <stdbool.h>

#include "flame/tree/name_table.h"

/*
 * Writes the ids of the names with the most weight of their own (or, with `by_total`, with their
 * callees) on the new side, most first, equals by name; names without any are left out. Returns how
 * many, at most `limit`.
 */
size_t ranking_make(const struct name_table *table, bool by_total, size_t limit, uint32_t *ids);
#endif
