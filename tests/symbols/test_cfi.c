/* tests/symbols/test_cfi.c - symbols/cfi.c, compared with libdw, and with invalid entries */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/cfi.h"
#include "symbols/cfi_index.h"
#include "symbols/cfi_record.h"
#include "symbols/elf_image.h"

#define STEPS 100000u

/* Converts libdw's rule for a register to a struct cfi_rule; UNSPECIFIED if libdw uses the psABI.
 */
static struct cfi_rule rule_of_libdw(Dwarf_Frame *frame, int number)
{
	struct cfi_rule rule = {.kind = CFI_RULE_UNSPECIFIED};
	Dwarf_Op memory[3];
	Dwarf_Op *operations;
	size_t count;

	assert_int_equal(dwarf_frame_register(frame, number, memory, &operations, &count), 0);
	if (count == 0) {
		rule.kind = operations ? CFI_RULE_UNDEFINED : CFI_RULE_SAME;
	} else if (operations[0].atom == DW_OP_regx) {
		rule.kind = CFI_RULE_REGISTER;
		rule.number = (uint8_t)operations[0].number;
	} else if (operations == memory && operations[0].atom == DW_OP_call_frame_cfa) {
		bool has_offset = count > 1 && operations[1].atom == DW_OP_plus_uconst;
		bool is_value = operations[count - 1].atom == DW_OP_stack_value;

		rule.kind = is_value ? CFI_RULE_VALUE_OFFSET : CFI_RULE_OFFSET;
		rule.offset = has_offset ? (int64_t)operations[1].number : 0;
	} else {
		bool is_value = operations[count - 1].atom == DW_OP_stack_value;

		rule.kind = is_value ? CFI_RULE_VALUE_EXPRESSION : CFI_RULE_EXPRESSION;
	}
	return rule;
}

static void assert_same_rule(const struct cfi_rule *ours, const struct cfi_rule *theirs)
{
	if (ours->kind == CFI_RULE_UNSPECIFIED)
		return;
	assert_int_equal(ours->kind, theirs->kind);
	if (ours->kind == CFI_RULE_OFFSET || ours->kind == CFI_RULE_VALUE_OFFSET)
		assert_int_equal(ours->offset, theirs->offset);
	if (ours->kind == CFI_RULE_REGISTER)
		assert_int_equal(ours->number, theirs->number);
}

static void assert_same_cfa(const struct cfi_rule *ours, Dwarf_Frame *frame)
{
	Dwarf_Op *operations;
	size_t count;

	assert_int_equal(dwarf_frame_cfa(frame, &operations, &count), 0);
	if (ours->kind == CFI_RULE_VALUE_EXPRESSION) {
		assert_true(count > 0);
		return;
	}
	assert_int_equal(ours->kind, CFI_RULE_REGISTER);
	assert_int_equal(count, 1);
	assert_int_equal(operations[0].atom, DW_OP_bregx);
	assert_int_equal(operations[0].number, ours->number);
	assert_int_equal(operations[0].number2, ours->offset);
}

static void assert_same_row(const struct cfi_section *section, Dwarf_CFI *libdw, uint64_t address)
{
	uint32_t steps = STEPS;
	struct cfi_row row;
	Dwarf_Frame *frame;
	enum symbols_status status = cfi_find_row(section, address, &steps, &row);
	bool is_signal;

	if (dwarf_cfi_addrframe(libdw, address, &frame) != 0) {
		assert_int_equal(status, SYMBOLS_NOT_FOUND);
		return;
	}
	assert_int_equal(status, SYMBOLS_OK);
	assert_int_equal(dwarf_frame_info(frame, NULL, NULL, &is_signal), row.return_register);
	assert_int_equal(is_signal, row.signal_frame);
	assert_same_cfa(&row.cfa, frame);
	for (int number = 0; number < registers_x86_64.count; number++) {
		struct cfi_rule theirs = rule_of_libdw(frame, number);

		assert_same_rule(&row.registers[number], &theirs);
	}
	free(frame);
}

