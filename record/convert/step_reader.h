/* record/convert/step_reader.h - reads the steps in a slot, oldest first */
#ifndef RECORD_CONVERT_STEP_READER_H
#define RECORD_CONVERT_STEP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

/* Position of a walk through a slot. */
struct step_reader {
	const uint8_t *slot;
	uint32_t segment_bytes;
	uint32_t used;                    /* bytes in the segment that is filled: the last one */
	uint32_t count;                   /* segments */
	uint32_t order[SECTION_SEGMENTS]; /* oldest first */
	uint32_t turn;                    /* index of the current one in `order` */
	uint32_t position;                /* in that segment */
};

/* A step and its parts, which are unaligned: copy them. */
struct step_view {
	/* If it repeats another one, its sequence is that of the other one. The first step of a
	 * segment repeats none. */
	struct section_step step;
	/* 48 bytes, of a file a struct section_file; NULL if its type has none. */
	const uint8_t *extra;
	const uint8_t *kernel_frames;
	uint64_t stack_copy_id;   /* of the user stack, if it was walked; else USER_STACK_NONE */
	const uint8_t *registers; /* NULL: no copy of the user stack */
	const uint8_t *user_stack;
	bool is_first; /* of its segment: steps before it may have been dropped */
};

/* Starts at the oldest step of a slot, which is borrowed. head: SECTION_HEAD. Returns false on
 * invalid sizes. */
bool step_reader_begin(const uint8_t *slot, uint32_t slot_bytes, uint64_t head,
		       struct step_reader *ret_steps);

/* Returns the bytes of a slot, from its start, that can have been written to. */
uint32_t step_reader_bytes(uint32_t slot_bytes, uint64_t head);

/* Returns whether a segment of the slot was filled twice. */
bool step_reader_is_full(uint64_t head);

/* Returns the next step; false after the newest. An invalid step ends its segment: the walk
 * continues with the next segment. */
bool step_reader_next(struct step_reader *steps, struct step_view *ret_view);

/* Returns whether a step is one of the batch. A step that was not written completely leaves the
 * previous contents of its place. */
bool step_reader_is_of(const struct event_step_batch *batch, const struct section_step *step);

/* Sets the kernel frames of a step SWITCHED_OUT, behind which `steps` is, to those of the step with
 * which the thread is switched in, if that is one of the next. */
void step_reader_find_frames(struct step_reader steps, const struct event_step_batch *batch,
			     struct step_view *view);

#endif
