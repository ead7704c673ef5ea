/* tests/symbols/test_go_table.c - symbols/go_table.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "symbols/go_table.h"
#include "symbols/module.h"
#include "tests/symbols/made_elf.h"

#define TEXT_ADDRESS UINT64_C(0x401000)

enum {
	NAMES = 72,
	DELTAS = 128,
	FUNCTIONS = 160,
	TABLE_BYTES = 256,
};

/* Two functions in the format of Go 1.20: main.third of 0x40 bytes, whose stack pointer is 24 lower
 * from byte 4 to 0x3c, and runtime.goexit of 0x10 bytes. */
struct made_table {
	uint8_t bytes[TABLE_BYTES];
};

static void put_u32(struct made_table *table, size_t at, uint32_t value)
{
	memcpy(table->bytes + at, &value, sizeof(value));
}

static void put_u64(struct made_table *table, size_t at, uint64_t value)
{
	memcpy(table->bytes + at, &value, sizeof(value));
}

static void make_table(struct made_table *table)
{
	static const char names[] = "\0main.third\0runtime.goexit";
	static const uint8_t deltas[] = {0,            /* offset 0 means no table */
					 2,  4,        /* -1 + 1 = 0 up to 4 */
					 48, 0x38,     /* 24 up to 0x3c */
					 47, 4,    0}; /* 0 up to 0x40 */
	const uint64_t header[] = {2, 0, TEXT_ADDRESS, NAMES, 0, 0, DELTAS, FUNCTIONS};
	static const uint8_t magic[] = {0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8};

	memset(table, 0, sizeof(*table));
	memcpy(table->bytes, magic, sizeof(magic));
	memcpy(table->bytes + sizeof(magic), header, sizeof(header));
	memcpy(table->bytes + NAMES, names, sizeof(names));
	memcpy(table->bytes + DELTAS, deltas, sizeof(deltas));
	put_u32(table, FUNCTIONS, 0);
	put_u32(table, FUNCTIONS + 4, 24); /* its record, from FUNCTIONS */
	put_u32(table, FUNCTIONS + 8, 0x40);
	put_u32(table, FUNCTIONS + 12, 48);
	put_u32(table, FUNCTIONS + 16, 0x50);
	put_u32(table, FUNCTIONS + 24 + 4, 1);  /* name */
	put_u32(table, FUNCTIONS + 24 + 16, 1); /* deltas */
	put_u32(table, FUNCTIONS + 48 + 4, 12);
}

static enum symbols_status load_bytes(const uint8_t *table, size_t table_bytes,
				      struct module *ret_module)
{
	static const uint8_t code[0x50];
	enum symbols_status status;
	struct made_elf elf;
	uint8_t *bytes;
	size_t size;

	made_elf_init(&elf);
	made_elf_add(&elf, ".text", SHT_PROGBITS, code, sizeof(code))->sh_addr = TEXT_ADDRESS;
	made_elf_add(&elf, ".gopclntab", SHT_PROGBITS, table, table_bytes);
	bytes = made_elf_finish(&elf, &size);
	status = module_load_memory(bytes, size, ret_module);
	free(bytes);
	return status;
}

static enum symbols_status load(const struct made_table *table, struct module *ret_module)
{
	return load_bytes(table->bytes, sizeof(table->bytes), ret_module);
}

static void assert_function(const struct module *module, uint64_t address, const char *name,
			    uint64_t offset_bytes)
{
	struct function function;

	assert_true(module_find_function(module, address, &function));
	assert_string_equal(function.name, name);
	assert_int_equal(function.offset_bytes, offset_bytes);
}

static void test_functions_have_their_names(void **state)
{
	struct function function;
	struct made_table table;
	struct module module;

	(void)state;
	make_table(&table);
	assert_int_equal(load(&table, &module), SYMBOLS_OK);
	assert_function(&module, TEXT_ADDRESS, "main.third", 0);
	assert_function(&module, TEXT_ADDRESS + 0x3f, "main.third", 0x3f);
	assert_function(&module, TEXT_ADDRESS + 0x41, "runtime.goexit", 1);
	assert_false(module_find_function(&module, TEXT_ADDRESS - 1, &function));
	assert_false(module_find_function(&module, TEXT_ADDRESS + 0x50, &function));
	module_release(&module);
}

static void assert_delta(const struct module *module, uint64_t address, int64_t delta)
{
	uint32_t steps_left = 1000;
	struct cfi_row row;

	assert_int_equal(module_find_row(module, address, &steps_left, &row), SYMBOLS_OK);
	assert_int_equal(row.cfa.kind, CFI_RULE_REGISTER);
	assert_int_equal(row.cfa.number, 7);
	assert_int_equal(row.cfa.offset, delta + 8);
	assert_int_equal(row.registers[row.return_register].kind, CFI_RULE_OFFSET);
	assert_int_equal(row.registers[row.return_register].offset, -8);
}

