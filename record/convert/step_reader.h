/* record/convert/step_reader.h - the steps in a slot, one after the other (bpf/section.h) */
#ifndef RECORD_CONVERT_STEP_READER_H
#define RECORD_CONVERT_STEP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

/* Where a walk through a slot is. */
struct step_reader {
	const uint8_t *slot;
	uint64_t slot_bytes;
	uint64_t segment_bytes;
	uint64_t position; /* as head counts: bytes ever written */
	uint64_t head;
};

/* A step and what follows it. Nothing is aligned by promise: the parts are to be copied. */
struct step_view {
	struct section_step step;
	const uint8_t *extra; /* 48 bytes; NULL if its kind has none */
	const uint8_t *kernel_frames;
	const uint8_t *registers; /* NULL if there is no user stack */
	const uint8_t *user_stack;
};

/* Starts with the oldest step that is there. False if the sizes are none that the kernel side uses.
 */
bool step_reader_begin(const uint8_t *slot, uint32_t slot_bytes, uint64_t head,
		       struct step_reader *ret_steps);

/* False after the newest. What is not sound ends its segment: the walk goes on with the next. */
bool step_reader_next(struct step_reader *steps, struct step_view *ret_view);

#endif
