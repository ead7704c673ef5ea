/* tests/analyze/fold/test_fold_options.c - analyze/fold/fold_options.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyze/fold/fold.h"
#include <dz/schema.h>

static void parse(char *first, char *second, struct fold_request *request)
{
	char program[] = "test";
	char *argv[] = {program, first, second, NULL};

	*request = (struct fold_request){.shape.unit = FOLD_EVENTS};
	argp_parse(&fold_argp, second ? 3 : first ? 2 : 1, argv, ARGP_NO_HELP, NULL, request);
}

static void without_options_a_request_has_the_defaults(void **state)
{
	struct fold_request request;

	(void)state;
	parse(NULL, NULL, &request);
	assert_int_equal(request.shape.root_count, 0);
	assert_false(request.shape.no_roots);
	assert_int_equal(request.shape.unit, FOLD_EVENTS);
	fold_request_release(&request);
}

static void roots_are_a_list_or_none(void **state)
{
	char list[] = "--roots=cgroup,ancestors,comm";
	char none[] = "--roots=none";
	struct fold_request request;

	(void)state;
	parse(list, NULL, &request);
	assert_int_equal(request.shape.root_count, 3);
	assert_string_equal(request.shape.roots[1], "ancestors");
	parse(none, NULL, &request);
	assert_true(request.shape.no_roots);
	fold_request_release(&request);
}

static void weight_parts_and_selection_are_understood_together(void **state)
{
	char weight[] = "--weight=time";
	char kernel[] = "--no-kernel";
	char kind[] = "-eexit";
	struct fold_request request;

	(void)state;
	parse(weight, kernel, &request);
	assert_int_equal(request.shape.unit, FOLD_NANOSECONDS);
	assert_true(request.shape.no_kernel);
	assert_false(request.shape.no_user);
	parse(kind, NULL, &request);
	assert_int_equal(request.selection.kinds, UINT64_C(1) << DZ_KIND_EXIT);
	fold_request_release(&request);
}

/* argp_error() ends the program. */
static int status_of(const char *option, const char *second)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct fold_request request;
		char copy[64], other[64];

		fclose(stderr);
		snprintf(copy, sizeof(copy), "%s", option);
		snprintf(other, sizeof(other), "%s", second ? second : "");
		argp_err_exit_status = 2;
		parse(copy, second ? other : NULL, &request);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void wrong_values_end_the_program_with_status_2(void **state)
{
	(void)state;
	assert_int_equal(status_of("--roots=", NULL), 2);
	assert_int_equal(status_of("--roots=comm,,pid", NULL), 2);
	assert_int_equal(status_of("--roots=pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid", NULL),
			 0);
	assert_int_equal(status_of("--weight=bytes", NULL), 2);
	/* Waits have no time on a CPU. */
	assert_int_equal(status_of("--weight=on-cpu", "-erunq"), 2);
	assert_int_equal(status_of("--weight=off-cpu", "-ecpu"), 2);
	assert_int_equal(status_of("--weight=off-cpu", "-erunq"), 0);
	assert_int_equal(status_of("--weight=on-cpu", "-ecpu,runq"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_a_request_has_the_defaults),
		cmocka_unit_test(roots_are_a_list_or_none),
		cmocka_unit_test(weight_parts_and_selection_are_understood_together),
		cmocka_unit_test(wrong_values_end_the_program_with_status_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
