/* flame/tree/frame_list.h - the frames of a stack in an array that is reused */
#ifndef FLAME_TREE_FRAME_LIST_H
#define FLAME_TREE_FRAME_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "flame/tree/stack.h"
#include "flame/tree/status.h"

/* A list of frames that is filled for each stack anew. All zero is empty. */
struct frame_list {
	struct frame *items;
	size_t count;
	size_t capacity;
};

/* Doubles the room; false without memory. */
bool frame_list_grow(struct frame_list *list);

/* In place, because it is done for every frame of every stack. */
static inline enum flame_status frame_list_add(struct frame_list *list, const struct frame *frame)
{
	if (list->count == list->capacity && !frame_list_grow(list))
		return FLAME_NO_MEMORY;
	list->items[list->count++] = *frame;
	return FLAME_OK;
}

/* Turns the order of the frames around, where they lie. */
void frame_list_reverse(struct frame_list *list);

/* Frees the room; the list is empty and may be used again. */
void frame_list_release(struct frame_list *list);

#endif
