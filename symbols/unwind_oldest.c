/* symbols/unwind_oldest.c - the oldest frames of a stack whose middle was not copied
 *
 * Nothing leads to them, so their copy is searched for return addresses. Those that earlier calls
 * have left behind can lead to the outermost frame as well: the places of their last frames have
 * the return addresses of newer calls. So each caller must have called the function before it.
 *
 * Example: main() has called init(), which has returned, and then run(), which is active and has a
 * large array. The array has the return address of a call in init(). Its call frame information
 * leads to the return address in main(), behind the call of run(). That is no call of init(), so
 * the search goes on to the return address in main() itself.
 *
 * An indirect call shows nothing. Two of them must be allowed: that by the outermost frame, and
 * that of main() or of the first function of a thread. The frames before any other are only used if
 * the first of them is in a function that the newest frames are in, too, as in a recursion. Of
 * several call stacks that pass, the one with the most frames is taken: what earlier calls have
 * left is seldom longer. */
#include "symbols/unwind_oldest.h"

#include <string.h>

#include "symbols/unwind_by_cfi.h"
#include "symbols/unwind_by_code.h"

/* Return addresses that are tried. */
#define TRIED_MAX 256u

#define SLOTS_MAX 2048u /* words of the copy that are searched */

/* A call stack from some return address to the outermost frame. */
struct tail {
	struct unwind_frame frames[UNWIND_OLDEST_MAX];
	uint64_t slots[UNWIND_OLDEST_MAX]; /* address of each frame's return address */
	size_t count;
	/* Frames up to the last call that is not proven, up to the one before it, and before that.
	 */
	size_t unproven[3];
};

struct search {
	struct walk walk; /* its result has the frames that are tried, from `first` on */
	size_t first;
	uint64_t frame_pointer; /* of the last of the newest frames; 0: unknown */
	const struct stack_copy *copy;
	struct tail tail; /* that is tried */
	struct tail best;
	uint8_t used[SLOTS_MAX / 8]; /* bit N: word N is part of a call stack that passed */
};

static const struct stack_copy *oldest_copy(const struct unwind_input *input)
{
	for (size_t i = 0; i < UNWIND_OTHERS_MAX; i++)
		if (input->others[i].copy.size_bytes > 0 && input->others[i].frame_pointer == 0)
			return &input->others[i].copy;
	return NULL;
}

static size_t index_of(const struct search *search, uint64_t slot)
{
	return (size_t)((slot - search->copy->address) / walk_word_bytes(&search->walk));
}

static void forget(struct tail *tail, size_t count)
{
	tail->count -= count;
	for (size_t i = 0; i < 3; i++)
		tail->unproven[i] -= tail->unproven[i] < count ? tail->unproven[i] : count;
	memmove(tail->frames, tail->frames + count, tail->count * sizeof(tail->frames[0]));
	memmove(tail->slots, tail->slots + count, tail->count * sizeof(tail->slots[0]));
}

static void note_unproven(struct tail *tail)
{
	tail->unproven[2] = tail->unproven[1];
	tail->unproven[1] = tail->unproven[0];
	tail->unproven[0] = tail->count;
}

/* The frames that a call which had to be proven separates from the others. */
static size_t doubtful_count(const struct tail *tail)
{
	bool is_by_outermost = tail->unproven[0] + 1 == tail->count;

	return tail->unproven[is_by_outermost ? 2 : 1];
}

/* Address of the return address that led to the last frame. */
static uint64_t last_slot(const struct walk *walk)
{
	const struct register_layout *layout = walk->input->layout;
	uint64_t sp = 0;

	if (!layout->call_pushes_return_address)
		return walk->return_slot;
	(void)registers_get(&walk->registers, layout->stack_pointer, &sp);
	return sp - walk_word_bytes(walk);
}

/* Adds the last frame of the walk. Returns false if it has not called the one before it. */
static bool add_frame(struct search *search)
{
	struct walk *walk = &search->walk;
	struct tail *tail = &search->tail;
	const struct unwind_frame *frame = &walk->result->frames[walk->result->count - 1];
	enum unwind_link link = UNWIND_LINK_PROVEN;

	if (frame->kind == UNWIND_FRAME_POINTER)
		return false;
	if (tail->count > 0 && frame->kind == UNWIND_FRAME_RETURN)
		link = unwind_check_link(walk, frame->pc, &tail->frames[tail->count - 1]);
	if (link == UNWIND_LINK_OTHER)
		return false;
	if (link == UNWIND_LINK_UNKNOWN)
		note_unproven(tail);
	if (tail->count == UNWIND_OLDEST_MAX)
		forget(tail, UNWIND_OLDEST_MAX / 2);
	tail->slots[tail->count] = last_slot(walk);
	tail->frames[tail->count++] = *frame;
	walk->result->count = search->first + 1;
	walk->result->frames[search->first] = *frame;
	return true;
}

/* Whether a word can be the frame pointer of the caller whose return address is in the slot. */
static bool is_above(const struct search *search, uint64_t slot, uint64_t frame_pointer)
{
	return frame_pointer > slot &&
	       frame_pointer - search->copy->address < search->copy->size_bytes;
}

/* The word below a return address is the caller's frame pointer if the called function has pushed
 * it. If none has since, the register still has it. Otherwise a frame that needs it leads nowhere.
 */
static bool find_frame_pointer(struct search *search, uint64_t slot, uint64_t *ret_frame_pointer)
{
	struct walk *walk = &search->walk;
	bool is_read = walk_load_word(walk, slot - walk_word_bytes(walk), ret_frame_pointer);

	if (is_read && is_above(search, slot, *ret_frame_pointer))
		return true;
	if (!is_above(search, slot, search->frame_pointer))
		return is_read;
	*ret_frame_pointer = search->frame_pointer;
	return true;
}

