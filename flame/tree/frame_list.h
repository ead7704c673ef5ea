/* flame/tree/frame_list.h - the frames of a stack, in an array that is reused */
#ifndef FLAME_TREE_FRAME_LIST_H
#define FLAME_TREE_FRAME_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "flame/tree/stack.h"
#include "flame/tree/status.h"

/* Initialize with {0}. To reuse the memory for the next stack, set count to 0. */
struct frame_list {
	struct frame *items;
	size_t count;
	size_t capacity;
};

/* Makes room for `count` more frames. Returns false on allocation failure. */
bool frame_list_grow(struct frame_list *list, size_t count);

/* Does the same, if there is less room. Inline, because it runs for every few bytes of a stack. */
static inline bool frame_list_reserve(struct frame_list *list, size_t count)
{
	return list->capacity - list->count >= count || frame_list_grow(list, count);
}

/* Appends a frame, which the caller must fill in. Returns NULL on allocation failure. Inline,
 * because it runs for every frame of every stack. */
static inline struct frame *frame_list_new(struct frame_list *list)
{
	if (!frame_list_reserve(list, 1))
		return NULL;
	return &list->items[list->count++];
}

/* Appends a copy of the frame, whose name stays borrowed. Returns FLAME_NO_MEMORY on allocation
 * failure. */
static inline enum flame_status frame_list_add(struct frame_list *list, const struct frame *frame)
{
	struct frame *added = frame_list_new(list);

	if (!added)
		return FLAME_NO_MEMORY;
	*added = *frame;
	return FLAME_OK;
}

/* Reverses the order of the frames. */
void frame_list_reverse(struct frame_list *list);

/* Frees the memory; the list is empty and can be used again. */
void frame_list_release(struct frame_list *list);

#endif
