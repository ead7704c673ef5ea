/* tests/abi/test_system_call.c - abi/system_call.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>

#include "abi/system_call.h"

static void numbers_have_the_names_of_their_machine(void **state)
{
	(void)state;
	assert_string_equal(system_call_name(EM_X86_64, 62).text, "kill");
	assert_string_equal(system_call_name(EM_X86_64, 234).text, "tgkill");
	assert_string_equal(system_call_name(EM_X86_64, 424).text, "pidfd_send_signal");
	assert_string_equal(system_call_name(EM_AARCH64, 129).text, "kill");
	assert_string_equal(system_call_name(EM_ARM, 37).text, "kill");
}

static void a_call_without_a_name_has_its_number(void **state)
{
	(void)state;
	assert_string_equal(system_call_name(EM_X86_64, 761203101).text, "syscall_761203101");
	assert_string_equal(system_call_name(EM_X86_64, -1).text, "syscall_-1");
	assert_string_equal(system_call_name(EM_X86_64, -10001).text, "syscall_-10001");
	assert_string_equal(system_call_name(EM_68K, 62).text, "syscall_62");
}

static void names_and_numbers_are_parsed(void **state)
{
	int32_t number = -1;

	(void)state;
	assert_true(system_call_parse(EM_X86_64, "epoll_wait", &number));
	assert_int_equal(number, 232);
	assert_true(system_call_parse(EM_X86_64, "761203101", &number));
	assert_int_equal(number, 761203101);
	assert_true(system_call_parse(EM_X86_64, "0", &number));
	assert_int_equal(number, 0);
}

static void invalid_system_calls_are_refused(void **state)
{
	/* socketcall: known to libseccomp, but not a call of this machine. */
	static const char *const cases[] = {
		"",  "-1", "1x", "no_such_call", "socketcall", "2147483648", "99999999999999999999",
		" 1"};
	int32_t number = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(system_call_parse(EM_X86_64, cases[i], &number));
	assert_false(system_call_parse(EM_68K, "kill", &number));
	assert_int_equal(number, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_the_names_of_their_machine),
		cmocka_unit_test(a_call_without_a_name_has_its_number),
		cmocka_unit_test(names_and_numbers_are_parsed),
		cmocka_unit_test(invalid_system_calls_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