/* Sets the stack pointer of the caller. A call that pushes the return address has it behind the
 * slot. Otherwise the called function has saved it anywhere in its frame: its call frame
 * information has the place, if the call shows which function that is. */
static void set_stack_pointer(struct walk *walk, uint64_t slot, uint64_t return_address)
{
	const struct register_layout *layout = walk->input->layout;
	uint64_t sp = slot + walk_word_bytes(walk), target;
	int64_t offset;

	walk->sp_is_bound = false;
	if (!layout->call_pushes_return_address) {
		walk->sp_is_bound = !unwind_call_target(walk, return_address, &target) ||
				    !unwind_find_saved_return(walk, target, &offset);
		if (!walk->sp_is_bound)
			sp = slot - (uint64_t)offset;
	}
	registers_set(&walk->registers, layout->stack_pointer, sp);
}

/* Follows the frames from a return address on. */
static bool follow(struct search *search, uint64_t slot, uint64_t return_address)
{
	struct walk *walk = &search->walk;
	const struct register_layout *layout = walk->input->layout;
	enum unwind_end end = UNWIND_END_COMPLETE;
	uint64_t frame_pointer;

	search->tail.count = 0;
	memset(search->tail.unproven, 0, sizeof(search->tail.unproven));
	walk->at_zero = false;
	walk->return_slot = slot;
	walk->registers = (struct registers){.known = 0};
	set_stack_pointer(walk, slot, return_address);
	registers_set(&walk->registers, layout->instruction_pointer, return_address);
	if (find_frame_pointer(search, slot, &frame_pointer))
		registers_set(&walk->registers, layout->frame_pointer, frame_pointer);
	walk->result->count = search->first;
	if (!walk_append(walk, return_address, UNWIND_FRAME_RETURN) || !add_frame(search))
		return false;
	while (unwind_step(walk, &end)) {
		/* The step may have found out that it is a signal frame. */
		search->tail.frames[search->tail.count - 1] = walk->result->frames[search->first];
		if (!add_frame(search))
			return false;
	}
	return end == UNWIND_END_COMPLETE && !walk->at_zero;
}

/* Whether a frame is in the function of one of the newest frames, or has called that of the last of
 * them. */
static bool leads_to_newest(struct search *search, const struct unwind_frame *frame)
{
	const struct unwind_frame *newest = search->walk.result->frames;
	uint64_t start = unwind_function_start(frame);

	for (size_t i = 0; i < search->first && start != 0; i++)
		if (unwind_function_start(&newest[i]) == start)
			return true;
	return search->first > 0 &&
	       unwind_check_link(&search->walk, frame->pc, &newest[search->first - 1]) ==
		       UNWIND_LINK_PROVEN;
}

static void keep_if_best(struct search *search)
{
	struct tail *tail = &search->tail;
	size_t doubtful = doubtful_count(tail);

	for (size_t i = 0; i < tail->count; i++) {
		size_t index = index_of(search, tail->slots[i]);

		if (index < SLOTS_MAX)
			search->used[index / 8] |= (uint8_t)(1u << index % 8);
	}
	if (doubtful > 0 && !leads_to_newest(search, &tail->frames[0]))
		forget(tail, doubtful);
	if (tail->count > search->best.count)
		search->best = *tail;
}

static bool is_return_address(struct walk *walk, uint64_t address)
{
	return mappings_find(walk->input->mappings, address - 1) &&
	       unwind_check_return(walk, address, NULL) >= UNWIND_EVIDENCE_CALL;
}

static void search_copy(struct search *search)
{
	struct walk *walk = &search->walk;
	size_t words = search->copy->size_bytes / walk_word_bytes(walk);
	unsigned int tried = 0;

	for (size_t i = 0; i < words && i < SLOTS_MAX && tried < TRIED_MAX; i++) {
		uint64_t slot = search->copy->address + i * walk_word_bytes(walk);
		uint64_t word;

		if (search->used[i / 8] >> i % 8 & 1 || !walk_load_word(walk, slot, &word))
			continue;
		word &= walk->input->layout->code_address_mask;
		if (!is_return_address(walk, word))
			continue;
		tried++;
		if (follow(search, slot, word))
			keep_if_best(search);
	}
}

/* Where the copied bytes end that the newest frames are in. A stack behind the oldest part is one
 * that its frames lead to. */
static uint64_t newest_end(const struct unwind_input *input)
{
	uint64_t end = input->stack.address + input->stack.size_bytes;

	for (size_t i = 0; i < UNWIND_OTHERS_MAX; i++) {
		const struct other_stack *other = &input->others[i];

		if (other->copy.size_bytes == 0)
			continue;
		if (other->frame_pointer == 0)
			break;
		end = other->copy.address + other->copy.size_bytes;
	}
	return end;
}

void unwind_add_oldest(struct walk *walk)
{
	struct unwind_result *result = walk->result;
	struct search search = {.walk = *walk, .copy = oldest_copy(walk->input)};

	if (!search.copy)
		return;
	if (result->count > UNWIND_NEWEST_MAX)
		result->count = UNWIND_NEWEST_MAX;
	search.first = result->count;
	(void)registers_get(&walk->registers, walk->input->layout->frame_pointer,
			    &search.frame_pointer);
	search.walk.memory.context = &search.walk;
	search_copy(&search);
	walk->steps_left = search.walk.steps_left;
	result->count = search.first;
	result->oldest_count = search.best.count;
	result->gap_bytes = search.copy->address - newest_end(walk->input);
	memcpy(result->frames + result->count, search.best.frames,
	       search.best.count * sizeof(search.best.frames[0]));
}
