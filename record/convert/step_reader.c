/* record/convert/step_reader.c - reads the steps in a slot, oldest first
 *
 * bpf/section_step.bpf.h shows with an example how steps are written. In its example, with segments
 * of 512 bytes and 288 bytes used of segment 1, a walk starts at 0. The step there has 96 bytes. At
 * 96 is padding, so the walk goes to 512. The steps from there on have 136, 48 and 96 bytes, and
 * the word behind them 8, which are 288. Once all segments are full, they are walked in the order
 * of their first steps.
 */
#include "record/convert/step_reader.h"

#include <string.h>

#define EXTRA_BYTES     48u
#define REGISTERS_BYTES (SECTION_REGISTER_WORDS * 8u)
#define ID_BYTES        8u
#define WORD_BYTES      8u

/* A thread can be moved to another CPU several times before it is switched in. */
#define LATER_STEPS_MAX 8

static bool is_valid_size(uint32_t slot_bytes)
{
	return slot_bytes / SECTION_SEGMENTS >= sizeof(struct section_step) &&
	       slot_bytes % (8u * SECTION_SEGMENTS) == 0;
}

bool step_reader_is_full(uint64_t head)
{
	return SECTION_HEAD_TURN(head) >= SECTION_SEGMENTS;
}

uint32_t step_reader_bytes(uint32_t slot_bytes, uint64_t head)
{
	uint64_t bytes;

	if (step_reader_is_full(head))
		return slot_bytes;
	bytes = SECTION_HEAD_TURN(head) * (slot_bytes / SECTION_SEGMENTS) + SECTION_HEAD_USED(head);
	return bytes < slot_bytes ? (uint32_t)bytes : slot_bytes;
}

static uint32_t first_sequence(const struct step_reader *steps, uint32_t segment)
{
	struct section_step step;

	memcpy(&step, steps->slot + (size_t)segment * steps->segment_bytes, sizeof(step));
	return step.sequence;
}

/* The segment at the head is the last, also if it has no step yet. */
static void sort_segments(struct step_reader *steps, uint32_t last)
{
	for (uint32_t i = 0; i < steps->count; i++) {
		uint32_t at = i;

		for (; at > 0 && i != last &&
		       (steps->order[at - 1] == last ||
			first_sequence(steps, steps->order[at - 1]) > first_sequence(steps, i));
		     at--)
			steps->order[at] = steps->order[at - 1];
		steps->order[at] = i;
	}
}

bool step_reader_begin(const uint8_t *slot, uint32_t slot_bytes, uint64_t head,
		       struct step_reader *ret_steps)
{
	bool is_full = step_reader_is_full(head);

	if (!is_valid_size(slot_bytes))
		return false;
	*ret_steps = (struct step_reader){
		.slot = slot,
		.segment_bytes = slot_bytes / SECTION_SEGMENTS,
		.used = (uint32_t)SECTION_HEAD_USED(head),
		.count = is_full ? SECTION_SEGMENTS : (uint32_t)SECTION_HEAD_TURN(head) + 1,
	};
	if (ret_steps->used > ret_steps->segment_bytes)
		ret_steps->used = ret_steps->segment_bytes;
	sort_segments(ret_steps,
		      is_full ? (uint32_t)SECTION_HEAD_SEGMENT(head) : ret_steps->count - 1);
	return true;
}

static size_t extra_bytes_of(uint8_t step_type)
{
	static const size_t bytes[] = {
		[SECTION_STEP_SWITCHED_OUT] = EXTRA_BYTES,
		[SECTION_STEP_WOKEN_UP] = EXTRA_BYTES,
		[SECTION_STEP_CALL_IN] = EXTRA_BYTES,
		[SECTION_STEP_INTERRUPT_IN] = EXTRA_BYTES,
		[SECTION_STEP_PAGE_FAULTS] = EXTRA_BYTES,
		[SECTION_STEP_FILE] = sizeof(struct section_file),
	};

	return step_type < sizeof(bytes) / sizeof(bytes[0]) ? bytes[step_type] : 0;
}

/* A step of a segment: a whole one, or one that repeats a whole one. */
struct place {
	struct section_step step; /* without its duration if it repeats another one */
	const uint8_t *bytes;     /* of the whole step */
	uint32_t position;
	uint32_t begin; /* position of the step with which its duration began, if it repeats one */
	bool is_repeat;
};

static size_t user_part_bytes(const struct section_step *step)
{
	if (step->user_bytes == SECTION_USER_ID)
		return ID_BYTES;
	return step->user_bytes ? REGISTERS_BYTES + step->user_bytes : 0;
}

/* Interrupts of the processor have no name, and no space for one. */
static bool view_parts(const uint8_t *bytes, struct step_view *view)
{
	const struct section_step *step = &view->step;
	size_t stacks = 8u * (size_t)step->kernel_frames + user_part_bytes(step);
	size_t used = sizeof(*step), extra = extra_bytes_of(step->step_type);

	if (extra && used + extra + stacks <= step->size_bytes) {
		view->extra = bytes + used;
		used += extra;
	}
	if (used + stacks > step->size_bytes)
		return false;
	view->kernel_frames = bytes + used;
	used += 8u * (size_t)step->kernel_frames;
	if (step->user_bytes == SECTION_USER_ID) {
		memcpy(&view->stack_copy_id, bytes + used, ID_BYTES);
	} else if (step->user_bytes) {
		view->registers = bytes + used;
		view->user_stack = bytes + used + REGISTERS_BYTES;
	}
	return true;
}

