/* tests/base/test_program_path.c - base/program_path.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/program_path.h"

static char directory[] = "/tmp/program_path.XXXXXX";

static void make(const char *name, mode_t mode)
{
	int fd = open(name, O_CREAT | O_WRONLY, mode);

	assert_true(fd >= 0);
	close(fd);
}

/* Two directories below the current one: the first has a file that cannot be executed. */
static int make_directories(void **state)
{
	(void)state;
	if (!mkdtemp(directory) || chdir(directory) != 0 || mkdir("first", 0700) != 0 ||
	    mkdir("second", 0700) != 0)
		return -1;
	make("first/tool", 0600);
	make("second/tool", 0700);
	make("second/other", 0700);
	make("here", 0700);
	return 0;
}

static int remove_directories(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		static const char *const files[] = {"first/tool", "second/tool", "second/other",
						    "here"};

		(void)unlink(files[i]);
	}
	return rmdir("first") || rmdir("second") || rmdir(directory);
}

static void the_first_that_can_be_executed_is_found(void **state)
{
	char path[PATH_MAX];

	(void)state;
	setenv("PATH", "first:absent:second", 1);
	assert_true(program_path_find("tool", path));
	assert_string_equal(path, "second/tool");
	assert_true(program_path_find("other", path));
	assert_string_equal(path, "second/other");
	assert_false(program_path_find("here", path));
}

static void an_empty_directory_is_the_current_one(void **state)
{
	char path[PATH_MAX];

	(void)state;
	setenv("PATH", "first::second", 1);
	assert_true(program_path_find("here", path));
	assert_string_equal(path, "./here");
}

static void without_a_path_nothing_is_found(void **state)
{
	char path[PATH_MAX];

	(void)state;
	setenv("PATH", "", 1);
	assert_false(program_path_find("here", path));
	unsetenv("PATH");
	assert_false(program_path_find("here", path));
}

static void a_name_that_is_too_long_is_not_found(void **state)
{
	static char name[PATH_MAX + 1];
	char path[PATH_MAX];

	(void)state;
	memset(name, 'a', PATH_MAX);
	setenv("PATH", "second", 1);
	assert_false(program_path_find(name, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_can_be_executed_is_found),
		cmocka_unit_test(an_empty_directory_is_the_current_one),
		cmocka_unit_test(without_a_path_nothing_is_found),
		cmocka_unit_test(a_name_that_is_too_long_is_not_found),
	};

	return cmocka_run_group_tests(tests, make_directories, remove_directories);
}
