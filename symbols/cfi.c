/* symbols/cfi.c - call frame information of one ELF file: the rules that find a frame's caller */
#include "symbols/cfi.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "symbols/cfi_index.h"
#include "symbols/cfi_record.h"

/* The state of one execution of a call frame program. */
struct program {
	const struct cfi_section *section;
	const struct cfi_cie *cie;
	struct cursor cursor;
	uint64_t location;
	uint64_t target; /* execution stops before the first row of a higher address */
	struct cfi_row row;
	struct cfi_row initial; /* after the CIE's instructions, for DW_CFA_restore */
	struct cfi_row remembered[CFI_REMEMBERED_MAX];
	size_t remembered_count;
	bool done;
	bool failed;
};

/* Ignores the rules of registers that are not kept. */
static void set_rule(struct program *program, uint64_t number, struct cfi_rule rule)
{
	if (number < REGISTERS_MAX)
		program->row.registers[number] = rule;
}

static struct cfi_rule rule_of(enum cfi_rule_kind kind)
{
	return (struct cfi_rule){.kind = (uint8_t)kind};
}

static struct cfi_rule rule_offset(enum cfi_rule_kind kind, int64_t offset)
{
	return (struct cfi_rule){.kind = (uint8_t)kind, .offset = offset};
}

static struct cfi_rule take_expression(struct program *program, enum cfi_rule_kind kind)
{
	uint64_t size = cursor_uleb128(&program->cursor);
	const uint8_t *bytes = cursor_take(&program->cursor, size);

	if (!bytes)
		return rule_of(CFI_RULE_UNSPECIFIED);
	return (struct cfi_rule){
		.kind = (uint8_t)kind, .expression_bytes = (uint32_t)size, .expression = bytes};
}

/* Multiplies by the data alignment. Unsigned, because the file can make it wrap. */
static int64_t factored(const struct program *program, uint64_t offset)
{
	return (int64_t)(offset * (uint64_t)program->cie->data_alignment);
}

static int64_t take_factored(struct program *program, bool is_signed)
{
	return factored(program, cursor_leb128(&program->cursor, is_signed));
}

static void advance(struct program *program, uint64_t delta)
{
	uint64_t location = program->location + delta * program->cie->code_alignment;

	if (location > program->target)
		program->done = true;
	else
		program->location = location;
}

static void restore_rule(struct program *program, uint64_t number)
{
	if (number < REGISTERS_MAX)
		program->row.registers[number] = program->initial.registers[number];
}

static void set_cfa(struct program *program, uint64_t number, int64_t offset)
{
	if (number >= REGISTERS_MAX) {
		program->failed = true;
		return;
	}
	program->row.cfa = (struct cfi_rule){
		.kind = CFI_RULE_REGISTER, .number = (uint8_t)number, .offset = offset};
}

static void do_advance(struct program *program, uint8_t opcode)
{
	struct cursor *cursor = &program->cursor;

	switch (opcode) {
	case DW_CFA_set_loc: {
		uint64_t location = cfi_record_pointer(program->section, cursor,
						       program->cie->pointer_encoding);

		if (location > program->target)
			program->done = true;
		else
			program->location = location;
		break;
	}
	case DW_CFA_advance_loc1:
		advance(program, cursor_unsigned(cursor, 1));
		break;
	case DW_CFA_advance_loc2:
		advance(program, cursor_unsigned(cursor, 2));
		break;
	case DW_CFA_advance_loc4:
		advance(program, cursor_unsigned(cursor, 4));
		break;
	default: /* DW_CFA_MIPS_advance_loc8 */
		advance(program, cursor_unsigned(cursor, 8));
		break;
	}
}

/* Opcodes whose first operand is a register. */
static void do_register_rule(struct program *program, uint8_t opcode)
{
	uint64_t number = cursor_uleb128(&program->cursor);
	struct cfi_rule rule;

	switch (opcode) {
	case DW_CFA_offset_extended:
		rule = rule_offset(CFI_RULE_OFFSET, take_factored(program, false));
		break;
	case DW_CFA_offset_extended_sf:
		rule = rule_offset(CFI_RULE_OFFSET, take_factored(program, true));
		break;
	case DW_CFA_GNU_negative_offset_extended:
		rule = rule_offset(CFI_RULE_OFFSET,
				   (int64_t)(0 - (uint64_t)take_factored(program, false)));
		break;
	case DW_CFA_val_offset:
		rule = rule_offset(CFI_RULE_VALUE_OFFSET, take_factored(program, false));
		break;
	case DW_CFA_val_offset_sf:
		rule = rule_offset(CFI_RULE_VALUE_OFFSET, take_factored(program, true));
		break;
	case DW_CFA_undefined:
		rule = rule_of(CFI_RULE_UNDEFINED);
		break;
	case DW_CFA_same_value:
		rule = rule_of(CFI_RULE_SAME);
		break;
	case DW_CFA_expression:
		rule = take_expression(program, CFI_RULE_EXPRESSION);
		break;
	case DW_CFA_val_expression:
		rule = take_expression(program, CFI_RULE_VALUE_EXPRESSION);
		break;
	case DW_CFA_register: {
		uint64_t other = cursor_uleb128(&program->cursor);

		rule = rule_of(other < REGISTERS_MAX ? CFI_RULE_REGISTER : CFI_RULE_UNDEFINED);
		rule.number = other < REGISTERS_MAX ? (uint8_t)other : 0;
		break;
	}
	default: /* DW_CFA_restore_extended */
		restore_rule(program, number);
		return;
	}
	set_rule(program, number, rule);
}

