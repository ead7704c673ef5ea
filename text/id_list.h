/* text/id_list.h - lists of numbers as people type them: 0-16,23 */
#ifndef TEXT_ID_LIST_H
#define TEXT_ID_LIST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_range {
	uint32_t first;
	uint32_t last; /* inclusive, at least first */
};

/* Ascending ranges that neither overlap nor touch. All zero is the empty list. */
struct id_list {
	struct id_range *ranges;
	size_t count;
};

/*
 * Parses `0-16,23` into *ret_list, which the caller releases. False, with *ret_list untouched, if
 * it is not a list of numbers and ascending ranges, if a number exceeds `largest`, or without
 * memory.
 */
bool id_list_parse(const char *text, uint32_t largest, struct id_list *ret_list);

/* Takes time in proportion to the logarithm of the ranges. */
bool id_list_contains(const struct id_list *list, uint32_t id);

/* The list is empty after it. An empty one may be released, too. */
void id_list_release(struct id_list *list);
#endif
