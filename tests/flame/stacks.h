/* tests/flame/stacks.h - stacks from text, for tests that build trees */
#ifndef TESTS_FLAME_STACKS_H
#define TESTS_FLAME_STACKS_H
#include <stdlib.h>
#include <string.h>

#include "flame/tree/view.h"

#define STACKS_FRAMES_MAX 64

/* Adds "a;b;c" to the sink, all frames of FRAME_TYPE_AUTO. */
static inline enum flame_status stacks_add(const struct stack_sink *sink, const char *text,
					   uint64_t weight, enum stack_side side)
{
	struct frame frames[STACKS_FRAMES_MAX];
	struct stack stack = {.frames = frames, .side = side, .weight = weight};

	while (stack.count < STACKS_FRAMES_MAX) {
		size_t size = strcspn(text, ";");

		frames[stack.count++] = (struct frame){.name = text, .size = size};
		if (text[size] == '\0')
			break;
		text += size + 1;
	}
	return sink->stack(sink->context, &stack);
}

/* Returns the node at the end of the path, or 0. */
static inline uint32_t stacks_node(const struct tree *tree, const char *path)
{
	uint32_t at = 0;

	while (*path) {
		size_t size = strcspn(path, ";");
		uint32_t child = tree->nodes[at].first_child;

		for (; child != 0; child = tree->nodes[child].next_sibling) {
			const struct name *name = &tree->table->items[tree->nodes[child].name];

			if (name->size == size && memcmp(name->text, path, size) == 0)
				break;
		}
		if (child == 0)
			return 0;
		at = child;
		path += size + (path[size] == ';');
	}
	return at;
}

/* Returns the inclusive weight of a node on one side, in a finished tree. */
static inline uint64_t stacks_weight(const struct tree *tree, uint32_t node, enum stack_side side)
{
	return side == SIDE_NEW ? tree->nodes[node].weight : tree->old_weights[node];
}
#endif