static void do_cfa(struct program *program, uint8_t opcode)
{
	struct cursor *cursor = &program->cursor;
	struct cfi_rule *cfa = &program->row.cfa;
	uint64_t number;

	switch (opcode) {
	case DW_CFA_def_cfa:
		number = cursor_uleb128(cursor);
		set_cfa(program, number, (int64_t)cursor_uleb128(cursor));
		return;
	case DW_CFA_def_cfa_sf:
		number = cursor_uleb128(cursor);
		set_cfa(program, number, take_factored(program, true));
		return;
	case DW_CFA_def_cfa_expression:
		*cfa = take_expression(program, CFI_RULE_VALUE_EXPRESSION);
		return;
	default:
		break;
	}
	if (cfa->kind != CFI_RULE_REGISTER) { /* the others change one part of register + offset */
		program->failed = true;
		return;
	}
	if (opcode == DW_CFA_def_cfa_register)
		set_cfa(program, cursor_uleb128(cursor), cfa->offset);
	else if (opcode == DW_CFA_def_cfa_offset)
		cfa->offset = (int64_t)cursor_uleb128(cursor);
	else /* DW_CFA_def_cfa_offset_sf */
		cfa->offset = take_factored(program, true);
}

static void do_state(struct program *program, uint8_t opcode)
{
	if (opcode == DW_CFA_remember_state) {
		if (program->remembered_count == CFI_REMEMBERED_MAX)
			program->failed = true;
		else
			program->remembered[program->remembered_count++] = program->row;
		return;
	}
	if (program->remembered_count == 0)
		program->failed = true;
	else
		program->row = program->remembered[--program->remembered_count];
}

/* NOLINTNEXTLINE(readability-identifier-naming): spelled like those of dwarf.h */
#define DW_CFA_AARCH64_negate_ra_state_with_pc 0x2c

/* DW_CFA_nop, DW_CFA_GNU_args_size and signing of the return address on AArch64, where it has the
 * opcode DW_CFA_GNU_window_save too, do not change a rule. */
static void do_ignored(struct program *program, uint8_t opcode)
{
	if (opcode == DW_CFA_GNU_args_size)
		cursor_uleb128(&program->cursor);
}

/* The opcodes whose two high bits are 0; those without an entry are invalid. */
static void (*const operations[0x40])(struct program *program, uint8_t opcode) = {
	[DW_CFA_nop] = do_ignored,
	[DW_CFA_set_loc] = do_advance,
	[DW_CFA_advance_loc1] = do_advance,
	[DW_CFA_advance_loc2] = do_advance,
	[DW_CFA_advance_loc4] = do_advance,
	[DW_CFA_offset_extended] = do_register_rule,
	[DW_CFA_restore_extended] = do_register_rule,
	[DW_CFA_undefined] = do_register_rule,
	[DW_CFA_same_value] = do_register_rule,
	[DW_CFA_register] = do_register_rule,
	[DW_CFA_remember_state] = do_state,
	[DW_CFA_restore_state] = do_state,
	[DW_CFA_def_cfa] = do_cfa,
	[DW_CFA_def_cfa_register] = do_cfa,
	[DW_CFA_def_cfa_offset] = do_cfa,
	[DW_CFA_def_cfa_expression] = do_cfa,
	[DW_CFA_expression] = do_register_rule,
	[DW_CFA_offset_extended_sf] = do_register_rule,
	[DW_CFA_def_cfa_sf] = do_cfa,
	[DW_CFA_def_cfa_offset_sf] = do_cfa,
	[DW_CFA_val_offset] = do_register_rule,
	[DW_CFA_val_offset_sf] = do_register_rule,
	[DW_CFA_val_expression] = do_register_rule,
	[DW_CFA_MIPS_advance_loc8] = do_advance,
	[DW_CFA_AARCH64_negate_ra_state_with_pc] = do_ignored,
	[DW_CFA_GNU_window_save] = do_ignored,
	[DW_CFA_GNU_args_size] = do_ignored,
	[DW_CFA_GNU_negative_offset_extended] = do_register_rule,
};

