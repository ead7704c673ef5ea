/* tests/record/attach/test_verifier_log.c - record/attach/verifier_log.c, with messages as libbpf
 * prints them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "record/attach/verifier_log.h"

#define BEGIN "libbpf: prog 'on_exit': -- BEGIN PROG LOAD LOG --\n"
#define END   "-- END PROG LOAD LOG --\n"

static void gives_last_lines_of_log(void **state)
{
	struct verifier_log log = {.program = ""};

	(void)state;
	verifier_log_read(&log,
			  "libbpf: prog 'on_exit': BPF program load failed: Permission denied\n");
	assert_string_equal(log.program, "");
	verifier_log_read(&log, BEGIN "0: R1=ctx() R10=fp0\n1: (95) exit\nR0 !read_ok\n"
				      "processed 2 insns (limit 1000000)\n" END);
	assert_string_equal(log.program, "on_exit");
	assert_string_equal(log.reason, "1: (95) exit; R0 !read_ok");
}

static void keeps_first_refusal(void **state)
{
	struct verifier_log log = {.program = ""};

	(void)state;
	verifier_log_read(&log, BEGIN "first\n" END);
	verifier_log_read(&log, "libbpf: prog 'other': -- BEGIN PROG LOAD LOG --\nsecond\n" END);
	assert_string_equal(log.program, "on_exit");
	assert_string_equal(log.reason, "first");
}

static void passes_over_other_messages(void **state)
{
	static const char *const messages[] = {
		"",
		"\n",
		"libbpf: failed to load object 'diag_bpf'\n",
		"libbpf: prog '",
		"libbpf: prog 'on_exit': failed to load: -13\n",
	};
	struct verifier_log log = {.program = ""};

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		verifier_log_read(&log, messages[i]);
	assert_string_equal(log.program, "");
	assert_string_equal(log.reason, "");
}

/* Logs that are cut, empty, or only a count have a program and perhaps no reason. */
static void reads_logs_without_end(void **state)
{
	static const char *const logs[][2] = {
		{BEGIN, ""},
		{BEGIN END, ""},
		{BEGIN "\n\n\n" END, ""},
		{BEGIN "processed 0 insns\n" END, ""},
		{BEGIN "cut", "cut"},
		{BEGIN "one\ncut", "one; cut"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		struct verifier_log log = {.program = ""};

		verifier_log_read(&log, logs[i][0]);
		assert_string_equal(log.program, "on_exit");
		assert_string_equal(log.reason, logs[i][1]);
	}
}

static void cuts_long_lines(void **state)
{
	char message[2048];
	struct verifier_log log = {.program = ""};

	(void)state;
	(void)snprintf(message, sizeof(message), "%s%01000d\nlast\n%s", BEGIN, 0, END);
	verifier_log_read(&log, message);
	assert_int_equal(strlen(log.reason), sizeof(log.reason) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_last_lines_of_log),
		cmocka_unit_test(keeps_first_refusal),
		cmocka_unit_test(passes_over_other_messages),
		cmocka_unit_test(reads_logs_without_end),
		cmocka_unit_test(cuts_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
