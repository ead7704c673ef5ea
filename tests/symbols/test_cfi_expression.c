/* tests/symbols/test_cfi_expression.c - symbols/cfi_expression.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dwarf.h>

#include "symbols/cfi_expression.h"

#define STEPS 1000u

/* Memory in which the word at each address below 4096 is the address. */
static bool read_itself(void *context, uint64_t address, unsigned int size_bytes,
			uint64_t *ret_value)
{
	(void)context;
	(void)size_bytes;
	*ret_value = address;
	return address < 4096;
}

/* rsp is 100, rip 205, the other registers are unknown; 7 is on the stack at the start. */
static enum symbols_status evaluate(const uint8_t *bytes, size_t size, uint32_t steps,
				    uint64_t *ret_value)
{
	static const struct cfi_memory memory = {.read = read_itself};
	static const struct registers registers = {
		.value = {[7] = 100, [16] = 205},
		.known = 1u << 7 | 1u << 16,
	};
	const struct cfi_expression_input input = {
		.bytes = bytes,
		.size_bytes = size,
		.registers = &registers,
		.memory = &memory,
		.has_initial = true,
		.initial = 7,
	};

	return cfi_expression_evaluate(&input, &steps, ret_value);
}

struct example {
	const char *name;
	uint64_t value;
	size_t size;
	uint8_t bytes[24];
};

#define EXAMPLE(value, ...)                                                                        \
	{                                                                                          \
#__VA_ARGS__, (uint64_t)(value), sizeof((uint8_t[]){__VA_ARGS__}),                 \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

static void test_each_operation_has_the_value_of_the_standard(void **state)
{
	static const struct example examples[] = {
		EXAMPLE(7, DW_OP_nop),
		EXAMPLE(31, DW_OP_lit31),
		EXAMPLE(0x1122334455667788, DW_OP_addr, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22,
			0x11),
		EXAMPLE(0xfe, DW_OP_const1u, 0xfe),
		EXAMPLE(-2, DW_OP_const1s, 0xfe),
		EXAMPLE(0xfffe, DW_OP_const2u, 0xfe, 0xff),
		EXAMPLE(-2, DW_OP_const2s, 0xfe, 0xff),
		EXAMPLE(-2, DW_OP_const4s, 0xfe, 0xff, 0xff, 0xff),
		EXAMPLE(128, DW_OP_constu, 0x80, 0x01),
		EXAMPLE(-128, DW_OP_consts, 0x80, 0x7f),
		EXAMPLE(108, DW_OP_breg7, 8),
		EXAMPLE(92, DW_OP_bregx, 7, 0x78),
		EXAMPLE(7, DW_OP_dup, DW_OP_drop),
		EXAMPLE(7, DW_OP_lit1, DW_OP_over),
		EXAMPLE(7, DW_OP_lit1, DW_OP_lit2, DW_OP_pick, 2),
		EXAMPLE(7, DW_OP_lit1, DW_OP_swap),
		EXAMPLE(2, DW_OP_lit2, DW_OP_lit3, DW_OP_rot, DW_OP_swap, DW_OP_drop, DW_OP_drop,
			DW_OP_lit2),
		EXAMPLE(8, DW_OP_plus_uconst, 1),
		EXAMPLE(3, DW_OP_lit4, DW_OP_minus),
		EXAMPLE(-7, DW_OP_neg),
		EXAMPLE(7, DW_OP_neg, DW_OP_abs),
		EXAMPLE(~UINT64_C(7), DW_OP_not),
		EXAMPLE(28, DW_OP_lit2, DW_OP_shl),
		EXAMPLE(1, DW_OP_lit2, DW_OP_shr),
		EXAMPLE(-1, DW_OP_neg, DW_OP_const1u, 70, DW_OP_shra),
		EXAMPLE(0, DW_OP_const1u, 64, DW_OP_shl),
		EXAMPLE(-2, DW_OP_neg, DW_OP_lit3, DW_OP_div),
		EXAMPLE(1, DW_OP_lit3, DW_OP_mod),
		EXAMPLE(21, DW_OP_lit3, DW_OP_mul),
		EXAMPLE(3, DW_OP_lit3, DW_OP_and),
		EXAMPLE(15, DW_OP_lit8, DW_OP_or),
		EXAMPLE(5, DW_OP_lit2, DW_OP_xor),
		EXAMPLE(1, DW_OP_neg, DW_OP_lit0, DW_OP_lt),
		EXAMPLE(0, DW_OP_neg, DW_OP_lit0, DW_OP_ge),
		EXAMPLE(1, DW_OP_lit7, DW_OP_eq),
		EXAMPLE(3000, DW_OP_const2u, 0xb8, 0x0b, DW_OP_deref),
		EXAMPLE(7, DW_OP_skip, 1, 0, 0xff),
		EXAMPLE(5, DW_OP_lit1, DW_OP_bra, 1, 0, 0xff, DW_OP_lit5),
		EXAMPLE(6, DW_OP_lit0, DW_OP_bra, 1, 0, DW_OP_lit6),
		/* The CFA of PLT stubs: 8 more after the stub has pushed a word. */
		EXAMPLE(116, DW_OP_breg7, 8, DW_OP_breg16, 0, DW_OP_lit15, DW_OP_and, DW_OP_lit11,
			DW_OP_ge, DW_OP_lit3, DW_OP_shl, DW_OP_plus),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		uint64_t value = 0;
		enum symbols_status status =
			evaluate(examples[i].bytes, examples[i].size, STEPS, &value);

		if (status != SYMBOLS_OK || value != examples[i].value)
			print_message("%s\n", examples[i].name);
		assert_int_equal(status, SYMBOLS_OK);
		assert_int_equal(value, examples[i].value);
	}
}

#define ASSERT_STATUS(expected, ...)                                                               \
	do {                                                                                       \
		static const uint8_t bytes[] = {__VA_ARGS__};                                      \
		uint64_t unchanged = 4711;                                                         \
		assert_int_equal(evaluate(bytes, sizeof(bytes), STEPS, &unchanged), expected);     \
		assert_int_equal(unchanged, 4711);                                                 \
	} while (0)

static void test_an_unknown_register_is_not_found(void **state)
{
	(void)state;
	ASSERT_STATUS(SYMBOLS_NOT_FOUND, DW_OP_breg3, 0);
	ASSERT_STATUS(SYMBOLS_NOT_FOUND, DW_OP_bregx, 0xff, 0xff, 0xff, 0x7f, 0);
}

static void test_memory_that_was_not_copied_is_not_found(void **state)
{
	(void)state;
	ASSERT_STATUS(SYMBOLS_NOT_FOUND, DW_OP_const2u, 0, 0x10, DW_OP_deref);
}

static void test_an_invalid_expression_is_corrupt(void **state)
{
	(void)state;
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_drop, DW_OP_drop);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_drop);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_plus);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_pick, 1);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_lit1, DW_OP_rot);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_const8u, 1, 2);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_skip, 100, 0);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_skip, 0xf0, 0xff);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_fbreg, 0);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_deref_size, 9);
	ASSERT_STATUS(SYMBOLS_CORRUPT, 0xff);
}

