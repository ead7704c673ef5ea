/* flame/tree/frame_list.c - the frames of a stack, in an array that is reused */
#include "flame/tree/frame_list.h"

#include <stdlib.h>

#include "base/array.h"

bool frame_list_grow(struct frame_list *list, size_t count)
{
	struct frame *items = array_grow(list->items, &list->capacity, list->count + count,
					 sizeof(*items), ARRAY_NO_LIMIT);

	if (items)
		list->items = items;
	return items;
}

void frame_list_reverse(struct frame_list *list)
{
	for (size_t i = 0; i < list->count / 2; i++) {
		struct frame other = list->items[list->count - 1 - i];

		list->items[list->count - 1 - i] = list->items[i];
		list->items[i] = other;
	}
}

void frame_list_release(struct frame_list *list)
{
	free(list->items);
	*list = (struct frame_list){0};
}
