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
	uint64_t slot_bytes;
	uint64_t segment_bytes;
	uint64_t position; /* counts bytes ever written, as head does */
	uint64_t head;
};

/* A step and its parts, which are unaligned: copy them. */
struct step_view {
	struct section_step step;
	const uint8_t *extra; /* 48 bytes; NULL if its type has none */
	const uint8_t *kernel_frames;
	const uint8_t *registers; /* NULL: no user stack */
	const uint8_t *user_stack;
};

/* Starts at the oldest step of a slot, which is borrowed. Returns false on invalid sizes. */
bool step_reader_begin(const uint8_t *slot, uint32_t slot_bytes, uint64_t head,
		       struct step_reader *ret_steps);

/* Returns the next step; false after the newest. An invalid step ends its segment: the walk
 * continues with the next segment. */
bool step_reader_next(struct step_reader *steps, struct step_view *ret_view);

#endif