static void test_division_by_zero_is_corrupt_and_the_least_number_divides(void **state)
{
	static const uint8_t least[] = {DW_OP_lit1,    DW_OP_const1u, 63,       DW_OP_shl,
					DW_OP_const1s, 0xff,          DW_OP_div};
	uint64_t value = 0;

	(void)state;
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_lit0, DW_OP_div);
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_lit0, DW_OP_mod);
	assert_int_equal(evaluate(least, sizeof(least), STEPS, &value), SYMBOLS_OK);
	assert_int_equal(value, UINT64_C(1) << 63);
}

static void test_an_endless_loop_meets_the_limit(void **state)
{
	(void)state;
	ASSERT_STATUS(SYMBOLS_LIMIT, DW_OP_skip, 0xfd, 0xff);
}

static void test_a_stack_that_grows_without_end_is_corrupt(void **state)
{
	(void)state;
	ASSERT_STATUS(SYMBOLS_CORRUPT, DW_OP_dup, DW_OP_skip, 0xfc, 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_operation_has_the_value_of_the_standard),
		cmocka_unit_test(test_an_unknown_register_is_not_found),
		cmocka_unit_test(test_memory_that_was_not_copied_is_not_found),
		cmocka_unit_test(test_an_invalid_expression_is_corrupt),
		cmocka_unit_test(test_division_by_zero_is_corrupt_and_the_least_number_divides),
		cmocka_unit_test(test_an_endless_loop_meets_the_limit),
		cmocka_unit_test(test_a_stack_that_grows_without_end_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
