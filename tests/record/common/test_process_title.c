/* tests/record/common/test_process_title.c - record/common/process_title.c */
#include "record/common/process_title.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int own_argc;
static char **own_argv;

static size_t read_command_line(char *out, size_t size)
{
	FILE *file = fopen("/proc/self/cmdline", "r");
	size_t length;

	assert_non_null(file);
	length = fread(out, 1, size, file);
	(void)fclose(file);
	return length;
}

static void test_copy_is_equal(void **state)
{
	char first[] = "one\0two words\0";
	char *argv[] = {first, first + 4, first + 14, NULL};
	char **copy = process_title_take_arguments(3, argv);

	(void)state;
	assert_non_null(copy);
	process_title_set("t");
	assert_string_equal(copy[0], "one");
	assert_string_equal(copy[1], "two words");
	assert_string_equal(copy[2], "");
	assert_null(copy[3]);
	free(copy);
}

static void test_title_is_truncated(void **state)
{
	char text[] = "ab\0c\0behind";
	char *argv[] = {text, text + 3, NULL};

	(void)state;
	free(process_title_take_arguments(2, argv));
	process_title_set("a long title");
	assert_memory_equal(text, "a lo\0behind", sizeof(text));
}

static void test_arguments_elsewhere_stay(void **state)
{
	char text[] = "first\0gap\0second";
	char *argv[] = {text, text + 10, NULL};

	(void)state;
	free(process_title_take_arguments(2, argv));
	process_title_set("title of a process");
	assert_memory_equal(text, "title\0gap\0second", sizeof(text));
}

/* In a child, as the title of this process is lost otherwise. */
static void test_kernel_shows_the_title(void **state)
{
	char shown[512] = "";
	int status;
	pid_t pid;

	(void)state;
	free(process_title_take_arguments(own_argc, own_argv));
	pid = fork();
	if (pid == 0) {
		process_title_set("t-t");
		(void)read_command_line(shown, sizeof(shown) - 1);
		_exit(strcmp(shown, "t-t"));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)read_command_line(shown, sizeof(shown) - 1);
	assert_string_equal(shown, own_argv[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_is_equal),
		cmocka_unit_test(test_title_is_truncated),
		cmocka_unit_test(test_arguments_elsewhere_stay),
		cmocka_unit_test(test_kernel_shows_the_title),
	};

	own_argc = argc;
	own_argv = argv;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
