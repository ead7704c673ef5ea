/* tests/record/kernel/test_kernel_types.c - record/kernel/kernel_types.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "record/kernel/kernel_types.h"

static void a_structure_and_a_member_that_every_kernel_has_are_found(void **state)
{
	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		skip();
	assert_true(kernel_types_have("task_struct", NULL));
	assert_true(kernel_types_have("task_struct", "comm"));
}

static void what_no_kernel_has_is_not_found(void **state)
{
	(void)state;
	assert_false(kernel_types_have("task_structure", NULL));
	assert_false(kernel_types_have("task_struct", "common"));
	assert_false(kernel_types_have("task_struct", ""));
	/* A typedef is not a structure. */
	assert_false(kernel_types_have("size_t", NULL));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_structure_and_a_member_that_every_kernel_has_are_found),
		cmocka_unit_test(what_no_kernel_has_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
