/* tests/analyze/trace/test_input_problem.c - messages about input files */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "analyze/trace/input_problem.h"
#include "tests/analyze/replayed.h"

static void print(FILE *out, void *context)
{
	input_problem_print(out, "diag-report", context);
}

static void assert_printed(struct input_problem problem, const char *expected)
{
	char *text = replayed_text(print, &problem);

	assert_string_equal(text, expected);
	free(text);
}

static void a_problem_names_file_place_and_advice(void **state)
{
	(void)state;
	assert_printed((struct input_problem){.path = "a.dz", .what = "not closed"},
		       "diag-report: a.dz: not closed\n");
	assert_printed(
		(struct input_problem){.path = "a.dz", .what = "cut", .offset = 0, .size_bytes = 9},
		"diag-report: a.dz: offset 0: 9 bytes not read: cut\n");
	assert_printed(
		(struct input_problem){.path = "a.dz", .what = "foreign", .advice = "give another"},
		"diag-report: a.dz: foreign: give another\n");
	assert_printed(
		(struct input_problem){.path = "a.dz", .what = "failed", .error_number = EIO},
		"diag-report: a.dz: failed: Input/output error\n");
}

static void a_path_cannot_steer_the_terminal(void **state)
{
	(void)state;
	assert_printed((struct input_problem){.path = "\033[2J\n", .what = "cut"},
		       "diag-report: \\x1b[2J\\x0a: cut\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_problem_names_file_place_and_advice),
		cmocka_unit_test(a_path_cannot_steer_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