/* At the start of each entry, in its first bytes (prologues), and at some addresses up to the next.
 */
static size_t compare_section(const struct cfi_section *section, Dwarf_CFI *libdw)
{
	static const uint64_t distances[] = {0, 1, 2, 4, 5, 7, 11, 16, 23, 40, 70, 130, 300, 900};
	size_t compared = 0;

	for (size_t i = 0; i < section->entry_count; i++) {
		uint64_t start = section->base_address + section->entries[i].start_delta;
		uint64_t end = i + 1 < section->entry_count
				       ? section->base_address + section->entries[i + 1].start_delta
				       : start + 16;

		for (size_t j = 0; j < sizeof(distances) / sizeof(distances[0]); j++) {
			if (distances[j] >= end - start)
				break;
			assert_same_row(section, libdw, start + distances[j]);
			compared++;
		}
	}
	return compared;
}

static size_t compare_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct cfi_section section;
	struct elf_image image;
	size_t compared;
	Dwarf_CFI *libdw;
	Elf *elf;

	if (fd < 0)
		return 0;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	assert_int_equal(elf_image_open(fd, &image), SYMBOLS_OK);
	assert_int_equal(cfi_load_eh_frame(&image, &section), SYMBOLS_OK);
	libdw = dwarf_getcfi_elf(elf);
	compared = compare_section(&section, libdw);
	dwarf_cfi_end(libdw);
	cfi_release(&section);
	elf_image_release(&image);
	elf_end(elf);
	close(fd);
	return compared;
}

static void test_rows_of_system_libraries_are_those_of_libdw(void **state)
{
	static const char *const paths[] = {
		"/lib/x86_64-linux-gnu/libc.so.6",
		"/lib64/ld-linux-x86-64.so.2",
		"/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
		"/lib/x86_64-linux-gnu/libgcc_s.so.1",
		"/lib/x86_64-linux-gnu/libm.so.6",
		"/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
		"/usr/lib/x86_64-linux-gnu/libdw.so.1",
		"/bin/bash",
	};
	size_t compared = 0;

	(void)state;
	elf_version(EV_CURRENT);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		compared += compare_file(paths[i]);
	print_message("%zu rows compared\n", compared);
	assert_true(compared > 50000);
}

static void test_walking_all_entries_gives_the_index_of_the_linker(void **state)
{
	int fd = open("/lib/x86_64-linux-gnu/libc.so.6", O_RDONLY | O_CLOEXEC);
	struct cfi_section by_table, by_walk;
	struct elf_image image;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(elf_image_open(fd, &image), SYMBOLS_OK);
	assert_int_equal(cfi_load_eh_frame(&image, &by_table), SYMBOLS_OK);
	image.eh_frame_header_address = 0;
	assert_int_equal(cfi_load_eh_frame(&image, &by_walk), SYMBOLS_OK);
	assert_int_equal(by_walk.entry_count, by_table.entry_count);
	for (size_t i = 0; i < by_walk.entry_count; i++) {
		assert_int_equal(by_walk.entries[i].start_delta, by_table.entries[i].start_delta);
		assert_int_equal(by_walk.entries[i].offset, by_table.entries[i].offset);
	}
	cfi_release(&by_table);
	cfi_release(&by_walk);
	elf_image_release(&image);
	close(fd);
}

/* One CIE (data alignment -8, return address in 16, CFA rsp+8) and one FDE for 0x1000..0x1100 with
 * the given program, absolute addresses. */
struct made {
	uint8_t bytes[512];
	struct cfi_entry entry;
	struct cfi_section section;
};

static void put(struct made *made, size_t *at, const void *bytes, size_t size)
{
	memcpy(made->bytes + *at, bytes, size);
	*at += size;
}

