/* symbols/unwind_walk.c - the copied stack and the frames of a walk */
#include "symbols/unwind_walk.h"

#include "base/cursor.h"

/* An address further above the copy than the largest frame is on another stack. */
#define FRAME_BYTES_MAX (1u << 20)

/* If a longer copy could have had the bytes, the stack is truncated, otherwise damaged. A signal
 * handler on an alternate stack leads to another stack, so an address far from the copy can be
 * valid too. */
static bool could_be_stack(const struct stack_copy *stack, uint64_t address)
{
	bool is_user_memory = address >= 0x10000 && address < UINT64_C(1) << 56;

	if (!is_user_memory)
		return false;
	return !(stack->whole && address >= stack->address &&
		 address - stack->address <= stack->size_bytes + 4096);
}

static bool has_bytes(const struct stack_copy *stack, uint64_t address, unsigned int size_bytes)
{
	uint64_t offset = address - stack->address;

	return address >= stack->address && offset < stack->size_bytes &&
	       size_bytes <= stack->size_bytes - offset;
}

static const struct stack_copy *find_stack(const struct unwind_input *input, uint64_t address,
					   unsigned int size_bytes)
{
	if (has_bytes(&input->stack, address, size_bytes))
		return &input->stack;
	for (size_t i = 0; i < UNWIND_OTHERS_MAX; i++)
		if (has_bytes(&input->others[i].copy, address, size_bytes))
			return &input->others[i].copy;
	return NULL;
}

static bool is_behind(const struct stack_copy *stack, uint64_t address)
{
	return address >= stack->address &&
	       address - stack->address - stack->size_bytes < FRAME_BYTES_MAX;
}

static bool is_behind_copy(const struct unwind_input *input, uint64_t address)
{
	if (is_behind(&input->stack, address))
		return true;
	for (size_t i = 0; i < UNWIND_OTHERS_MAX; i++)
		if (input->others[i].copy.size_bytes > 0 &&
		    is_behind(&input->others[i].copy, address))
			return true;
	return false;
}

bool walk_read_stack(void *context, uint64_t address, unsigned int size_bytes, uint64_t *ret_value)
{
	struct walk *walk = context;
	const struct stack_copy *main_stack = &walk->input->stack;
	const struct stack_copy *stack = find_stack(walk->input, address, size_bytes);
	struct cursor cursor;

	if (!stack) {
		walk->truncated = could_be_stack(main_stack, address);
		walk->elsewhere = !is_behind_copy(walk->input, address);
		return false;
	}
	cursor = cursor_over(stack->bytes + (address - stack->address), size_bytes);
	*ret_value = cursor_unsigned(&cursor, size_bytes);
	return true;
}

bool walk_load_word(struct walk *walk, uint64_t address, uint64_t *ret_value)
{
	return walk_read_stack(walk, address, walk_word_bytes(walk), ret_value);
}

uint64_t walk_link_address(const struct module *module, const struct mapping *mapping,
			   uint64_t address)
{
	uint64_t offset, linked;

	if (unwind_mapping_is_jit(mapping, module))
		return address;
	offset = address - mapping->start + mapping->file_offset;
	if (module && module->status == SYMBOLS_OK &&
	    elf_image_offset_to_address(&module->image, offset, &linked))
		return linked;
	return offset;
}

struct unwind_frame *walk_append(struct walk *walk, uint64_t pc, enum unwind_frame_kind kind)
{
	struct unwind_result *result = walk->result;
	const struct mappings *mappings = walk->input->mappings;
	uint64_t call = kind == UNWIND_FRAME_EXACT ? pc : pc - 1;
	const struct mapping *mapping = mappings_find(mappings, call);
	struct unwind_frame *frame;

	if (!mapping)
		return NULL;
	frame = &result->frames[result->count++];
	frame->pc = pc;
	frame->kind = kind;
	frame->mapping = mapping;
	frame->module = module_cache_get(walk->cache, mappings->pid, mapping);
	frame->lookup_address = walk_link_address(frame->module, mapping, call);
	return frame;
}
