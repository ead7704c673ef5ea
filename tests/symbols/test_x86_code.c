/* tests/symbols/test_x86_code.c - symbols/x86_code.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "symbols/x86_code.h"

#define CALL(bytes, distance) x86_call_before((const uint8_t *)(bytes), sizeof(bytes) - 1, distance)

static void test_every_form_of_a_call_is_known(void **state)
{
	int64_t distance = 0;

	(void)state;
	assert_int_equal(CALL("\x90\x90\xe8\x10\x00\x00\x00", &distance), CODE_CALL_DIRECT);
	assert_int_equal(distance, 16);
	assert_int_equal(CALL("\xe8\xf0\xff\xff\xff", &distance), CODE_CALL_DIRECT);
	assert_int_equal(distance, -16);
	assert_int_equal(CALL("\x90\xff\xd0", &distance), CODE_CALL_INDIRECT);     /* *%rax */
	assert_int_equal(CALL("\x41\xff\xd4", &distance), CODE_CALL_INDIRECT);     /* *%r12 */
	assert_int_equal(CALL("\xff\x10", &distance), CODE_CALL_INDIRECT);         /* *(%rax) */
	assert_int_equal(CALL("\xff\x14\x24", &distance), CODE_CALL_INDIRECT);     /* *(%rsp) */
	assert_int_equal(CALL("\xff\x50\x08", &distance), CODE_CALL_INDIRECT);     /* *8(%rax) */
	assert_int_equal(CALL("\xff\x54\x24\x08", &distance), CODE_CALL_INDIRECT); /* *8(%rsp) */
	assert_int_equal(CALL("\xff\x90\1\2\3\4", &distance), CODE_CALL_INDIRECT); /* *N(%rax) */
	assert_int_equal(CALL("\xff\x15\1\2\3\4", &distance), CODE_CALL_INDIRECT); /* *N(%rip) */
	assert_int_equal(CALL("\xff\x94\x24\1\2\3\4", &distance),
			 CODE_CALL_INDIRECT); /* *N(%rsp) */
	/* *table(,%rax,8), and with a base */
	assert_int_equal(CALL("\xff\x14\xc5\1\2\3\4", &distance), CODE_CALL_INDIRECT);
	assert_int_equal(CALL("\xff\x14\xc3", &distance), CODE_CALL_INDIRECT);
}

static void test_other_instructions_are_no_calls(void **state)
{
	int64_t distance;

	(void)state;
	assert_int_equal(CALL("", &distance), CODE_CALL_NONE);
	assert_int_equal(CALL("\xd0", &distance), CODE_CALL_NONE);
	assert_int_equal(CALL("\x90\x90\x90\x90\x90\x90\x90", &distance), CODE_CALL_NONE);
	assert_int_equal(CALL("\xff\xe0", &distance), CODE_CALL_NONE); /* jmp *%rax */
	assert_int_equal(CALL("\xff\x30", &distance), CODE_CALL_NONE); /* push (%rax) */
	/* *table(,%rax,8) without its displacement */
	assert_int_equal(CALL("\xff\x14\xc5", &distance), CODE_CALL_NONE);
	assert_int_equal(CALL("\xe9\x10\x00\x00\x00", &distance), CODE_CALL_NONE);
}

#define PROLOGUE(bytes) x86_prologue_read((const uint8_t *)(bytes), sizeof(bytes) - 1)

static void test_a_prologue_tells_where_the_return_address_is(void **state)
{
	struct x86_prologue prologue = PROLOGUE("");

	(void)state;
	assert_true(prologue.complete);
	assert_int_equal(prologue.depth_bytes, 0);
	/* endbr64; push %r12; push %rbp; push %rbx; mov %edi,%ebx; sub $0x98,%rsp;
	 * mov %fs:0x28,%rax; mov %rsp,%rbp; je 0x2; call 0x0 */
	prologue = PROLOGUE("\xf3\x0f\x1e\xfa\x41\x54\x55\x53\x89\xfb\x48\x81\xec\x98\0\0\0"
			    "\x64\x48\x8b\x04\x25\x28\0\0\0\x48\x89\xe5\x74\0\xe8\0\0\0\0");
	assert_true(prologue.complete);
	assert_false(prologue.has_frame_pointer);
	assert_int_equal(prologue.depth_bytes, 24 + 0x98);
	assert_true(prologue.saved);
	assert_int_equal(prologue.saved_bytes, 8 + 0x98);
}

static void test_a_frame_pointer_is_known(void **state)
{
	struct x86_prologue prologue;

	(void)state;
	prologue = PROLOGUE("\x55\x48\x89\xe5\x41\x57\xff\xe0");
	assert_true(prologue.has_frame_pointer);
	assert_false(prologue.complete);
	prologue = PROLOGUE("\x31\xc0\x55\x48\x8b\xec");
	assert_true(prologue.has_frame_pointer);
	prologue = PROLOGUE("\x55"); /* not set yet */
	assert_false(prologue.has_frame_pointer);
	assert_true(prologue.complete);
	assert_int_equal(prologue.depth_bytes, 8);
	assert_int_equal(prologue.saved_bytes, 0);
}

static void test_what_cannot_be_followed_is_not_complete(void **state)
{
	(void)state;
	assert_false(PROLOGUE("\x53\x5b").complete);             /* pop %rbx */
	assert_false(PROLOGUE("\xc3").complete);                 /* ret */
	assert_false(PROLOGUE("\xeb\x00").complete);             /* jmp */
	assert_false(PROLOGUE("\xff\xe0").complete);             /* jmp *%rax */
	assert_false(PROLOGUE("\x48\x83\xe4\xf0").complete);     /* and $-16,%rsp */
	assert_false(PROLOGUE("\x48\x83\xec\x80").complete);     /* sub $-128,%rsp */
	assert_false(PROLOGUE("\x48\x8b\x25\0\0\0\0").complete); /* mov N(%rip),%rsp */
	assert_false(PROLOGUE("\x48\x8d\x64\x24\x08").complete); /* lea 8(%rsp),%rsp */
	assert_false(PROLOGUE("\x48\x89\xc4").complete);         /* mov %rax,%rsp */
	assert_false(PROLOGUE("\x48\x87\xe0").complete);         /* xchg %rsp,%rax */
	assert_false(PROLOGUE("\xc8\0\0\0").complete);           /* enter */
	assert_false(PROLOGUE("\x48\x81\xec\xff\xff\xff\x7f").complete);
	assert_false(PROLOGUE("\x48\x83").complete);    /* not whole */
	assert_true(PROLOGUE("\x49\x89\xe4").complete); /* mov %rsp,%r12 */
}

static void test_any_bytes_end(void **state)
{
	uint8_t bytes[X86_PROLOGUE_MAX_BYTES];

	(void)state;
	for (unsigned int value = 0; value < 65536; value++) {
		memset(bytes, (int)(value & 0xff), sizeof(bytes));
		bytes[0] = (uint8_t)(value >> 8);
		assert_true(x86_prologue_read(bytes, sizeof(bytes)).depth_bytes < 1u << 22);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form_of_a_call_is_known),
		cmocka_unit_test(test_other_instructions_are_no_calls),
		cmocka_unit_test(test_a_prologue_tells_where_the_return_address_is),
		cmocka_unit_test(test_a_frame_pointer_is_known),
		cmocka_unit_test(test_what_cannot_be_followed_is_not_complete),
		cmocka_unit_test(test_any_bytes_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