static void test_the_stack_pointer_is_followed_through_a_function(void **state)
{
	struct made_table table;
	struct module module;

	(void)state;
	make_table(&table);
	assert_int_equal(load(&table, &module), SYMBOLS_OK);
	assert_delta(&module, TEXT_ADDRESS, 0);
	assert_delta(&module, TEXT_ADDRESS + 3, 0);
	assert_delta(&module, TEXT_ADDRESS + 4, 24);
	assert_delta(&module, TEXT_ADDRESS + 0x3b, 24);
	assert_delta(&module, TEXT_ADDRESS + 0x3c, 0);
	module_release(&module);
}

static void test_a_function_without_deltas_has_no_row(void **state)
{
	uint32_t steps_left = 1000;
	struct made_table table;
	struct module module;
	struct cfi_row row;

	(void)state;
	make_table(&table);
	assert_int_equal(load(&table, &module), SYMBOLS_OK);
	assert_int_equal(module_find_row(&module, TEXT_ADDRESS + 0x41, &steps_left, &row),
			 SYMBOLS_NOT_FOUND);
	module_release(&module);
}

static void test_the_outermost_function_is_known(void **state)
{
	struct made_table table;
	struct module module;

	(void)state;
	make_table(&table);
	assert_int_equal(load(&table, &module), SYMBOLS_OK);
	assert_int_equal(special_functions_find(&module.special_functions, TEXT_ADDRESS + 0x41),
			 SPECIAL_FUNCTION_OUTERMOST);
	assert_int_equal(special_functions_find(&module.special_functions, TEXT_ADDRESS),
			 SPECIAL_FUNCTION_NONE);
	module_release(&module);
}

static void test_offsets_that_lead_out_of_the_table_are_survived(void **state)
{
	static const size_t fields[] = {
		8, 24, 32, 56, 64, FUNCTIONS + 4, FUNCTIONS + 24 + 4, FUNCTIONS + 24 + 16};
	static const uint64_t values[] = {0, 1, 255, 256, UINT32_MAX, UINT64_MAX, UINT64_MAX / 8};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			uint32_t steps_left = 1000;
			struct function function;
			struct made_table table;
			struct module module;
			struct cfi_row row;

			make_table(&table);
			if (fields[i] < NAMES)
				put_u64(&table, fields[i], values[j]);
			else
				put_u32(&table, fields[i], (uint32_t)values[j]);
			assert_int_equal(load(&table, &module), SYMBOLS_OK);
			if (module_find_function(&module, TEXT_ADDRESS + 5, &function))
				assert_true(strlen(function.name) < TABLE_BYTES);
			if (module_find_row(&module, TEXT_ADDRESS + 5, &steps_left, &row) ==
			    SYMBOLS_OK)
				assert_int_equal(row.cfa.number, 7);
			module_release(&module);
		}
	}
}

/* A million functions can have the same name of megabytes. */
static void test_a_name_beyond_the_limit_is_cut(void **state)
{
	static uint8_t bytes[TABLE_BYTES + 2 * FUNCTION_NAME_MAX_BYTES];
	struct function function;
	struct made_table table;
	struct module module;

	(void)state;
	make_table(&table);
	put_u64(&table, 8 + 3 * sizeof(uint64_t), TABLE_BYTES);
	put_u64(&table, 8 + 4 * sizeof(uint64_t), sizeof(bytes));
	for (size_t length = FUNCTION_NAME_MAX_BYTES - 1; length <= FUNCTION_NAME_MAX_BYTES + 1;
	     length++) {
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes, table.bytes, sizeof(table.bytes));
		memset(bytes + TABLE_BYTES + 1, 'r', length);
		assert_int_equal(load_bytes(bytes, sizeof(bytes), &module), SYMBOLS_OK);
		assert_true(module_find_function(&module, TEXT_ADDRESS, &function));
		assert_int_equal(strlen(function.name), length < FUNCTION_NAME_MAX_BYTES
								? length
								: FUNCTION_NAME_MAX_BYTES);
		module_release(&module);
	}
}

static void test_an_unknown_version_is_left_alone(void **state)
{
	struct function function;
	struct made_table table;
	struct module module;

	(void)state;
	make_table(&table);
	table.bytes[0] = 0xee;
	assert_int_equal(load(&table, &module), SYMBOLS_OK);
	assert_false(module_find_function(&module, TEXT_ADDRESS, &function));
	module_release(&module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions_have_their_names),
		cmocka_unit_test(test_the_stack_pointer_is_followed_through_a_function),
		cmocka_unit_test(test_a_function_without_deltas_has_no_row),
		cmocka_unit_test(test_the_outermost_function_is_known),
		cmocka_unit_test(test_offsets_that_lead_out_of_the_table_are_survived),
		cmocka_unit_test(test_a_name_beyond_the_limit_is_cut),
		cmocka_unit_test(test_an_unknown_version_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
