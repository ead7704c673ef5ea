/* record/sections/step_stacks.c - the kernel stacks of steps, which BPF programs number */
#include "record/sections/step_stacks.h"

#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"

struct step_stacks {
	int map;
	/* As they were read: a number belongs to one stack for the whole recording. */
	uint64_t *frames[SECTION_KERNEL_STACKS];
};

struct step_stacks *step_stacks_new(int map)
{
	struct step_stacks *stacks = calloc(1, sizeof(*stacks));

	if (stacks)
		stacks->map = map;
	return stacks;
}

static uint64_t *read_frames(const struct step_stacks *stacks, uint32_t number)
{
	uint64_t *frames = calloc(SECTION_KERNEL_FRAMES_MAX, sizeof(*frames));

	if (frames && bpf_map_lookup_elem(stacks->map, &number, frames) == 0)
		return frames;
	free(frames);
	return NULL;
}

const uint64_t *step_stacks_find(struct step_stacks *stacks, uint32_t number, size_t *ret_count)
{
	const uint64_t *frames;
	size_t count = 0;

	if (number >= SECTION_KERNEL_STACKS)
		return NULL;
	if (!stacks->frames[number])
		stacks->frames[number] = read_frames(stacks, number);
	frames = stacks->frames[number];
	while (frames && count < SECTION_KERNEL_FRAMES_MAX && frames[count])
		count++;
	*ret_count = count;
	return frames;
}

void step_stacks_free(struct step_stacks *stacks)
{
	if (!stacks)
		return;
	for (size_t i = 0; i < SECTION_KERNEL_STACKS; i++)
		free(stacks->frames[i]);
	free(stacks);
}
