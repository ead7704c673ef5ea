/* analyze/fold/frame_names.c - the names of frames, formatted once for each frame */
#define _GNU_SOURCE
#include "analyze/fold/frame_names.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/trace/call_chain.h"

/* Beyond this number, the names are made anew. */
#define NAMES_MAX 65536u

struct named_frame {
	const struct trace_file *file; /* this and the frame: the key */
	struct dz_frame frame;
	size_t size;
	char name[];
};

struct frame_names {
	void *tree; /* of tsearch(3) */
	size_t count;
};

static int compare(const void *left, const void *right)
{
	const struct named_frame *a = left, *b = right;

	if (a->file != b->file)
		return (uintptr_t)a->file < (uintptr_t)b->file ? -1 : 1;
	return memcmp(&a->frame, &b->frame, sizeof(a->frame));
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
	named->file = frame ? file : NULL;
	named->frame = frame ? *frame : (struct dz_frame){0};
	named->size = size;
	memcpy(named->name, name, size);
	if (tsearch(named, &names->tree, compare)) {
		names->count++;
		return named;
	}
	free(named);
	return NULL;
}

bool frame_names_find(struct frame_names *names, const struct trace_file *file,
		      const struct dz_frame *frame, struct trace_text *ret_name)
{
	const struct named_frame key = {
		.file = frame ? file : NULL,
		.frame = frame ? *frame : (struct dz_frame){0},
	};
	struct named_frame *const *found = tfind(&key, &names->tree, compare);
	const struct named_frame *named = found ? *found : add(names, file, frame);

	if (!named)
		return false;
	*ret_name = (struct trace_text){named->name, named->size};
	return true;
}

void frame_names_trim(struct frame_names *names)
{
	if (names->count < NAMES_MAX)
		return;
	tdestroy(names->tree, free);
	names->tree = NULL;
	names->count = 0;
}

void frame_names_free(struct frame_names *names)
{
	if (!names)
		return;
	tdestroy(names->tree, free);
	free(names);
}
