/* symbols/unwind_by_cfi.c - the caller of a frame by the rules of its call frame information */
#include "symbols/unwind_by_cfi.h"

#include <string.h>

#include "symbols/cfi_expression.h"
#include "symbols/unwind_by_code.h"

static enum unwind_end end_of(const struct walk *walk, enum symbols_status status)
{
	if (status == SYMBOLS_LIMIT)
		return UNWIND_END_TOO_COSTLY;
	if (status == SYMBOLS_CORRUPT)
		return UNWIND_END_NO_INFORMATION;
	if (!walk->truncated)
		return UNWIND_END_BAD_ADDRESS;
	return walk->interrupted && walk->elsewhere ? UNWIND_END_OTHER_STACK : UNWIND_END_TRUNCATED;
}

static enum symbols_status evaluate(struct walk *walk, const struct cfi_rule *rule,
				    const uint64_t *cfa, uint64_t *ret_value)
{
	struct cfi_expression_input input = {
		.bytes = rule->expression,
		.size_bytes = rule->expression_bytes,
		.registers = &walk->registers,
		.memory = &walk->memory,
		.is_32bit = walk_word_bytes(walk) == 4,
		.has_initial = cfa,
		.initial = cfa ? *cfa : 0,
	};

	return cfi_expression_evaluate(&input, &walk->steps_left, ret_value);
}

/* Where the stack pointer is unknown, the frame pointer may point to the frame record: the caller's
 * frame pointer and the return address. The row has its distance from the CFA. The return address
 * must be behind a call: a function without a frame pointer uses the register for something else.
 */
static enum symbols_status find_cfa_by_record(struct walk *walk, const struct cfi_row *row,
					      uint64_t *ret_cfa)
{
	const struct register_layout *layout = walk->input->layout;
	const struct cfi_rule *pointer = &row->registers[layout->frame_pointer];
	const struct cfi_rule *address = &row->registers[row->return_register];
	uint64_t record, return_address;

	if (pointer->kind != CFI_RULE_OFFSET || address->kind != CFI_RULE_OFFSET ||
	    address->offset != pointer->offset + (int64_t)walk_word_bytes(walk) ||
	    !registers_get(&walk->registers, layout->frame_pointer, &record) ||
	    !walk_load_word(walk, record + walk_word_bytes(walk), &return_address) ||
	    unwind_check_return(walk, return_address & layout->code_address_mask,
				&walk->result->frames[walk->result->count - 1]) ==
		    UNWIND_EVIDENCE_NONE)
		return SYMBOLS_NOT_FOUND;
	*ret_cfa = record - (uint64_t)pointer->offset;
	return SYMBOLS_OK;
}

static enum symbols_status find_cfa(struct walk *walk, const struct cfi_row *row, uint64_t *ret_cfa)
{
	const struct cfi_rule *rule = &row->cfa;
	uint64_t value;

	if (rule->kind == CFI_RULE_VALUE_EXPRESSION)
		return evaluate(walk, rule, NULL, ret_cfa);
	if (walk->sp_is_bound && rule->number == walk->input->layout->stack_pointer)
		return find_cfa_by_record(walk, row, ret_cfa);
	if (!registers_get(&walk->registers, rule->number, &value))
		return SYMBOLS_NOT_FOUND;
	*ret_cfa = walk_address(walk, value + (uint64_t)rule->offset);
	return SYMBOLS_OK;
}

static enum symbols_status load_word(struct walk *walk, uint64_t address, uint64_t *ret_value)
{
	return walk_load_word(walk, address, ret_value) ? SYMBOLS_OK : SYMBOLS_NOT_FOUND;
}

