/* tests/symbols/test_unwind_rows.c - symbols/unwind_rows.c, compared with files of this machine */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dwarf.h>
#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/cfi_index.h"
#include "tests/symbols/check_rows.h"

#define FILES_MAX      40u
#define FILES_MIN      30u
#define FILE_BYTES_MAX (4u << 20) /* larger ones take seconds */
#define SIZE_OF_A_RULE 16u

static bool check_file(const char *path, struct unwind_rule_set *set, size_t *ret_rows)
{
	static const struct module_debug_directories none = {.count = 0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct module module;
	struct unwind_rows rows;
	enum symbols_status status;
	uint64_t address = 0;

	if (fd < 0)
		return false;
	status = lseek(fd, 0, SEEK_END) > FILE_BYTES_MAX ? SYMBOLS_LIMIT
							 : module_load(fd, &none, &module);
	(void)close(fd);
	if (status != SYMBOLS_OK)
		return false;
	status = unwind_rows_build(&module, module.image.machine, set, &rows);
	if (status == SYMBOLS_OK) {
		if (!check_rows(&module, set, &rows, false, &address))
			fail_msg("%s: a difference at 0x%llx", path, (unsigned long long)address);
		*ret_rows += rows.count;
		unwind_rows_release(&rows);
	}
	module_release(&module);
	return status == SYMBOLS_OK;
}

static void tables_of_files_equal_their_call_frame_information(void **state)
{
	struct unwind_rule_set *set = unwind_rule_set_new();
	size_t files = 0, rows = 0, rules;
	glob_t found;

	(void)state;
	assert_non_null(set);
	assert_int_equal(glob("/usr/lib/x86_64-linux-gnu/lib[a-n]*.so.*", 0, NULL, &found), 0);
	(void)glob("/usr/bin/[c-g]*", GLOB_APPEND, NULL, &found);
	assert_true(check_file("/usr/lib/x86_64-linux-gnu/libc.so.6", set, &rows));
	assert_true(check_file("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", set, &rows));
	/* Files from all over the list, not only the first ones. */
	for (size_t i = 0; i < found.gl_pathc && files < FILES_MAX; i++)
		files += check_file(found.gl_pathv[i * 37 % found.gl_pathc], set, &rows);
	globfree(&found);
	(void)unwind_rule_set_rules(set, &rules);
	printf("%zu files, %zu rows, %zu rules\n", files + 2, rows, rules);
	assert_in_range(files, FILES_MIN, FILES_MAX);
	unwind_rule_set_free(set);
}

#define FRAME_AT 0x2000u
#define LINKED   0x8000u

/* A CIE and an FDE as compilers make them for a function of arm64 that signs its return address:
 * LINKED, 32 bytes. x29 and x30 are saved after 8 bytes, and restored before the last 8. */
static const uint8_t arm64_frame[] = {
	16, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 4, 0x78, 30, 1, 0x1b, DW_CFA_def_cfa, 31, 0,
	/* FDE: length, distance to the CIE, start relative to this place, length, no data */
	32, 0, 0, 0, 24, 0, 0, 0, (LINKED - FRAME_AT - 28) & 0xff, (LINKED - FRAME_AT - 28) >> 8, 0,
	0, 32, 0, 0, 0, 0, DW_CFA_advance_loc | 1, DW_CFA_GNU_window_save, DW_CFA_advance_loc | 1,
	DW_CFA_def_cfa_offset, 32, DW_CFA_offset | 29, 4, DW_CFA_offset | 30, 3,
	DW_CFA_advance_loc | 4, DW_CFA_restore | 30, DW_CFA_restore | 29, DW_CFA_def_cfa_offset, 0,
	0, 0, 0, 0, 0};

static void a_table_of_arm64_equals_its_call_frame_information(void **state)
{
	static const struct elf_image no_image = {.segment_count = 0};
	struct module module = {.status = SYMBOLS_OK, .image.machine = EM_AARCH64};
	struct cfi_section *section = &module.eh_frame;
	struct unwind_rule_set *set = unwind_rule_set_new();
	const struct unwind_rule *rules;
	struct unwind_rows rows;
	uint64_t address;
	size_t count;

	(void)state;
	section->address = FRAME_AT;
	section->size_bytes = sizeof(arm64_frame);
	section->bytes = malloc(sizeof(arm64_frame));
	assert_non_null(section->bytes);
	memcpy(section->bytes, arm64_frame, sizeof(arm64_frame));
	assert_int_equal(cfi_index_build(&no_image, section), SYMBOLS_OK);
	assert_int_equal(section->entry_count, 1);
	assert_int_equal(unwind_rows_build(&module, EM_X86_64, set, &rows), SYMBOLS_NOT_FOUND);
	assert_int_equal(unwind_rows_build(&module, EM_AARCH64, set, &rows), SYMBOLS_OK);
	assert_true(check_rows(&module, set, &rows, false, &address));
	rules = unwind_rule_set_rules(set, &count);
	assert_int_equal(rules[unwind_rows_find(&rows, LINKED)].link_kind, UNWIND_LINK_SAME);
	rules += unwind_rows_find(&rows, LINKED + 12);
	assert_int_equal(rules->kind, UNWIND_RULE_REGISTER);
	assert_int_equal(rules->cfa_offset, 32);
	assert_int_equal(rules->bp_offset, -32);
	assert_int_equal(rules->addend, -24);
	unwind_rows_release(&rows);
	cfi_release(section);
	unwind_rule_set_free(set);
}

/* A row as most functions have it: CFA = SP + 16, IP at CFA - 8, BP at CFA - 16. */
static struct cfi_row usual_row(void)
{
	struct cfi_row row = {.cfa = {.kind = CFI_RULE_REGISTER, .number = 7, .offset = 16},
			      .return_register = 16};

	row.registers[16] = (struct cfi_rule){.kind = CFI_RULE_OFFSET, .offset = -8};
	row.registers[6] = (struct cfi_rule){.kind = CFI_RULE_OFFSET, .offset = -16};
	return row;
}

static void a_usual_row_is_one_rule(void **state)
{
	struct cfi_row row = usual_row();
	struct unwind_rule rule = unwind_rule_of_row(&row);

	(void)state;
	assert_int_equal(sizeof(rule), SIZE_OF_A_RULE);
	assert_int_equal(rule.kind, UNWIND_RULE_REGISTER);
	assert_int_equal(rule.is_bp, 0);
	assert_int_equal(rule.cfa_offset, 16);
	assert_int_equal(rule.bp_kind, UNWIND_BP_AT_CFA);
	assert_int_equal(rule.bp_offset, -16);
}

static void what_no_rule_can_say_is_other(void **state)
{
	struct cfi_row rows[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		rows[i] = usual_row();
	rows[0].cfa.number = 3;
	rows[1].cfa.offset = INT64_C(1) << 40;
	rows[2].registers[16].offset = -16;
	rows[3].registers[7] = (struct cfi_rule){.kind = CFI_RULE_OFFSET, .offset = -24};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(unwind_rule_of_row(&rows[i]).kind, UNWIND_RULE_OTHER);
}

static void expressions_of_linkers_and_compilers_are_rules(void **state)
{
	static const uint8_t plt[] = {DW_OP_breg7, 8,         DW_OP_breg16, 0,
				      DW_OP_lit15, DW_OP_and, DW_OP_lit11,  DW_OP_ge,
				      DW_OP_lit3,  DW_OP_shl, DW_OP_plus};
	static const uint8_t loaded[] = {DW_OP_breg6, 0x78, DW_OP_deref, DW_OP_plus_uconst, 8};
	static const uint8_t saved[] = {DW_OP_breg6, 0};
	struct cfi_row row = usual_row();
	struct unwind_rule rule;

	(void)state;
	row.cfa = (struct cfi_rule){.kind = CFI_RULE_VALUE_EXPRESSION,
				    .expression = plt,
				    .expression_bytes = sizeof(plt)};
	rule = unwind_rule_of_row(&row);
	assert_int_equal(rule.kind, UNWIND_RULE_PLT);
	assert_int_equal(rule.addend, 11);
	row.cfa.expression = loaded;
	row.cfa.expression_bytes = sizeof(loaded);
	row.registers[6] = (struct cfi_rule){.kind = CFI_RULE_EXPRESSION,
					     .expression = saved,
					     .expression_bytes = sizeof(saved)};
	rule = unwind_rule_of_row(&row);
	assert_int_equal(rule.kind, UNWIND_RULE_LOADED);
	assert_int_equal(rule.is_bp, 1);
	assert_int_equal(rule.cfa_offset, -8);
	assert_int_equal(rule.addend, 8);
	assert_int_equal(rule.bp_kind, UNWIND_BP_AT_BP);
	row.cfa.expression_bytes--;
	assert_int_equal(unwind_rule_of_row(&row).kind, UNWIND_RULE_OTHER);
}

/* A row as most functions of arm64 have it: CFA = SP + 32, x29 at CFA - 32, x30 at CFA - 24. */
static struct cfi_row usual_arm64_row(void)
{
	struct cfi_row row = {.cfa = {.kind = CFI_RULE_REGISTER, .number = 31, .offset = 32},
			      .return_register = 30};

	row.registers[29] = (struct cfi_rule){.kind = CFI_RULE_OFFSET, .offset = -32};
	row.registers[30] = (struct cfi_rule){.kind = CFI_RULE_OFFSET, .offset = -24};
	return row;
}

static void rows_of_arm64_are_rules(void **state)
{
	struct cfi_row row = usual_arm64_row();
	struct unwind_rule rule = unwind_rule_of_arm64_row(&row);

	(void)state;
	assert_int_equal(rule.kind, UNWIND_RULE_REGISTER);
	assert_int_equal(rule.is_bp, 0);
	assert_int_equal(rule.cfa_offset, 32);
	assert_int_equal(rule.bp_kind, UNWIND_BP_AT_CFA);
	assert_int_equal(rule.bp_offset, -32);
	assert_int_equal(rule.link_kind, UNWIND_LINK_AT_CFA);
	assert_int_equal(rule.addend, -24);
	/* At its first instruction a function has saved nothing. */
	row = (struct cfi_row){.cfa = {.kind = CFI_RULE_REGISTER, .number = 31},
			       .return_register = 30};
	rule = unwind_rule_of_arm64_row(&row);
	assert_int_equal(rule.kind, UNWIND_RULE_REGISTER);
	assert_int_equal(rule.bp_kind, UNWIND_BP_SAME);
	assert_int_equal(rule.link_kind, UNWIND_LINK_SAME);
	row.registers[30].kind = CFI_RULE_UNDEFINED;
	assert_int_equal(unwind_rule_of_arm64_row(&row).kind, UNWIND_RULE_END);
}

static void what_no_rule_of_arm64_can_say_is_other(void **state)
{
	struct cfi_row rows[5];

	(void)state;
	for (size_t i = 0; i < 5; i++)
		rows[i] = usual_arm64_row();
	rows[0].cfa.number = 9;
	rows[1].signal_frame = true;
	rows[2].return_register = 16;
	rows[3].registers[30] = (struct cfi_rule){.kind = CFI_RULE_REGISTER, .number = 9};
	rows[4].registers[31] = (struct cfi_rule){.kind = CFI_RULE_OFFSET, .offset = -8};
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(unwind_rule_of_arm64_row(&rows[i]).kind, UNWIND_RULE_OTHER);
}

/* In an expression, x6 is no frame pointer. */
static void the_frame_pointer_has_the_number_of_its_machine(void **state)
{
	static const uint8_t at_x6[] = {DW_OP_breg6, 0}, at_x29[] = {DW_OP_breg29, 8};
	struct cfi_row row = usual_arm64_row(), x86_row = usual_row();
	struct unwind_rule rule;

	(void)state;
	row.registers[29] = (struct cfi_rule){
		.kind = CFI_RULE_EXPRESSION, .expression = at_x6, .expression_bytes = 2};
	x86_row.registers[6] = row.registers[29];
	assert_int_equal(unwind_rule_of_arm64_row(&row).bp_kind, UNWIND_BP_LOST);
	assert_int_equal(unwind_rule_of_row(&x86_row).bp_kind, UNWIND_BP_AT_BP);
	row.registers[29].expression = at_x29;
	rule = unwind_rule_of_arm64_row(&row);
	assert_int_equal(rule.bp_kind, UNWIND_BP_AT_BP);
	assert_int_equal(rule.bp_offset, 8);
}

/* With arguments: files of any machine, to be compared. */
static int check_arguments(int count, char **paths)
{
	struct unwind_rule_set *set = unwind_rule_set_new();
	size_t files = 0, rows = 0;

	if (!set)
		return 1;
	for (int i = 0; i < count; i++)
		files += check_file(paths[i], set, &rows);
	printf("%zu of %d files have a table, %zu rows, all equal\n", files, count, rows);
	unwind_rule_set_free(set);
	return files == 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_of_files_equal_their_call_frame_information),
		cmocka_unit_test(a_usual_row_is_one_rule),
		cmocka_unit_test(what_no_rule_can_say_is_other),
		cmocka_unit_test(expressions_of_linkers_and_compilers_are_rules),
		cmocka_unit_test(rows_of_arm64_are_rules),
		cmocka_unit_test(what_no_rule_of_arm64_can_say_is_other),
		cmocka_unit_test(the_frame_pointer_has_the_number_of_its_machine),
		cmocka_unit_test(a_table_of_arm64_equals_its_call_frame_information),
	};

	if (argc > 1)
		return check_arguments(argc - 1, argv + 1);

	return cmocka_run_group_tests_name("symbols/unwind_rows", tests, NULL, NULL);
}
