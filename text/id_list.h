/* text/id_list.h - lists of numbers and ranges: 0-16,23 */
#ifndef TEXT_ID_LIST_H
#define TEXT_ID_LIST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_range {
	uint32_t first;
	uint32_t last; /* inclusive, at least first */
};

/* Ascending ranges that neither overlap nor touch. All zero: the empty list. */
struct id_list {
	struct id_range *ranges;
	size_t count;
};

/*
 * Parses `0-16,23` into *ret_list, which the caller must release. Returns false, with *ret_list
 * unchanged, if it is not a list of numbers and ascending ranges, if a number exceeds `largest`, or
 * on allocation failure.
 */
bool id_list_parse(const char *text, uint32_t largest, struct id_list *ret_list);

/* Whether a range contains `id`; a binary search. */
bool id_list_contains(const struct id_list *list, uint32_t id);

/* Frees the memory. The list is empty afterwards, and may be empty already. */
void id_list_release(struct id_list *list);
#endif