static enum symbols_status apply_rule(struct walk *walk, const struct cfi_rule *rule, uint64_t cfa,
				      uint64_t *ret_value)
{
	enum symbols_status status;
	uint64_t address;

	switch ((enum cfi_rule_kind)rule->kind) {
	case CFI_RULE_OFFSET:
		return load_word(walk, walk_address(walk, cfa + (uint64_t)rule->offset), ret_value);
	case CFI_RULE_VALUE_OFFSET:
		*ret_value = walk_address(walk, cfa + (uint64_t)rule->offset);
		return SYMBOLS_OK;
	case CFI_RULE_REGISTER:
		return registers_get(&walk->registers, rule->number, ret_value) ? SYMBOLS_OK
										: SYMBOLS_NOT_FOUND;
	case CFI_RULE_EXPRESSION:
		status = evaluate(walk, rule, &cfa, &address);
		return status == SYMBOLS_OK ? load_word(walk, address, ret_value) : status;
	case CFI_RULE_VALUE_EXPRESSION:
		return evaluate(walk, rule, &cfa, ret_value);
	case CFI_RULE_UNSPECIFIED:
	case CFI_RULE_UNDEFINED:
	case CFI_RULE_SAME:
		break;
	}
	return SYMBOLS_NOT_FOUND;
}

/* A register without a rule keeps its value, and the stack pointer becomes the CFA. A register
 * whose value cannot be found is unknown from here on, which only matters if a later frame needs
 * it. */
static enum symbols_status recover_register(struct walk *walk, const struct cfi_row *row,
					    unsigned int number, uint64_t cfa,
					    struct registers *caller)
{
	const struct cfi_rule *rule = &row->registers[number];
	enum symbols_status status;
	uint64_t value;

	if (rule->kind == CFI_RULE_UNDEFINED)
		return SYMBOLS_OK;
	if (rule->kind == CFI_RULE_UNSPECIFIED && number == walk->input->layout->stack_pointer) {
		registers_set(caller, number, cfa);
		return SYMBOLS_OK;
	}
	if (rule->kind == CFI_RULE_UNSPECIFIED || rule->kind == CFI_RULE_SAME) {
		if (registers_get(&walk->registers, number, &value))
			registers_set(caller, number, value);
		return SYMBOLS_OK;
	}
	status = apply_rule(walk, rule, cfa, &value);
	if (status == SYMBOLS_OK)
		registers_set(caller, number, value);
	return status;
}

/* A function that calls no other one can leave its return address in a register, and have no frame.
 */
static bool may_be_without_frame(const struct walk *walk)
{
	return !walk->input->layout->call_pushes_return_address &&
	       walk->result->frames[walk->result->count - 1].kind == UNWIND_FRAME_EXACT;
}

static enum symbols_status recover_caller(struct walk *walk, const struct cfi_row *row,
					  struct registers *ret_caller)
{
	const struct register_layout *layout = walk->input->layout;
	struct registers caller = {.known = 0};
	const struct cfi_rule *rule;
	uint64_t cfa, sp;
	enum symbols_status status = find_cfa(walk, row, &cfa);

	if (status != SYMBOLS_OK)
		return status;
	/* A caller's frame is above, unless a signal switched stacks. Without this check a damaged
	 * stack could form a loop. */
	if (!row->signal_frame && (!registers_get(&walk->registers, layout->stack_pointer, &sp) ||
				   cfa < sp || (cfa == sp && !may_be_without_frame(walk)))) {
		walk->truncated = false;
		return SYMBOLS_NOT_FOUND;
	}
	for (unsigned int i = 0; i < layout->count; i++) {
		status = recover_register(walk, row, i, cfa, &caller);
		if (status == SYMBOLS_LIMIT || status == SYMBOLS_CORRUPT ||
		    (status != SYMBOLS_OK && i == row->return_register))
			return status;
	}
	if (row->return_register != layout->instruction_pointer) {
		caller.value[layout->instruction_pointer] = caller.value[row->return_register];
		caller.known |= (caller.known >> row->return_register & 1)
				<< layout->instruction_pointer;
	}
	caller.value[layout->instruction_pointer] &= layout->code_address_mask;
	rule = &row->registers[row->return_register];
	walk->return_slot = rule->kind == CFI_RULE_OFFSET ? cfa + (uint64_t)rule->offset : 0;
	*ret_caller = caller;
	return SYMBOLS_OK;
}

