/* tests/record/kernel/test_tracefs.c - record/kernel/tracefs.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "record/kernel/tracefs.h"

/* Depends on the machine and the user. */
static void a_readable_directory_is_found_or_the_reason_is_reported(void **state)
{
	struct problem problem = {""};
	const char *place = tracefs_find(&problem);
	char path[PATH_MAX];

	(void)state;
	if (!place) {
		assert_non_null(strstr(problem.text, "/sys/kernel/"));
		assert_non_null(strstr(problem.text, ": "));
		return;
	}
	assert_string_equal(problem.text, "");
	(void)snprintf(path, sizeof(path), "%s/events/sched/sched_process_exit/format", place);
	assert_int_equal(access(path, F_OK), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_readable_directory_is_found_or_the_reason_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