static void make_section(struct made *made, const uint8_t *program, size_t size)
{
	static const uint8_t cie[24] = {20, [8] = 1, [10] = 1,           0x78, 16, DW_CFA_def_cfa,
					7,  8,       DW_CFA_offset | 16, 1};
	uint32_t length = (uint32_t)(4 + 16 + size);
	uint32_t cie_pointer = sizeof(cie) + 4;
	uint64_t range[] = {0x1000, 0x100};
	size_t at = 0;

	memset(made, 0, sizeof(*made));
	put(made, &at, cie, sizeof(cie));
	made->entry = (struct cfi_entry){0, (uint32_t)at};
	put(made, &at, &length, sizeof(length));
	put(made, &at, &cie_pointer, sizeof(cie_pointer));
	put(made, &at, range, sizeof(range));
	put(made, &at, program, size);
	made->section = (struct cfi_section){
		.bytes = made->bytes,
		.size_bytes = at,
		.base_address = 0x1000,
		.entries = &made->entry,
		.entry_count = 1,
	};
}

#define MAKE_SECTION(made, ...)                                                                    \
	do {                                                                                       \
		static const uint8_t program[] = {__VA_ARGS__};                                    \
		make_section((made), program, sizeof(program));                                    \
	} while (0)

static enum symbols_status find_made(const struct made *made, uint64_t address,
				     struct cfi_row *ret_row)
{
	uint32_t steps = STEPS;

	return cfi_find_row(&made->section, address, &steps, ret_row);
}

static void test_rules_are_valid_from_their_address(void **state)
{
	struct cfi_row row;
	struct made made;

	(void)state;
	MAKE_SECTION(&made, DW_CFA_advance_loc | 1, DW_CFA_def_cfa_offset, 16, DW_CFA_offset | 6,
		     2);
	assert_int_equal(find_made(&made, 0x1000, &row), SYMBOLS_OK);
	assert_int_equal(row.cfa.offset, 8);
	assert_int_equal(row.registers[6].kind, CFI_RULE_UNSPECIFIED);
	assert_int_equal(find_made(&made, 0x1001, &row), SYMBOLS_OK);
	assert_int_equal(row.cfa.offset, 16);
	assert_int_equal(row.registers[6].kind, CFI_RULE_OFFSET);
	assert_int_equal(row.registers[6].offset, -16);
	assert_int_equal(row.registers[16].offset, -8);
}

static void test_an_address_outside_the_entry_has_no_row(void **state)
{
	struct cfi_row row;
	struct made made;

	(void)state;
	MAKE_SECTION(&made, DW_CFA_nop);
	assert_int_equal(find_made(&made, 0xfff, &row), SYMBOLS_NOT_FOUND);
	assert_int_equal(find_made(&made, 0x1100, &row), SYMBOLS_NOT_FOUND);
	assert_int_equal(find_made(&made, 0x10ff, &row), SYMBOLS_OK);
}

static void test_a_huge_register_number_takes_no_memory(void **state)
{
	struct cfi_row row;
	struct made made;

	(void)state;
	MAKE_SECTION(&made, DW_CFA_offset_extended, 0xff, 0xff, 0xff, 0x7f, 1);
	assert_int_equal(find_made(&made, 0x1000, &row), SYMBOLS_OK);
	assert_int_equal(row.cfa.offset, 8);
}

static void test_restoring_what_was_not_remembered_is_corrupt(void **state)
{
	struct cfi_row row;
	struct made made;

	(void)state;
	MAKE_SECTION(&made, DW_CFA_restore_state);
	assert_int_equal(find_made(&made, 0x1000, &row), SYMBOLS_CORRUPT);
}

static void test_remembering_without_end_is_corrupt(void **state)
{
	uint8_t program[CFI_REMEMBERED_MAX + 1];
	struct cfi_row row;
	struct made made;

	(void)state;
	memset(program, DW_CFA_remember_state, sizeof(program));
	make_section(&made, program, sizeof(program));
	assert_int_equal(find_made(&made, 0x1000, &row), SYMBOLS_CORRUPT);
}

