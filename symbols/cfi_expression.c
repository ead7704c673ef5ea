/* symbols/cfi_expression.c - evaluation of the DWARF expressions in call frame information */
#include "symbols/cfi_expression.h"

#include <dwarf.h>

#include "base/cursor.h"

struct machine {
	const struct cfi_expression_input *input;
	struct cursor cursor;
	uint64_t stack[CFI_EXPRESSION_STACK_MAX];
	size_t depth;
	enum symbols_status status;
};

static void fail(struct machine *machine, enum symbols_status status)
{
	if (machine->status == SYMBOLS_OK)
		machine->status = status;
}

static void push(struct machine *machine, uint64_t value)
{
	if (machine->depth == CFI_EXPRESSION_STACK_MAX) {
		fail(machine, SYMBOLS_CORRUPT);
		return;
	}
	machine->stack[machine->depth++] = machine->input->is_32bit ? (uint32_t)value : value;
}

static uint64_t pop(struct machine *machine)
{
	if (machine->depth == 0) {
		fail(machine, SYMBOLS_CORRUPT);
		return 0;
	}
	return machine->stack[--machine->depth];
}

/* The entry at that depth; 0 is the top. */
static uint64_t peek(struct machine *machine, uint64_t entry)
{
	if (entry >= machine->depth) {
		fail(machine, SYMBOLS_CORRUPT);
		return 0;
	}
	return machine->stack[machine->depth - 1 - entry];
}

static void push_register(struct machine *machine, uint64_t number)
{
	int64_t offset = cursor_sleb128(&machine->cursor);
	uint64_t value = 0;

	if (!registers_get(machine->input->registers, number, &value))
		fail(machine, SYMBOLS_NOT_FOUND);
	push(machine, value + (uint64_t)offset);
}

static void dereference(struct machine *machine, unsigned int size)
{
	const struct cfi_memory *memory = machine->input->memory;
	uint64_t address = pop(machine);
	uint64_t value = 0;

	if (size == 0 || size > 8)
		fail(machine, SYMBOLS_CORRUPT);
	else if (!memory->read(memory->context, address, size, &value))
		fail(machine, SYMBOLS_NOT_FOUND);
	push(machine, value);
}

static void jump(struct machine *machine, int64_t distance)
{
	const uint8_t *start = machine->input->bytes;
	int64_t target = machine->cursor.at - start + distance;

	if (target < 0 || (uint64_t)target > machine->input->size_bytes) {
		fail(machine, SYMBOLS_CORRUPT);
		return;
	}
	machine->cursor.at = start + target;
}

static void do_constant(struct machine *machine, uint8_t operation)
{
	struct cursor *cursor = &machine->cursor;
	unsigned int size = 1u << ((operation - DW_OP_const1u) / 2);
	bool is_signed = (operation - DW_OP_const1u) & 1;

	push(machine,
	     is_signed ? (uint64_t)cursor_signed(cursor, size) : cursor_unsigned(cursor, size));
}

/* Moves the top below the next `places` entries: with 2, [a b c] becomes [c a b]. */
static void sink_top(struct machine *machine, size_t places)
{
	uint64_t top = peek(machine, 0);

	if (machine->depth <= places) {
		fail(machine, SYMBOLS_CORRUPT);
		return;
	}
	for (size_t i = machine->depth - 1; places-- > 0; i--) {
		machine->stack[i] = machine->stack[i - 1];
		machine->stack[i - 1] = top;
	}
}

static void do_stack(struct machine *machine, uint8_t operation)
{
	switch (operation) {
	case DW_OP_dup:
		push(machine, peek(machine, 0));
		break;
	case DW_OP_drop:
		pop(machine);
		break;
	case DW_OP_over:
		push(machine, peek(machine, 1));
		break;
	case DW_OP_pick:
		push(machine, peek(machine, cursor_u8(&machine->cursor)));
		break;
	case DW_OP_swap:
		sink_top(machine, 1);
		break;
	default: /* DW_OP_rot */
		sink_top(machine, 2);
		break;
	}
}

static void do_unary(struct machine *machine, uint8_t operation)
{
	uint64_t value = pop(machine);

	switch (operation) {
	case DW_OP_abs:
		value = (int64_t)value < 0 ? 0 - value : value;
		break;
	case DW_OP_neg:
		value = 0 - value;
		break;
	case DW_OP_not:
		value = ~value;
		break;
	default: /* DW_OP_plus_uconst */
		value += cursor_uleb128(&machine->cursor);
		break;
	}
	push(machine, value);
}

/* A file could raise SIGFPE in its reader by a division by 0, or of INT64_MIN by -1. */
static uint64_t divide(struct machine *machine, uint64_t left, uint64_t right)
{
	if (right == 0) {
		fail(machine, SYMBOLS_CORRUPT);
		return 0;
	}
	if (right == UINT64_MAX)
		return 0 - left;
	return (uint64_t)((int64_t)left / (int64_t)right);
}

static uint64_t remainder_of(struct machine *machine, uint64_t left, uint64_t right)
{
	if (right == 0) {
		fail(machine, SYMBOLS_CORRUPT);
		return 0;
	}
	return left % right;
}

static uint64_t shift(uint8_t operation, uint64_t value, uint64_t bits)
{
	bool fill = operation == DW_OP_shra && (int64_t)value < 0;

	if (bits >= 64)
		return fill ? UINT64_MAX : 0;
	if (operation == DW_OP_shl)
		return value << bits;
	value >>= bits;
	return fill && bits > 0 ? value | ~(UINT64_MAX >> bits) : value;
}

