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

static inline bool stacks_is_named(const struct tree *tree, uint32_t id, const char *path)
{
	const struct name *name = &tree->table->items[id];

	return name->size == strcspn(path, ";") && memcmp(name->text, path, name->size) == 0;
}

/* Returns the child of the run that starts with the first name of the path, or 0. */
static inline uint32_t stacks_child(const struct tree *tree, uint32_t run, const char *path)
{
	for (uint32_t at = run + 1; at < tree->runs[run].end; at = tree->runs[at].end)
		if (stacks_is_named(tree, tree->runs[at].name, path))
			return at;
	return 0;
}

/* Returns the run that has the end of the path, in a finished tree, or 0. */
static inline uint32_t stacks_run(const struct tree *tree, const char *path)
{
	uint32_t at = 0;
	uint32_t index = 0;

	for (; *path; path += strcspn(path, ";"), path += *path == ';') {
		if (++index < tree->runs[at].length) {
			if (!stacks_is_named(tree, tree->names[tree->runs[at].first + index], path))
				return 0;
			continue;
		}
		at = stacks_child(tree, at, path);
		index = 0;
		if (at == 0)
			return 0;
	}
	return at;
}

/* Returns the inclusive weight of a run on one side, in a finished tree. */
static inline uint64_t stacks_weight(const struct tree *tree, uint32_t run, enum stack_side side)
{
	return side == SIDE_NEW ? tree->runs[run].weight : tree->old_weights[run];
}
#endif