/* Bytes from the position to the end of the segment, or to the head. */
static uint32_t bytes_left(const struct step_reader *steps)
{
	uint32_t end = steps->turn + 1 == steps->count ? steps->used : steps->segment_bytes;

	return end > steps->position ? end - steps->position : 0;
}

static const uint8_t *bytes_at(const struct step_reader *steps, uint32_t position)
{
	return steps->slot + (size_t)steps->order[steps->turn] * steps->segment_bytes + position;
}

/* Reads a whole step that ends before `end`. */
static bool read_whole(const struct step_reader *steps, uint32_t position, uint32_t end,
		       struct place *ret_place)
{
	struct section_step *step = &ret_place->step;

	*ret_place = (struct place){.bytes = bytes_at(steps, position), .position = position};
	if (end - position < sizeof(*step))
		return false;
	memcpy(step, ret_place->bytes, sizeof(*step));
	return step->step_type != SECTION_STEP_PADDING && step->size_bytes <= end - position &&
	       step->size_bytes >= sizeof(*step) && step->size_bytes % 8 == 0;
}

/* Finds the step that a word repeats, which ends before the word. */
static bool read_repeat(const struct step_reader *steps, uint32_t position, uint64_t word,
			struct place *ret_place)
{
	uint32_t distance = (uint32_t)SECTION_REPEAT_DISTANCE(word) * WORD_BYTES;
	uint32_t begin = (uint32_t)SECTION_REPEAT_BEGIN(word) * WORD_BYTES;
	struct section_step *step = &ret_place->step;

	if (distance > position || begin > position ||
	    !read_whole(steps, position - distance, position, ret_place) ||
	    (step->sequence & SECTION_REPEAT_CHECK_MAX) != SECTION_REPEAT_CHECK(word))
		return false;
	step->time_ns += SECTION_REPEAT_NS(word);
	step->duration_ns = 0;
	if (step->step_type == SECTION_STEP_SWITCHED_IN)
		step->value = 0;
	ret_place->position = position;
	ret_place->begin = position - begin;
	ret_place->is_repeat = true;
	return true;
}

static bool read_place(const struct step_reader *steps, uint32_t position, uint32_t end,
		       struct place *ret_place)
{
	uint64_t word;

	memset(ret_place, 0, sizeof(*ret_place));
	if (end - position < WORD_BYTES)
		return false;
	memcpy(&word, bytes_at(steps, position), WORD_BYTES);
	return SECTION_REPEAT_IS(word) ? read_repeat(steps, position, word, ret_place)
				       : read_whole(steps, position, end, ret_place);
}

/* Sets the duration of a step that repeats one: the time since the step that it began with, which
 * is returned too. */
static bool find_duration(const struct step_reader *steps, struct place *place,
			  struct place *ret_begin)
{
	memset(ret_begin, 0, sizeof(*ret_begin));
	if (!place->is_repeat || place->begin == place->position)
		return true;
	if (!read_place(steps, place->begin, place->position, ret_begin))
		return false;
	place->step.duration_ns = place->step.time_ns - ret_begin->step.time_ns;
	return true;
}

/* A thread that is switched in was runnable since it was woken up or switched out, and blocked
 * until it was woken up. */
static bool complete(const struct step_reader *steps, struct place *place)
{
	struct place begin, out;

	if (!find_duration(steps, place, &begin) || !find_duration(steps, &begin, &out))
		return false;
	if (!place->is_repeat || place->step.step_type != SECTION_STEP_SWITCHED_IN)
		return true;
	place->step.value = place->step.duration_ns;
	place->step.duration_ns = begin.step.duration_ns;
	return true;
}

/* Returns the bytes to the next step; 0 if there is no valid one. */
static uint32_t view_at(const struct step_reader *steps, struct step_view *ret_view)
{
	struct place place;

	memset(ret_view, 0, sizeof(*ret_view));
	if (!read_place(steps, steps->position, steps->position + bytes_left(steps), &place) ||
	    !complete(steps, &place))
		return 0;
	ret_view->step = place.step;
	ret_view->is_first = steps->position == 0;
	if (!view_parts(place.bytes, ret_view))
		return 0;
	return place.is_repeat ? WORD_BYTES : place.step.size_bytes;
}

bool step_reader_next(struct step_reader *steps, struct step_view *ret_view)
{
	for (; steps->turn < steps->count; steps->turn++) {
		uint32_t bytes = view_at(steps, ret_view);

		steps->position += bytes;
		if (bytes)
			return true;
		steps->position = 0;
	}
	return false;
}

bool step_reader_is_of(const struct event_step_batch *batch, const struct section_step *step)
{
	return step->outermost == (uint32_t)batch->outermost && step->sequence < batch->total;
}

/* When a thread that is switched in was switched out. */
static uint64_t out_ns_of(const struct section_step *in)
{
	return in->time_ns - in->value - in->duration_ns;
}

/* Steps can be missing behind the last one of a segment, and a step that was not written can be of
 * another section: only the times of two steps say that they belong together. */
void step_reader_find_frames(struct step_reader steps, const struct event_step_batch *batch,
			     struct step_view *view)
{
	struct step_view later;

	for (int i = 0; i < LATER_STEPS_MAX && step_reader_next(&steps, &later); i++) {
		if (!step_reader_is_of(batch, &later.step))
			continue;
		if (later.step.step_type == SECTION_STEP_SWITCHED_OUT)
			return;
		if (later.step.step_type != SECTION_STEP_SWITCHED_IN)
			continue;
		if (out_ns_of(&later.step) == view->step.time_ns) {
			view->kernel_frames = later.kernel_frames;
			view->step.kernel_frames = later.step.kernel_frames;
		}
		return;
	}
}