static void do_binary(struct machine *machine, uint8_t operation)
{
	uint64_t right = pop(machine);
	uint64_t left = pop(machine);
	int64_t signed_left = (int64_t)left;
	int64_t signed_right = (int64_t)right;
	uint64_t value = 0;

	switch (operation) {
	case DW_OP_and:
		value = left & right;
		break;
	case DW_OP_div:
		value = divide(machine, left, right);
		break;
	case DW_OP_minus:
		value = left - right;
		break;
	case DW_OP_mod:
		value = remainder_of(machine, left, right);
		break;
	case DW_OP_mul:
		value = left * right;
		break;
	case DW_OP_or:
		value = left | right;
		break;
	case DW_OP_plus:
		value = left + right;
		break;
	case DW_OP_shl:
	case DW_OP_shr:
	case DW_OP_shra:
		value = shift(operation, left, right);
		break;
	case DW_OP_xor:
		value = left ^ right;
		break;
	case DW_OP_eq:
		value = left == right;
		break;
	case DW_OP_ge:
		value = signed_left >= signed_right;
		break;
	case DW_OP_gt:
		value = signed_left > signed_right;
		break;
	case DW_OP_le:
		value = signed_left <= signed_right;
		break;
	case DW_OP_lt:
		value = signed_left < signed_right;
		break;
	default: /* DW_OP_ne */
		value = left != right;
		break;
	}
	push(machine, value);
}

static unsigned int word_bytes(const struct machine *machine)
{
	return machine->input->is_32bit ? 4 : 8;
}

static void do_dereference(struct machine *machine, uint8_t operation)
{
	dereference(machine,
		    operation == DW_OP_deref ? word_bytes(machine) : cursor_u8(&machine->cursor));
}

static void do_jump(struct machine *machine, uint8_t operation)
{
	int64_t distance = cursor_signed(&machine->cursor, 2);

	if (operation == DW_OP_skip || pop(machine) != 0)
		jump(machine, distance);
}

static void do_number(struct machine *machine, uint8_t operation)
{
	switch (operation) {
	case DW_OP_addr:
		push(machine, cursor_unsigned(&machine->cursor, word_bytes(machine)));
		break;
	case DW_OP_constu:
		push(machine, cursor_uleb128(&machine->cursor));
		break;
	case DW_OP_consts:
		push(machine, (uint64_t)cursor_sleb128(&machine->cursor));
		break;
	default: /* DW_OP_bregx */
		push_register(machine, cursor_uleb128(&machine->cursor));
		break;
	}
}

static void do_literal(struct machine *machine, uint8_t operation)
{
	push(machine, operation - (uint64_t)DW_OP_lit0);
}

static void do_register(struct machine *machine, uint8_t operation)
{
	push_register(machine, operation - (uint64_t)DW_OP_breg0);
}

static void do_nothing(struct machine *machine, uint8_t operation)
{
	(void)machine;
	(void)operation;
}

/* Each entry is for the operations first..last. Operations without an entry are invalid in call
 * frame information. */
static const struct {
	uint8_t first;
	uint8_t last;
	void (*run)(struct machine *machine, uint8_t operation);
} operations[] = {
	{DW_OP_lit0, DW_OP_lit31, do_literal},
	{DW_OP_breg0, DW_OP_breg31, do_register},
	{DW_OP_addr, DW_OP_addr, do_number},
	{DW_OP_deref, DW_OP_deref, do_dereference},
	{DW_OP_const1u, DW_OP_const8s, do_constant},
	{DW_OP_constu, DW_OP_consts, do_number},
	{DW_OP_dup, DW_OP_rot, do_stack},
	{DW_OP_abs, DW_OP_abs, do_unary},
	{DW_OP_and, DW_OP_mul, do_binary},
	{DW_OP_neg, DW_OP_not, do_unary},
	{DW_OP_or, DW_OP_plus, do_binary},
	{DW_OP_plus_uconst, DW_OP_plus_uconst, do_unary},
	{DW_OP_shl, DW_OP_xor, do_binary},
	{DW_OP_bra, DW_OP_bra, do_jump},
	{DW_OP_eq, DW_OP_ne, do_binary},
	{DW_OP_skip, DW_OP_skip, do_jump},
	{DW_OP_bregx, DW_OP_bregx, do_number},
	{DW_OP_deref_size, DW_OP_deref_size, do_dereference},
	{DW_OP_nop, DW_OP_nop, do_nothing},
};

static void run_one(struct machine *machine)
{
	uint8_t operation = cursor_u8(&machine->cursor);

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (operation >= operations[i].first && operation <= operations[i].last) {
			operations[i].run(machine, operation);
			return;
		}
	}
	fail(machine, SYMBOLS_CORRUPT);
}

enum symbols_status cfi_expression_evaluate(const struct cfi_expression_input *input,
					    uint32_t *steps_left, uint64_t *ret_value)
{
	struct machine machine = {
		.input = input,
		.cursor = cursor_over(input->bytes, input->size_bytes),
		.status = SYMBOLS_OK,
	};
	uint64_t value;

	if (input->has_initial)
		push(&machine, input->initial);
	while (machine.status == SYMBOLS_OK && cursor_left(&machine.cursor) > 0) {
		if (*steps_left == 0)
			return SYMBOLS_LIMIT;
		--*steps_left;
		run_one(&machine);
		if (machine.cursor.failed)
			fail(&machine, SYMBOLS_CORRUPT);
	}
	value = pop(&machine);
	if (machine.status == SYMBOLS_OK)
		*ret_value = value;
	return machine.status;
}
