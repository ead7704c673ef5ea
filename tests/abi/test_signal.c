/* tests/abi/test_signal.c - abi/signal.c */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "abi/signal.h"

static void every_name_of_this_machine_is_the_libc_name(void **state)
{
	(void)state;
	for (int number = 1; number < 32; number++) {
		char expected[SIGNAL_NAME_MAX];

		snprintf(expected, sizeof(expected), "SIG%s", sigabbrev_np(number));
		/* The C library prefers the name of System V. */
		if (number == SIGPOLL)
			snprintf(expected, sizeof(expected), "SIGIO");
		assert_string_equal(signal_name((uint32_t)number).text, expected);
	}
}

static void real_time_signals_count_from_the_libc_first(void **state)
{
	(void)state;
	assert_string_equal(signal_name(34).text, "SIGRTMIN");
	assert_string_equal(signal_name(37).text, "SIGRTMIN+3");
	assert_string_equal(signal_name(64).text, "SIGRTMIN+30");
	assert_string_equal(signal_name(32).text, "SIG32");
	assert_string_equal(signal_name(0).text, "SIG0");
	assert_string_equal(signal_name(UINT32_MAX).text, "SIG4294967295");
}

static void every_name_parses_back_to_its_number(void **state)
{
	(void)state;
	for (uint32_t number = 1; number <= SIGNAL_LARGEST; number++) {
		struct signal_name name = signal_name(number);
		uint32_t parsed = 0;

		assert_true(signal_parse(name.text, &parsed));
		assert_int_equal(parsed, number);
		assert_true(signal_parse(name.text + strlen("SIG"), &parsed));
		assert_int_equal(parsed, number);
	}
}

static void other_spellings_are_understood(void **state)
{
	static const struct {
		const char *text;
		uint32_t number;
	} cases[] = {{"sigterm", 15},  {"iot", 6},      {"CLD", 17},
		     {"SIGRTMAX", 64}, {"rtmax-1", 63}, {"RTMIN+0", 34},
		     {"POLL", 29},     {"SIG64", 64},   {"09", 9}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t parsed = 0;

		assert_true(signal_parse(cases[i].text, &parsed));
		assert_int_equal(parsed, cases[i].number);
	}
}

static void invalid_signals_are_refused(void **state)
{
	static const char *const cases[] = {
		"",        "0",       "65",       "SIG",    "SIG0",       "SIGSIGHUP",
		"KILL ",   " KILL",   "+9",       "-9",     "9x",         "RTMIN+31",
		"RTMIN-1", "RTMAX+1", "RTMAX-31", "RTMIN+", "00000000009"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t parsed = 77;

		assert_false(signal_parse(cases[i], &parsed));
		assert_int_equal(parsed, 77);
	}
}

static void a_set_holds_lists_and_ranges(void **state)
{
	uint64_t set = 0;

	(void)state;
	assert_true(signal_parse_set("9,TERM", &set));
	assert_int_equal(set, UINT64_C(1) << 8 | UINT64_C(1) << 14);
	assert_true(signal_parse_set("1-64", &set));
	assert_int_equal(set, UINT64_MAX);
	assert_true(signal_parse_set("RTMAX-1-RTMAX", &set));
	assert_int_equal(set, UINT64_C(3) << 62);
	assert_true(signal_parse_set("RTMAX-1", &set));
	assert_int_equal(set, UINT64_C(1) << 62);
	assert_true(signal_parse_set("hup-quit", &set));
	assert_int_equal(set, 7);
}

static void a_set_with_a_bad_part_is_refused(void **state)
{
	static const char *const cases[] = {"",     "9,",   ",9", "9,,15", "15-9",
					    "1-65", "HUP-", "-",  "9 15"};
	uint64_t set = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(signal_parse_set(cases[i], &set));
	assert_int_equal(set, 42);
}

static void codes_have_the_names_of_the_libc_headers(void **state)
{
	(void)state;
	assert_string_equal(signal_code_name(SIGTERM, SI_USER), "SI_USER");
	assert_string_equal(signal_code_name(SIGTERM, SI_KERNEL), "SI_KERNEL");
	assert_string_equal(signal_code_name(SIGTERM, SI_QUEUE), "SI_QUEUE");
	assert_string_equal(signal_code_name(SIGALRM, SI_TIMER), "SI_TIMER");
	assert_string_equal(signal_code_name(SIGABRT, SI_TKILL), "SI_TKILL");
	assert_string_equal(signal_code_name(SIGSEGV, SEGV_MAPERR), "SEGV_MAPERR");
	assert_string_equal(signal_code_name(SIGSEGV, SEGV_PKUERR), "SEGV_PKUERR");
	assert_string_equal(signal_code_name(SIGBUS, BUS_ADRERR), "BUS_ADRERR");
	assert_string_equal(signal_code_name(SIGFPE, FPE_INTDIV), "FPE_INTDIV");
	assert_string_equal(signal_code_name(SIGILL, ILL_ILLOPN), "ILL_ILLOPN");
	assert_string_equal(signal_code_name(SIGTRAP, TRAP_HWBKPT), "TRAP_HWBKPT");
	assert_string_equal(signal_code_name(SIGCHLD, CLD_DUMPED), "CLD_DUMPED");
	assert_string_equal(signal_code_name(SIGIO, POLL_HUP), "POLL_HUP");
	assert_string_equal(signal_code_name(SIGSYS, 1), "SYS_SECCOMP");
}

static void a_code_means_nothing_for_another_signal(void **state)
{
	(void)state;
	assert_null(signal_code_name(SIGTERM, 1));
	assert_null(signal_code_name(SIGSEGV, 99));
	assert_null(signal_code_meaning(SIGTERM, SI_USER));
	assert_string_equal(signal_code_meaning(SIGSEGV, SEGV_MAPERR), "address not mapped");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_of_this_machine_is_the_libc_name),
		cmocka_unit_test(real_time_signals_count_from_the_libc_first),
		cmocka_unit_test(every_name_parses_back_to_its_number),
		cmocka_unit_test(other_spellings_are_understood),
		cmocka_unit_test(invalid_signals_are_refused),
		cmocka_unit_test(a_set_holds_lists_and_ranges),
		cmocka_unit_test(a_set_with_a_bad_part_is_refused),
		cmocka_unit_test(codes_have_the_names_of_the_libc_headers),
		cmocka_unit_test(a_code_means_nothing_for_another_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
