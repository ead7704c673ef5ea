/* tests/record/options/test_syscall_rule.c - record/options/syscall_rule.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/options/syscall_rule.h"

static void a_rule_takes_a_name_or_a_number(void **state)
{
	struct syscall_rule rule;
	struct problem problem;

	(void)state;
	assert_true(syscall_rule_parse("1234 read 900", &rule, &problem));
	assert_int_equal(rule.pid, 1234);
	assert_int_equal(rule.system_call, 0);
	assert_int_equal(rule.threshold_ns, 900000000);
	assert_true(syscall_rule_parse("  1 35\t250us ", &rule, &problem));
	assert_int_equal(rule.system_call, 35);
	assert_int_equal(rule.threshold_ns, 250000);
	assert_true(syscall_rule_parse("* fsync 20", &rule, &problem));
	assert_int_equal(rule.pid, 0);
	assert_int_equal(rule.system_call, 74);
	assert_int_equal(syscall_rule_process(0), 0);
}

static void anything_else_is_no_rule(void **state)
{
	static const char *const texts[] = {
		"",           "1234",      "1234 read",      "1234 read 1 2",
		"0 read 1",   "-1 read 1", "x read 1",       "1 no_such_call 1",
		"1 -5 1",     "1 read -1", "1 read 1parsec", "99999999 read 1",
		"1 read 1.5",
	};
	struct syscall_rule rule = {.pid = 7};
	struct problem problem;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(syscall_rule_parse(texts[i], &rule, &problem));
		assert_int_equal(rule.pid, 7);
	}
}

static void the_reason_names_the_wrong_word(void **state)
{
	static const struct {
		const char *text;
		const char *reason;
	} cases[] = {
		{"1 fsyc 20", "no system call fsyc: did you mean fsync"},
		{"1 xyzzyx 20", "no system call xyzzyx"},
		{"0 read 20", "0 is not a process ID"},
		{"1 read soon", "soon is not a time: use for example 100 (ms) or 250us"},
		{"1 read",
		 "not \"PID SYSCALL MS\": use for example \"1234 read 100\" or \"* fsync 20\""},
	};
	struct syscall_rule rule;
	struct problem problem;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(syscall_rule_parse(cases[i].text, &rule, &problem));
		assert_string_equal(problem.text, cases[i].reason);
	}
}

static void a_threshold_without_a_unit_is_in_milliseconds(void **state)
{
	uint64_t ns;

	(void)state;
	assert_true(section_threshold_parse("100", &ns));
	assert_int_equal(ns, 100000000);
	assert_true(section_threshold_parse("2.5ms", &ns));
	assert_int_equal(ns, 2500000);
	assert_true(section_threshold_parse("1s", &ns));
	assert_int_equal(ns, 1000000000);
	assert_true(section_threshold_parse("0", &ns));
	assert_int_equal(ns, 0);
	assert_false(section_threshold_parse("", &ns));
	assert_false(section_threshold_parse("ms", &ns));
}

static void a_missing_thread_is_its_own_process(void **state)
{
	(void)state;
	assert_int_equal(syscall_rule_process(4194304), 4194304);
	assert_int_equal(syscall_rule_process(1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_takes_a_name_or_a_number),
		cmocka_unit_test(anything_else_is_no_rule),
		cmocka_unit_test(the_reason_names_the_wrong_word),
		cmocka_unit_test(a_threshold_without_a_unit_is_in_milliseconds),
		cmocka_unit_test(a_missing_thread_is_its_own_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