static void run_one(struct program *program)
{
	uint8_t opcode = cursor_u8(&program->cursor);
	uint8_t operand = opcode & 0x3f;

	switch (opcode & 0xc0) {
	case DW_CFA_advance_loc:
		advance(program, operand);
		break;
	case DW_CFA_offset:
		set_rule(program, operand,
			 rule_offset(CFI_RULE_OFFSET, take_factored(program, false)));
		break;
	case DW_CFA_restore:
		restore_rule(program, operand);
		break;
	default:
		if (operations[operand])
			operations[operand](program, operand);
		else
			program->failed = true;
		break;
	}
}

static enum symbols_status run(struct program *program, struct cursor instructions,
			       uint32_t *steps_left)
{
	program->cursor = instructions;
	while (!program->done && cursor_left(&program->cursor) > 0) {
		if (*steps_left == 0)
			return SYMBOLS_LIMIT;
		--*steps_left;
		run_one(program);
		if (program->failed || program->cursor.failed)
			return SYMBOLS_CORRUPT;
	}
	return SYMBOLS_OK;
}

static void begin(struct program *program, const struct cfi_section *section,
		  const struct cfi_fde *fde, uint64_t target)
{
	/* The rows in `remembered` are written before they are read. A CIE can restore a rule of
	 * `initial`, which has none yet. */
	memset(program, 0, offsetof(struct program, remembered));
	program->section = section;
	program->cie = &fde->cie;
	program->location = fde->start;
	program->target = target;
	program->remembered_count = 0;
	program->done = false;
	program->failed = false;
}

/* Executes the CIE's instructions, then those of the FDE up to `address`.
 *
 * Example: a function at 0x1000, code alignment 1, data alignment -8, and address 0x1002.
 *
 *	CIE  def_cfa rsp 8         CFA = rsp + 8
 *	     offset rip 1          rip at CFA - 8
 *	FDE  advance_loc 1         location 0x1001
 *	     def_cfa_offset 16     CFA = rsp + 16
 *	     offset rbp 2          rbp at CFA - 16
 *	     advance_loc 3         0x1004 is beyond 0x1002: done
 *	     def_cfa_register rbp  not executed
 *
 * The row is CFA = rsp + 16, rip at CFA - 8, rbp at CFA - 16, after 6 steps. */
static enum symbols_status run_entry(const struct cfi_section *section, const struct cfi_fde *fde,
				     uint64_t address, uint32_t *steps_left,
				     struct cfi_row *ret_row)
{
	struct program program;
	enum symbols_status status;

	begin(&program, section, fde, address);
	status = run(&program, fde->cie.instructions, steps_left);
	if (status != SYMBOLS_OK)
		return status;
	program.done = false;
	program.initial = program.row;
	status = run(&program, fde->instructions, steps_left);
	if (status != SYMBOLS_OK)
		return status;
	if (program.row.cfa.kind == CFI_RULE_UNSPECIFIED)
		return SYMBOLS_CORRUPT;
	program.row.return_register = fde->cie.return_register;
	program.row.signal_frame = fde->cie.signal_frame;
	*ret_row = program.row;
	return SYMBOLS_OK;
}

static enum symbols_status find_entry(const struct cfi_section *section, uint64_t address,
				      struct cfi_fde *ret_fde)
{
	const struct cfi_entry *entry = cfi_index_find(section, address);
	enum symbols_status status;

	if (!entry)
		return SYMBOLS_NOT_FOUND;
	status = cfi_record_fde(section, entry->offset, ret_fde);
	if (status == SYMBOLS_OK &&
	    (address < ret_fde->start || address - ret_fde->start >= ret_fde->size))
		status = SYMBOLS_NOT_FOUND;
	return status;
}

enum symbols_status cfi_find_row(const struct cfi_section *section, uint64_t address,
				 uint32_t *steps_left, struct cfi_row *ret_row)
{
	struct cfi_fde fde;
	enum symbols_status status = find_entry(section, address, &fde);

	return status == SYMBOLS_OK ? run_entry(section, &fde, address, steps_left, ret_row)
				    : status;
}

bool cfi_find_start(const struct cfi_section *section, uint64_t address, uint64_t *ret_start)
{
	struct cfi_fde fde;

	if (find_entry(section, address, &fde) != SYMBOLS_OK)
		return false;
	*ret_start = fde.start;
	return true;
}

/* The rows of one entry on their way to the visitor. */
struct visit {
	uint64_t from; /* addresses that the index assigns to the entry */
	uint64_t until;
	cfi_row_visitor visitor;
	void *context;
};

