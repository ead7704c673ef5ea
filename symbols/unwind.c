/* symbols/unwind.c - the call stack of a thread, from its registers and a copy of its stack */
#include "symbols/unwind.h"

#include "symbols/unwind_by_cfi.h"
#include "symbols/unwind_by_code.h"
#include "symbols/unwind_oldest.h"
#include "symbols/unwind_walk.h"

/* If the call stack reached the outermost frame by call frame information, it proves that the frame
 * pointer or return address before it was valid: a random value does not get there. Otherwise the
 * doubtful frames are removed, and the likely ones too if the stack turned out to be damaged.
 *
 * Example: 6 frames, likely from 2, doubtful from 4. After COMPLETE all 6 stay, after
 * NO_INFORMATION or TRUNCATED the first 4, after BAD_ADDRESS the first 2. */
static void settle(struct walk *walk)
{
	struct unwind_result *result = walk->result;
	size_t from = walk->doubtful_from;

	if (result->end == UNWIND_END_COMPLETE)
		return;
	if (result->end == UNWIND_END_BAD_ADDRESS && walk->likely_from < from)
		from = walk->likely_from;
	if (from >= result->count)
		return;
	result->count = from;
	result->end = result->frames[from - 1].kind == UNWIND_FRAME_UNMAPPED
			      ? UNWIND_END_BAD_ADDRESS
			      : UNWIND_END_NO_INFORMATION;
}

/* The return address that a call has just left: on top of the stack, or in a register. */
static bool find_fresh_return(struct walk *walk, uint64_t sp, uint64_t *ret_address)
{
	const struct register_layout *layout = walk->input->layout;

	if (layout->call_pushes_return_address)
		return walk_load_word(walk, sp, ret_address);
	if (!registers_get(&walk->registers, layout->return_register, ret_address))
		return false;
	*ret_address &= layout->code_address_mask;
	return true;
}

/* The program jumped to an address without code, perhaps by a call. */
static bool step_from_unmapped_leaf(struct walk *walk)
{
	const struct register_layout *layout = walk->input->layout;
	enum unwind_evidence evidence;
	uint64_t sp, return_address;

	if (!registers_get(&walk->registers, layout->stack_pointer, &sp) ||
	    !find_fresh_return(walk, sp, &return_address))
		return false;
	evidence = unwind_check_return(walk, return_address, &walk->result->frames[0]);
	if (evidence == UNWIND_EVIDENCE_NONE ||
	    !walk_append(walk, return_address, UNWIND_FRAME_RETURN))
		return false;
	if (layout->call_pushes_return_address)
		registers_set(&walk->registers, layout->stack_pointer, sp + walk_word_bytes(walk));
	if (evidence == UNWIND_EVIDENCE_UNKNOWN)
		walk->doubtful_from = 1;
	return true;
}

static void follow(struct walk *walk, uint64_t pc)
{
	struct unwind_result *result = walk->result;

	if (!walk_append(walk, pc, UNWIND_FRAME_EXACT)) {
		result->frames[result->count++] =
			(struct unwind_frame){.pc = pc, .kind = UNWIND_FRAME_UNMAPPED};
		result->end = UNWIND_END_BAD_ADDRESS;
		if (!step_from_unmapped_leaf(walk))
			return;
	}
	while (unwind_step(walk, &result->end))
		walk->truncated = false;
	settle(walk);
	if (result->end == UNWIND_END_TRUNCATED || result->end == UNWIND_END_TOO_DEEP)
		unwind_add_oldest(walk);
}

void unwind(struct module_cache *cache, const struct unwind_input *input,
	    struct unwind_result *ret_result)
{
	struct walk walk = {
		.cache = cache,
		.input = input,
		.result = ret_result,
		.registers = input->registers,
		.steps_left = UNWIND_STEPS_MAX,
		.likely_from = SIZE_MAX,
		.doubtful_from = SIZE_MAX,
	};
	uint64_t pc = 0;

	walk.memory = (struct cfi_memory){.read = walk_read_stack, .context = &walk};
	ret_result->count = 0;
	ret_result->oldest_count = 0;
	(void)registers_get(&input->registers, input->layout->instruction_pointer, &pc);
	follow(&walk, pc);
	ret_result->steps = UNWIND_STEPS_MAX - walk.steps_left;
}

const char *unwind_end_phrase(enum unwind_end end)
{
	static const char *const phrases[] = {
		[UNWIND_END_COMPLETE] = "complete",
		[UNWIND_END_TRUNCATED] = "truncated",
		[UNWIND_END_NO_INFORMATION] = "no unwind information",
		[UNWIND_END_BAD_ADDRESS] = "damaged stack",
		[UNWIND_END_TOO_DEEP] = "too deep",
		[UNWIND_END_TOO_COSTLY] = "too costly",
		[UNWIND_END_OTHER_STACK] = "other stack",
	};

	if ((unsigned int)end >= sizeof(phrases) / sizeof(phrases[0]))
		return "unknown";
	return phrases[end];
}

void unwind_statistics_add(struct unwind_statistics *statistics, const struct unwind_result *result,
			   uint64_t elapsed_ns)
{
	statistics->stacks++;
	statistics->frames += result->count;
	statistics->total_ns += elapsed_ns;
	if (elapsed_ns > statistics->longest_ns)
		statistics->longest_ns = elapsed_ns;
	statistics->ends[result->end]++;
}
