/* tests/symbols/test_arm64_code.c - symbols/arm64_code.c, and what the layout of arm64 says */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "symbols/arm64_code.h"
#include "symbols/registers.h"

#define CALL(bytes, distance)                                                                      \
	arm64_call_before((const uint8_t *)(bytes), sizeof(bytes) - 1, distance)
#define STUB(bytes, address, stub)                                                                 \
	arm64_stub_read((const uint8_t *)(bytes), sizeof(bytes) - 1, address, stub)

static void test_every_form_of_a_call_is_known(void **state)
{
	int64_t distance = 0;

	(void)state;
	assert_int_equal(CALL("\x1f\x20\x03\xd5\x04\x00\x00\x94", &distance), CODE_CALL_DIRECT);
	assert_int_equal(distance, 12); /* bl .+16 */
	assert_int_equal(CALL("\xfe\xff\xff\x97", &distance), CODE_CALL_DIRECT);
	assert_int_equal(distance, -12);                                           /* bl .-8 */
	assert_int_equal(CALL("\x20\x00\x3f\xd6", &distance), CODE_CALL_INDIRECT); /* blr x1 */
	assert_int_equal(CALL("\x3f\x08\x3f\xd6", &distance), CODE_CALL_INDIRECT); /* blraaz x1 */
	assert_int_equal(CALL("\x3f\x0c\x3f\xd6", &distance), CODE_CALL_INDIRECT); /* blrabz x1 */
	assert_int_equal(CALL("\x22\x08\x3f\xd7", &distance),
			 CODE_CALL_INDIRECT); /* blraa x1, x2 */
	assert_int_equal(CALL("\x22\x0c\x3f\xd7", &distance),
			 CODE_CALL_INDIRECT); /* blrab x1, x2 */
}

static void test_other_instructions_are_no_calls(void **state)
{
	int64_t distance = 1;

	(void)state;
	assert_int_equal(CALL("\x04\x00\x00\x14", &distance), CODE_CALL_NONE); /* b .+16 */
	assert_int_equal(CALL("\x20\x00\x1f\xd6", &distance), CODE_CALL_NONE); /* br x1 */
	assert_int_equal(CALL("\xc0\x03\x5f\xd6", &distance), CODE_CALL_NONE); /* ret */
	assert_int_equal(CALL("\x00\x00\x94", &distance), CODE_CALL_NONE);     /* not whole */
	assert_int_equal(distance, 1);
}

static void test_a_stub_leads_to_its_slot(void **state)
{
	struct arm64_stub stub;

	(void)state;
	/* adrp x16, 0x20000; ldr x17, [x16, #0xf90]; add x16, x16, #0xf90; br x17 */
	assert_true(STUB("\x10\x01\x00\x90\x11\xca\x47\xf9\x10\x42\x3e\x91\x20\x02\x1f\xd6", 0x630,
			 &stub));
	assert_int_equal(stub.slot, 0x20f90);
	assert_int_equal(stub.size_bytes, 16);
	/* The same behind bti c, whose end is on the next page. */
	assert_true(STUB("\x5f\x24\x03\xd5\x10\x01\x00\x90\x11\xca\x47\xf9\x10\x42\x3e\x91", 0xffc,
			 &stub));
	assert_int_equal(stub.slot, 0x21f90);
	assert_int_equal(stub.size_bytes, 20);
	/* adrp of the page before */
	assert_true(STUB("\xf0\xff\xff\xf0\x11\x02\x40\xf9", 0x5000, &stub));
	assert_int_equal(stub.slot, 0x4000);
}

static void test_other_code_is_no_stub(void **state)
{
	struct arm64_stub stub = {.slot = 7};

	(void)state;
	assert_false(STUB("\x11\x01\x00\x90\x11\xca\x47\xf9", 0x630, &stub)); /* adrp x17 */
	assert_false(STUB("\x10\x01\x00\x90\x11\xca\x47\xb9", 0x630, &stub)); /* ldr w17 */
	assert_false(STUB("\x10\x01\x00\x90", 0x630, &stub));
	assert_false(STUB("\x5f\x24\x03\xd5\x10\x01\x00\x90", 0x630, &stub));
	assert_false(STUB("", 0x630, &stub));
	assert_int_equal(stub.slot, 7);
}

static void test_words_of_the_kernel_become_registers(void **state)
{
	const struct register_layout *layout = &registers_arm64;
	struct registers registers;
	uint64_t words[34], value;

	(void)state;
	for (size_t i = 0; i < 34; i++)
		words[i] = 0x100 + i;
	registers_from_pt_regs(layout, words, 34, &registers);
	for (unsigned int i = 0; i <= 30; i++) {
		assert_true(registers_get(&registers, i, &value));
		assert_int_equal(value, 0x100 + i);
	}
	assert_true(registers_get(&registers, layout->stack_pointer, &value));
	assert_int_equal(value, 0x100 + 31);
	assert_true(registers_get(&registers, layout->instruction_pointer, &value));
	assert_int_equal(value, 0x100 + 32);
	assert_int_equal(UINT64_C(0x0031aaaa12345678) & layout->code_address_mask,
			 UINT64_C(0xaaaa12345678));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form_of_a_call_is_known),
		cmocka_unit_test(test_other_instructions_are_no_calls),
		cmocka_unit_test(test_a_stub_leads_to_its_slot),
		cmocka_unit_test(test_other_code_is_no_stub),
		cmocka_unit_test(test_words_of_the_kernel_become_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