static bool visit_row(const struct visit *visit, uint64_t start, uint64_t end,
		      const struct cfi_row *row)
{
	if (start < visit->from)
		start = visit->from;
	if (end > visit->until)
		end = visit->until;
	if (start >= end)
		return true;
	if (row && row->cfa.kind == CFI_RULE_UNSPECIFIED)
		row = NULL;
	return visit->visitor(visit->context, start, end, row);
}

/* Visits each row when the instruction that ends it has been executed. */
static enum symbols_status visit_program(struct program *program, const struct cfi_fde *fde,
					 const struct visit *visit, uint32_t *steps_left)
{
	const uint64_t end = fde->start + fde->size;
	uint64_t start = fde->start;

	program->cursor = fde->instructions;
	while (start < visit->until && cursor_left(&program->cursor) > 0) {
		if (*steps_left == 0)
			return SYMBOLS_LIMIT;
		--*steps_left;
		run_one(program);
		if (program->failed || program->cursor.failed || program->location < start) {
			(void)visit_row(visit, start, end, NULL);
			return SYMBOLS_OK;
		}
		if (program->location == start)
			continue;
		if (!visit_row(visit, start, program->location < end ? program->location : end,
			       &program->row))
			return SYMBOLS_OK;
		start = program->location;
	}
	(void)visit_row(visit, start, end, &program->row);
	return SYMBOLS_OK;
}

/* The start of the next entry, or UINT64_MAX. Of entries with the same start the last one counts.
 */
static uint64_t entry_limit(const struct cfi_section *section, size_t index)
{
	if (index + 1 >= section->entry_count)
		return UINT64_MAX;
	return section->base_address + section->entries[index + 1].start_delta;
}

enum symbols_status cfi_visit_rows(const struct cfi_section *section, size_t index,
				   uint32_t *steps_left, cfi_row_visitor visitor, void *context)
{
	const struct cfi_entry *entry = &section->entries[index];
	const struct visit visit = {.from = section->base_address + entry->start_delta,
				    .until = entry_limit(section, index),
				    .visitor = visitor,
				    .context = context};
	struct program program;
	enum symbols_status status;
	struct cfi_fde fde;

	if (visit.from >= visit.until)
		return SYMBOLS_OK;
	if (cfi_record_fde(section, entry->offset, &fde) != SYMBOLS_OK) {
		(void)visit_row(&visit, visit.from, visit.until, NULL);
		return SYMBOLS_OK;
	}
	begin(&program, section, &fde, UINT64_MAX);
	status = run(&program, fde.cie.instructions, steps_left);
	if (status == SYMBOLS_LIMIT)
		return status;
	/* No compiler changes the location in a CIE: its rows would depend on each other. */
	if (status != SYMBOLS_OK || program.location != fde.start) {
		(void)visit_row(&visit, fde.start, fde.start + fde.size, NULL);
		return SYMBOLS_OK;
	}
	program.initial = program.row;
	program.row.return_register = program.initial.return_register = fde.cie.return_register;
	program.row.signal_frame = program.initial.signal_frame = fde.cie.signal_frame;
	return visit_program(&program, &fde, &visit, steps_left);
}

static enum symbols_status load(const struct elf_image *image, const struct elf_section *source,
				bool is_debug_frame, struct cfi_section *ret_section)
{
	struct cfi_section section = {.address = source->address,
				      .is_debug_frame = is_debug_frame,
				      .is_32bit = image->is_32bit};
	enum symbols_status status = elf_image_load_section(image, source, CFI_SECTION_MAX_BYTES,
							    &section.bytes, &section.size_bytes);

	if (status == SYMBOLS_OK)
		status = cfi_index_build(image, &section);
	if (status == SYMBOLS_OK)
		*ret_section = section;
	else
		cfi_release(&section);
	return status;
}

enum symbols_status cfi_load_eh_frame(const struct elf_image *image,
				      struct cfi_section *ret_section)
{
	const struct elf_section *source = elf_image_section(image, ".eh_frame");
	struct elf_section stripped;
	enum symbols_status status;

	if (source)
		return load(image, source, false, ret_section);
	/* Section headers can be stripped, but not the segment, which the unwinder of C++ needs. */
	status = cfi_index_locate_eh_frame(image, &stripped);
	if (status != SYMBOLS_OK)
		return status;
	return load(image, &stripped, false, ret_section);
}

enum symbols_status cfi_load_debug_frame(const struct elf_image *image,
					 struct cfi_section *ret_section)
{
	const struct elf_section *source = elf_image_section(image, ".debug_frame");

	if (!source)
		return SYMBOLS_NOT_FOUND;
	return load(image, source, true, ret_section);
}

void cfi_release(struct cfi_section *section)
{
	free(section->bytes);
	free(section->entries);
	memset(section, 0, sizeof(*section));
}

size_t cfi_memory_bytes(const struct cfi_section *section)
{
	return section->size_bytes + section->entry_count * sizeof(section->entries[0]);
}
