/* tests/record/probes/test_function_names.c - record/probes/function_names.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/probes/function_names.h"

/* Reads the names from a file with that text. */
static struct function_names *read_text(const char *text)
{
	char path[] = "/tmp/function-names-XXXXXX";
	struct function_names *names;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	names = function_names_read(path);
	unlink(path);
	return names;
}

static void a_line_is_a_function_and_its_module(void **state)
{
	struct function_names *names = read_text("vfs_read\novl_unlink [overlay]\nlast\t[x]");

	(void)state;
	assert_int_equal(function_names_count(names), 3);
	assert_string_equal(function_names_at(names, 0).name, "vfs_read");
	assert_string_equal(function_names_at(names, 0).module, "");
	assert_string_equal(function_names_at(names, 1).name, "ovl_unlink");
	assert_string_equal(function_names_at(names, 1).module, "overlay");
	assert_string_equal(function_names_at(names, 2).module, "x");
	function_names_free(names);
}

static void a_name_is_found_as_a_whole(void **state)
{
	struct function_names *names = read_text("vfs_read\nvfs_read\novl_unlink [overlay]\n");

	(void)state;
	assert_true(function_names_has(names, "vfs_read"));
	assert_true(function_names_has(names, "ovl_unlink"));
	assert_false(function_names_has(names, "vfs_rea"));
	assert_false(function_names_has(names, "vfs_readv"));
	assert_false(function_names_has(names, "overlay"));
	assert_false(function_names_has(names, ""));
	function_names_free(names);
}

static void tens_of_thousands_are_found(void **state)
{
	struct function_names *names;
	char *text = malloc(50000 * 16), *end = text, name[32];

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 50000; i++)
		end += sprintf(end, "function_%d\n", i);
	names = read_text(text);
	free(text);
	assert_int_equal(function_names_count(names), 50000);
	for (int i = 0; i < 50000; i++) {
		(void)snprintf(name, sizeof(name), "function_%d", i);
		assert_true(function_names_has(names, name));
	}
	function_names_free(names);
}

static void a_list_that_is_not_there_or_empty_has_no_names(void **state)
{
	(void)state;
	assert_null(function_names_read("/nowhere"));
	assert_null(read_text(""));
	function_names_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_function_and_its_module),
		cmocka_unit_test(a_name_is_found_as_a_whole),
		cmocka_unit_test(tens_of_thousands_are_found),
		cmocka_unit_test(a_list_that_is_not_there_or_empty_has_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
