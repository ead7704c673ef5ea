/* tests/base/test_problem.c - base/problem.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/problem.h"

static void the_text_is_formatted_and_false_returned(void **state)
{
	struct problem problem = {.text = ""};

	(void)state;
	assert_false(problem_set(&problem, "%s: cannot open: %d", "file", 7));
	assert_string_equal(problem.text, "file: cannot open: 7");
}

static void a_longer_text_is_truncated(void **state)
{
	struct problem problem = {.text = ""};
	char name[2 * PROBLEM_TEXT_MAX];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_false(problem_set(&problem, "%s: too long", name));
	assert_int_equal(strlen(problem.text), PROBLEM_TEXT_MAX - 1);
	name[PROBLEM_TEXT_MAX - 1] = '\0';
	assert_string_equal(problem.text, name);
	assert_false(problem_set(&problem, "%s", name));
	assert_string_equal(problem.text, name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_is_formatted_and_false_returned),
		cmocka_unit_test(a_longer_text_is_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
