/* tests/analyze/replay/test_selection.c - the options that select events */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyze/replay/selection.h"
#include <dz/schema.h>

#define ARGUMENTS_MAX 16

/* The parser replaces commas by NULs, so the arguments are copied. The first is the name of the
 * program. */
static struct selection parse(const char *const *arguments, char storage[][64], char **argv)
{
	struct selection selection = {.kinds = 0};
	int count = 0;

	for (; arguments[count]; count++) {
		snprintf(storage[count], sizeof(storage[count]), "%s", arguments[count]);
		argv[count] = storage[count];
	}
	argv[count] = NULL;
	assert_int_equal(argp_parse(&selection_argp, count, argv, ARGP_NO_HELP, NULL, &selection),
			 0);
	return selection;
}

static void assert_described(const char *const *arguments, const char *expected)
{
	char storage[ARGUMENTS_MAX][64];
	char *argv[ARGUMENTS_MAX];
	struct selection selection = parse(arguments, storage, argv);
	char *text = selection_describe(&selection);

	assert_string_equal(text, expected);
	free(text);
	selection_release(&selection);
}

#define ASSERT_DESCRIBED(expected, ...)                                                            \
	assert_described((const char *const[]){"test", __VA_ARGS__, NULL}, expected)

static void nothing_given_selects_everything(void **state)
{
	(void)state;
	assert_described((const char *const[]){"test", NULL}, "");
}

static void every_option_is_described_as_it_was_given(void **state)
{
	(void)state;
	ASSERT_DESCRIBED("--tgid 1-5,7 --tid 9", "-p", "1-5,7", "--tid=9");
	ASSERT_DESCRIBED("--comm a --comm b*", "-c", "a", "--comm", "b*");
	ASSERT_DESCRIBED("--cgroup /x --uid 0 --cpu 0-16,23", "--cgroup=/x", "--uid=0", "-C",
			 "0-16,23");
	ASSERT_DESCRIBED("--signals KILL,TERM --failed", "--signals=15,9", "--failed");
	ASSERT_DESCRIBED("--since 2025-06-01T12:00:00.000000000Z", "--since", "2025-06-01 12:00",
			 "--utc");
	ASSERT_DESCRIBED("--since +5.000s --until -1.000s", "--since", "+5s", "--until", "-1s");
}

static void kinds_can_be_named_in_several_ways(void **state)
{
	(void)state;
	ASSERT_DESCRIBED("-e exit", "-e", "exit");
	ASSERT_DESCRIBED("-e exit -e signal -e delivery -e oom", "-e", "exit,signal", "-e", "oom");
	ASSERT_DESCRIBED("-e delivery", "-e", "delivery");
	ASSERT_DESCRIBED("-e section -e step -e section_histogram -e phase", "-e", "section");
	ASSERT_DESCRIBED("-e section -e step -e section_histogram -e phase", "-e", "run");
	ASSERT_DESCRIBED("-e step", "-e", "step");
	ASSERT_DESCRIBED("-e section_histogram -e phase", "-e", "phase,section_histogram");
	ASSERT_DESCRIBED("-e kprobe:*", "-e", "kprobe");
	ASSERT_DESCRIBED("-e kprobe:vfs_* -e tracepoint:sched:*", "-e",
			 "kprobe:vfs_*,tracepoint:sched:*");
	ASSERT_DESCRIBED("-e probe", "-e", "probe");
}

static void utc_can_follow_the_time(void **state)
{
	char storage[ARGUMENTS_MAX][64];
	char *argv[ARGUMENTS_MAX];
	struct selection selection =
		parse((const char *const[]){"test", "--since=10:00", "--utc", NULL}, storage, argv);

	(void)state;
	assert_true(selection.utc);
	assert_int_equal(selection.since.base, TIMESTAMP_CLOCK_TIME);
	assert_true(selection.since.utc);
	selection_release(&selection);
}

/* argp_error() ends the program. */
static int status_of(const char *option)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		char storage[ARGUMENTS_MAX][64];
		char *argv[ARGUMENTS_MAX];

		fclose(stderr);
		argp_err_exit_status = 2;
		parse((const char *const[]){"test", option, NULL}, storage, argv);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void wrong_values_end_the_program_with_status_2(void **state)
{
	static const char *const options[] = {
		"-enonsense",  "-e",        "-e,exit",     "-p1-",      "--tid=-1",
		"--uid=x",     "--cpu=3-1", "--signals=0", "--since=x", "--until=+",
		"--no-option", "-ekprobes", "-elost",      "-estring",  "-eNONE"};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		assert_int_equal(status_of(options[i]), 2);
	assert_int_equal(status_of("-eexit"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_selects_everything),
		cmocka_unit_test(every_option_is_described_as_it_was_given),
		cmocka_unit_test(kinds_can_be_named_in_several_ways),
		cmocka_unit_test(utc_can_follow_the_time),
		cmocka_unit_test(wrong_values_end_the_program_with_status_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
