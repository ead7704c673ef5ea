/* tests/record/common/test_pid_namespace.c - record/common/pid_namespace.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/common/pid_namespace.h"

static void test_number_is_that_of_the_link(void **state)
{
	const char start[] = "pid:[";
	char target[64] = "", *end;
	unsigned long number;

	(void)state;
	assert_true(readlink("/proc/self/ns/pid", target, sizeof(target) - 1) > 0);
	assert_memory_equal(target, start, strlen(start));
	number = strtoul(target + strlen(start), &end, 10);
	assert_string_equal(end, "]");
	assert_int_equal(pid_namespace_own(), number == 0xEFFFFFFCu ? 0 : number);
}

static void test_proc_has_own_numbers(void **state)
{
	(void)state;
	assert_true(pid_namespace_has_proc());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number_is_that_of_the_link),
		cmocka_unit_test(test_proc_has_own_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
