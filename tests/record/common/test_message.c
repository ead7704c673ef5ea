/* tests/record/common/test_message.c - record/common/message.c and base/problem.c */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/problem.h"
#include "record/common/message.h"

/* Returns what message() prints for the text, in its first write. */
static void say(const char *text, char *said, size_t capacity)
{
	int ends[2], before = dup(STDERR_FILENO);
	ssize_t size;

	assert_true(before >= 0);
	assert_int_equal(pipe2(ends, O_DIRECT), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	message("%s", text);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	size = read(ends[0], said, capacity - 1);
	assert_true(size >= 0);
	said[size] = '\0';
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(before);
}

static void a_message_is_one_write_of_one_escaped_line(void **state)
{
	char said[256];

	(void)state;
	say("a\x1b[31m file\n: is red", said, sizeof(said));
	assert_string_equal(said, "diag-record: a\\x1b[31m file\\x0a: is red\n");
}

static void problem_set_returns_false_and_formats_the_text(void **state)
{
	struct problem problem = {""};
	char long_text[2 * PROBLEM_TEXT_MAX];

	(void)state;
	assert_false(problem_set(&problem, "%s: %d", "path", 7));
	assert_string_equal(problem.text, "path: 7");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_false(problem_set(&problem, "%s", long_text));
	assert_int_equal(strlen(problem.text), PROBLEM_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_one_write_of_one_escaped_line),
		cmocka_unit_test(problem_set_returns_false_and_formats_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
