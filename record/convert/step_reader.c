/* record/convert/step_reader.c - reads the steps in a slot, oldest first
 *
 * bpf/section_step.bpf.h shows with an example how steps are written. In its example, with segments
 * of 512 bytes and a head of 696, a walk starts at position 0. The step there has 96 bytes. At 96
 * is padding, so the walk goes to 512. The steps there and at 648 have 136 and 48 bytes, and 648 +
 * 48 is head. With a head of 5000 the walk starts at (5000 / 512 - 7) * 512 = 1024.
 */
#include "record/convert/step_reader.h"

#include <string.h>

#define EXTRA_BYTES     48u
#define REGISTERS_BYTES (SECTION_REGISTER_WORDS * 8u)

bool step_reader_begin(const uint8_t *slot, uint32_t slot_bytes, uint64_t head,
		       struct step_reader *ret_steps)
{
	uint64_t segment_bytes = slot_bytes / SECTION_SEGMENTS;

	if (segment_bytes < sizeof(struct section_step) ||
	    slot_bytes % (8u * SECTION_SEGMENTS) != 0)
		return false;
	*ret_steps = (struct step_reader){
		.slot = slot,
		.slot_bytes = slot_bytes,
		.segment_bytes = segment_bytes,
		.head = head,
	};
	/* The segment that is being written has replaced the oldest one. */
	if (head > slot_bytes)
		ret_steps->position =
			(head / segment_bytes - (SECTION_SEGMENTS - 1)) * segment_bytes;
	return true;
}

static bool has_extra(uint8_t step_type)
{
	return step_type == SECTION_STEP_SWITCHED_OUT || step_type == SECTION_STEP_WOKEN_UP ||
	       step_type == SECTION_STEP_CALL_IN || step_type == SECTION_STEP_INTERRUPT_IN ||
	       step_type == SECTION_STEP_PAGE_FAULTS;
}

/* Interrupts of the processor have no name, and no space for one. */
static bool view_parts(const uint8_t *bytes, struct step_view *view)
{
	const struct section_step *step = &view->step;
	size_t stacks = 8u * (size_t)step->kernel_frames;
	size_t used = sizeof(*step);

	if (step->user_bytes)
		stacks += REGISTERS_BYTES + step->user_bytes;
	if (has_extra(step->step_type) && used + EXTRA_BYTES + stacks <= step->size_bytes) {
		view->extra = bytes + used;
		used += EXTRA_BYTES;
	}
	if (used + stacks > step->size_bytes)
		return false;
	view->kernel_frames = bytes + used;
	used += 8u * (size_t)step->kernel_frames;
	if (step->user_bytes) {
		view->registers = bytes + used;
		view->user_stack = bytes + used + REGISTERS_BYTES;
	}
	return true;
}

static bool view_at(const struct step_reader *steps, struct step_view *ret_view)
{
	const uint8_t *bytes = steps->slot + steps->position % steps->slot_bytes;
	uint64_t left = steps->segment_bytes - steps->position % steps->segment_bytes;

	memset(ret_view, 0, sizeof(*ret_view));
	if (left < sizeof(struct section_step))
		return false;
	memcpy(&ret_view->step, bytes, sizeof(ret_view->step));
	if (ret_view->step.step_type == SECTION_STEP_PADDING || ret_view->step.size_bytes > left ||
	    ret_view->step.size_bytes < sizeof(struct section_step) ||
	    ret_view->step.size_bytes % 8 != 0)
		return false;
	return view_parts(bytes, ret_view);
}

bool step_reader_next(struct step_reader *steps, struct step_view *ret_view)
{
	while (steps->position < steps->head) {
		if (view_at(steps, ret_view)) {
			steps->position += ret_view->step.size_bytes;
			return true;
		}
		steps->position =
			(steps->position / steps->segment_bytes + 1) * steps->segment_bytes;
	}
	return false;
}
