/* analyze/fold/frame_names.c - the names of frames, formatted once for each frame */
#define _GNU_SOURCE
#include "analyze/fold/frame_names.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/trace/call_chain.h"

struct named_frame {
	const struct dz_frame *frame; /* the key: a reader never moves its frames */
	size_t size;
	char name[];
};

struct frame_names {
	void *tree; /* of tsearch(3) */
};

static int compare(const void *left, const void *right)
{
	uintptr_t a = (uintptr_t)((const struct named_frame *)left)->frame;
	uintptr_t b = (uintptr_t)((const struct named_frame *)right)->frame;

	return a < b ? -1 : a > b;
}

bool frame_names_new(struct frame_names **ret_names)
{
	struct frame_names *names = calloc(1, sizeof(*names));

	if (!names)
		return false;
	*ret_names = names;
	return true;
}

static struct named_frame *add(struct frame_names *names, const struct trace_file *file,
			       const struct dz_frame *frame)
{
	char name[CALL_NAME_MAX];
	size_t size = call_frame_name(file, frame, name);
	struct named_frame *named = malloc(sizeof(*named) + size);

	if (!named)
		return NULL;
	named->frame = frame;
	named->size = size;
	memcpy(named->name, name, size);
	if (tsearch(named, &names->tree, compare))
		return named;
	free(named);
	return NULL;
}

bool frame_names_find(struct frame_names *names, const struct trace_file *file,
		      const struct dz_frame *frame, struct trace_text *ret_name)
{
	const struct named_frame key = {.frame = frame};
	struct named_frame *const *found = tfind(&key, &names->tree, compare);
	const struct named_frame *named = found ? *found : add(names, file, frame);

	if (!named)
		return false;
	*ret_name = (struct trace_text){named->name, named->size};
	return true;
}

void frame_names_free(struct frame_names *names)
{
	if (!names)
		return;
	tdestroy(names->tree, free);
	free(names);
}