static void test_an_unknown_instruction_is_corrupt(void **state)
{
	struct cfi_row row;
	struct made made;

	(void)state;
	MAKE_SECTION(&made, 0x3b);
	assert_int_equal(find_made(&made, 0x1000, &row), SYMBOLS_CORRUPT);
}

static void test_a_truncated_instruction_is_corrupt(void **state)
{
	struct cfi_row row;
	struct made made;

	(void)state;
	MAKE_SECTION(&made, DW_CFA_def_cfa_expression, 50, 1, 2);
	assert_int_equal(find_made(&made, 0x1000, &row), SYMBOLS_CORRUPT);
}

static void test_a_program_with_too_many_steps_meets_the_limit(void **state)
{
	uint8_t program[400];
	uint32_t steps = 100;
	struct cfi_row row;
	struct made made;

	(void)state;
	memset(program, DW_CFA_nop, sizeof(program));
	make_section(&made, program, sizeof(program));
	assert_int_equal(cfi_find_row(&made.section, 0x1000, &steps, &row), SYMBOLS_LIMIT);
	assert_int_equal(steps, 0);
}

static void test_an_entry_that_points_to_no_cie_is_corrupt(void **state)
{
	struct cfi_row row;
	struct made made;

	(void)state;
	MAKE_SECTION(&made, DW_CFA_nop);
	made.bytes[made.entry.offset + 4] = 0xf0;
	assert_int_equal(find_made(&made, 0x1000, &row), SYMBOLS_CORRUPT);
}

/* Each entry can have its CIE read anew, so a long one could keep the reader busy. */
static void test_a_cie_beyond_the_limit_is_corrupt(void **state)
{
	static const uint8_t from_version[] = {
		1, 0, 1, 0x78, 16, DW_CFA_def_cfa, 7, 8, DW_CFA_offset | 16, 1};
	static uint8_t bytes[2048];
	const uint64_t range[] = {0x1000, 0x100};

	(void)state;
	for (uint32_t length = 16; length <= 1024; length += 4) {
		const uint32_t fde_length = 20, cie_pointer = length + 8;
		struct cfi_entry entry = {0, length + 4};
		struct cfi_section section = {.bytes = bytes,
					      .size_bytes = length + 4 + 24,
					      .base_address = 0x1000,
					      .entries = &entry,
					      .entry_count = 1};
		uint32_t steps = STEPS;
		struct cfi_row row;

		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes, &length, sizeof(length));
		memcpy(bytes + 8, from_version, sizeof(from_version));
		memcpy(bytes + length + 4, &fde_length, sizeof(fde_length));
		memcpy(bytes + length + 8, &cie_pointer, sizeof(cie_pointer));
		memcpy(bytes + length + 12, range, sizeof(range));
		assert_int_equal(cfi_find_row(&section, 0x1000, &steps, &row) == SYMBOLS_OK,
				 length - 4 <= CFI_CIE_MAX_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_of_system_libraries_are_those_of_libdw),
		cmocka_unit_test(test_walking_all_entries_gives_the_index_of_the_linker),
		cmocka_unit_test(test_rules_are_valid_from_their_address),
		cmocka_unit_test(test_an_address_outside_the_entry_has_no_row),
		cmocka_unit_test(test_a_huge_register_number_takes_no_memory),
		cmocka_unit_test(test_restoring_what_was_not_remembered_is_corrupt),
		cmocka_unit_test(test_remembering_without_end_is_corrupt),
		cmocka_unit_test(test_an_unknown_instruction_is_corrupt),
		cmocka_unit_test(test_a_truncated_instruction_is_corrupt),
		cmocka_unit_test(test_a_program_with_too_many_steps_meets_the_limit),
		cmocka_unit_test(test_an_entry_that_points_to_no_cie_is_corrupt),
		cmocka_unit_test(test_a_cie_beyond_the_limit_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