/* Rules for the registers that the kernel saved for the signal handler. */
static void make_signal_row(const struct register_layout *layout, struct cfi_row *ret_row)
{
	memset(ret_row, 0, sizeof(*ret_row));
	ret_row->cfa =
		(struct cfi_rule){.kind = CFI_RULE_REGISTER, .number = layout->stack_pointer};
	for (unsigned int i = 0; i < layout->signal_word_count; i++) {
		ret_row->registers[layout->signal_words[i]] = (struct cfi_rule){
			.kind = CFI_RULE_OFFSET,
			.offset = layout->signal_offset_bytes + (int64_t)i * layout->word_bytes,
		};
	}
	ret_row->return_register = layout->instruction_pointer;
	ret_row->signal_frame = true;
}

/* A special function is recognized by the return address, not by the call before it. */
static enum special_function_kind special_function_of(const struct unwind_frame *frame)
{
	uint64_t after_call = frame->kind == UNWIND_FRAME_RETURN;

	return special_functions_find(&frame->module->special_functions,
				      frame->lookup_address + after_call);
}

static bool is_of_kind(const struct unwind_frame *frame, enum special_function_kind kind)
{
	return frame->module && frame->module->status == SYMBOLS_OK &&
	       special_function_of(frame) == kind;
}

/* A signal handler returns to the first byte of the signal return path. Its call frame information
 * starts a byte earlier, as libgcc and others look there; but not in the 32-bit vDSO of Linux 7. */
static enum symbols_status find_row_of_module(struct walk *walk, const struct unwind_frame *frame,
					      struct cfi_row *ret_row)
{
	enum symbols_status status =
		module_find_row(frame->module, frame->lookup_address, &walk->steps_left, ret_row);

	if (status != SYMBOLS_NOT_FOUND || frame->kind != UNWIND_FRAME_RETURN)
		return status;
	status = module_find_row(frame->module, frame->lookup_address + 1, &walk->steps_left,
				 ret_row);
	if (status == SYMBOLS_LIMIT || (status == SYMBOLS_OK && ret_row->signal_frame))
		return status;
	return SYMBOLS_NOT_FOUND;
}

/* Returns SYMBOLS_NOT_FOUND if the code has no call frame information, and SYMBOLS_REFUSED with
 * *ret_end if the call stack ends here. */
static enum symbols_status find_row(struct walk *walk, const struct unwind_frame *frame,
				    struct cfi_row *ret_row, enum unwind_end *ret_end)
{
	const struct register_layout *layout = walk->input->layout;
	const struct module *module = frame->module;
	enum special_function_kind special_function;
	enum symbols_status status;

	*ret_end = UNWIND_END_NO_INFORMATION;
	if (!module || module->status != SYMBOLS_OK || module->image.machine != layout->elf_machine)
		return SYMBOLS_REFUSED;
	special_function = special_function_of(frame);
	if (special_function == SPECIAL_FUNCTION_OUTERMOST)
		*ret_end = UNWIND_END_COMPLETE;
	if (special_function == SPECIAL_FUNCTION_OUTERMOST ||
	    special_function == SPECIAL_FUNCTION_STACK_SWITCH)
		return SYMBOLS_REFUSED;
	status = find_row_of_module(walk, frame, ret_row);
	if (special_function == SPECIAL_FUNCTION_SIGNAL_RETURN && layout->signal_word_count > 0 &&
	    (status != SYMBOLS_OK || !ret_row->signal_frame || layout->signal_rows_are_partial)) {
		make_signal_row(layout, ret_row);
		return SYMBOLS_OK;
	}
	if (status == SYMBOLS_LIMIT)
		*ret_end = UNWIND_END_TOO_COSTLY;
	return status == SYMBOLS_OK || status == SYMBOLS_NOT_FOUND ? status : SYMBOLS_REFUSED;
}

/* A return address without a rule is in a register that the function has not changed. On machines
 * that keep it on the stack, the row must have a rule. */
static bool has_return_rule(const struct cfi_row *row, const struct register_layout *layout)
{
	enum cfi_rule_kind kind = (enum cfi_rule_kind)row->registers[row->return_register].kind;

	return row->return_register != layout->instruction_pointer ||
	       (kind != CFI_RULE_UNSPECIFIED && kind != CFI_RULE_SAME);
}

/* The signal return path was found one byte before its pc, like any caller. But it was never
 * called: its name is that of the pc itself. */
static void mark_signal_frame(struct unwind_frame *frame)
{
	if (frame->kind == UNWIND_FRAME_RETURN) {
		frame->kind = UNWIND_FRAME_SIGNAL;
		frame->lookup_address++;
	}
}

/* Example: the leaf has pc 0x401136 and rsp 0x1000. Its row has the CFA rsp + 16, rip at CFA - 8
 * and rbp at CFA - 16. So the CFA is 0x1010. The caller has the pc that is stored at 0x1008, the
 * rbp at 0x1000, and rsp 0x1010. If that pc is 0x401180, its row is the one for 0x40117f, inside
 * the call. */
bool unwind_step(struct walk *walk, enum unwind_end *ret_end)
{
	struct unwind_frame *frame = &walk->result->frames[walk->result->count - 1];
	struct registers caller;
	struct cfi_row row;
	enum symbols_status status;
	uint64_t pc = 0;
	bool is_exact;

	if (unwind_frame_is_jit(frame))
		return unwind_step_by_code(walk, ret_end);
	status = find_row(walk, frame, &row, ret_end);
	if (status == SYMBOLS_NOT_FOUND)
		return unwind_step_by_code(walk, ret_end);
	if (status == SYMBOLS_REFUSED && is_of_kind(frame, SPECIAL_FUNCTION_STACK_SWITCH))
		return unwind_step_to_other_stack(walk, ret_end);
	if (status != SYMBOLS_OK || !has_return_rule(&row, walk->input->layout))
		return false;
	if (row.signal_frame) {
		walk->interrupted = true;
		mark_signal_frame(frame);
	}
	if (row.registers[row.return_register].kind == CFI_RULE_UNDEFINED) {
		*ret_end = UNWIND_END_COMPLETE;
		return false;
	}
	status = recover_caller(walk, &row, &caller);
	if (status == SYMBOLS_NOT_FOUND && walk->sp_is_bound)
		return unwind_step_by_code(walk, ret_end);
	if (status != SYMBOLS_OK) {
		*ret_end = end_of(walk, status);
		return false;
	}
	/* A frame without a rule has its return address in a register, which is unknown there. */
	if (!registers_get(&caller, walk->input->layout->instruction_pointer, &pc)) {
		*ret_end = UNWIND_END_NO_INFORMATION;
		return false;
	}
	walk->registers = caller;
	walk->sp_is_bound = false;
	/* Entry points without an undefined return address have a return address of 0. */
	if (pc == 0) {
		walk->at_zero = true;
		*ret_end = UNWIND_END_COMPLETE;
		return false;
	}
	if (walk->result->count == UNWIND_FRAMES_MAX) {
		*ret_end = UNWIND_END_TOO_DEEP;
		return false;
	}
	is_exact = row.signal_frame || is_of_kind(frame, SPECIAL_FUNCTION_INJECTED);
	if (!walk_append(walk, pc, is_exact ? UNWIND_FRAME_EXACT : UNWIND_FRAME_RETURN)) {
		*ret_end = UNWIND_END_BAD_ADDRESS;
		return false;
	}
	return true;
}

/* Instructions that a function has before it saves its return address. */
#define SAVE_INSTRUCTIONS_MAX 32u
#define INSTRUCTION_BYTES     4u /* of machines whose calls do not save it */

bool unwind_find_saved_return(struct walk *walk, uint64_t function, int64_t *ret_offset_bytes)
{
	const struct mappings *mappings = walk->input->mappings;
	const struct mapping *mapping = mappings_find(mappings, function);
	const struct module *module;
	uint64_t address, start;
	struct cfi_row row;

	if (!mapping)
		return false;
	module = module_cache_get(walk->cache, mappings->pid, mapping);
	if (!module || module->status != SYMBOLS_OK)
		return false;
	address = walk_link_address(module, mapping, function);
	for (unsigned int i = 0; i < SAVE_INSTRUCTIONS_MAX; i++) {
		uint64_t at = address + i * INSTRUCTION_BYTES;

		if (!module_find_entry(module, at, &start) || start != address ||
		    module_find_row(module, at, &walk->steps_left, &row) != SYMBOLS_OK)
			return false;
		if (row.registers[row.return_register].kind == CFI_RULE_OFFSET) {
			*ret_offset_bytes = row.registers[row.return_register].offset;
			return true;
		}
	}
	return false;
}
