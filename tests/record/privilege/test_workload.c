/* tests/record/privilege/test_workload.c - record/privilege/workload.c */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/privilege/workload.h"
#include "tests/record/directory.h"

/* Long enough for a busy machine. */
#define LONG_NS UINT64_C(20000000000)

static void start(const char *script, struct workload *ret_workload)
{
	char shell[] = "/bin/sh", option[] = "-c", text[64];
	char *arguments[] = {shell, option, text, NULL};
	struct problem problem = {""};

	assert_true(strlen(script) < sizeof(text));
	memcpy(text, script, strlen(script) + 1);
	assert_true(workload_start(arguments, ret_workload, &problem));
}

static void wait_for(struct workload *workload)
{
	while (!workload_has_ended(workload))
		(void)usleep(1000);
}

static void a_command_does_nothing_before_it_is_released(void **state)
{
	struct workload workload;
	struct problem problem = {""};

	(void)state;
	start("touch started; exit 3", &workload);
	(void)usleep(50000);
	assert_int_equal(access("started", F_OK), -1);
	assert_true(workload_release(&workload, "sh", &problem));
	wait_for(&workload);
	assert_int_equal(access("started", F_OK), 0);
	(void)workload_finish(&workload, LONG_NS);
	assert_int_equal(workload_exit_status(&workload), 3);
}

static void a_command_that_is_never_released_ends(void **state)
{
	struct workload workload;

	(void)state;
	start("touch started", &workload);
	(void)workload_finish(&workload, LONG_NS);
	assert_true(workload.ended);
	assert_int_equal(access("started", F_OK), -1);
}

static void a_command_that_ended_before_its_release_is_reported(void **state)
{
	struct workload workload;
	struct problem problem = {""};

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	start("true", &workload);
	assert_int_equal(kill(workload.pid, SIGKILL), 0);
	wait_for(&workload);
	assert_false(workload_release(&workload, "true", &problem));
	assert_string_equal(problem.text, "true: cannot execute: Broken pipe");
	(void)workload_finish(&workload, LONG_NS);
}

static void a_command_that_cannot_be_executed_is_reported(void **state)
{
	char name[] = "/no/such/program";
	char *arguments[] = {name, NULL};
	struct workload workload;
	struct problem problem = {""};

	(void)state;
	assert_true(workload_start(arguments, &workload, &problem));
	assert_false(workload_release(&workload, name, &problem));
	assert_string_equal(problem.text,
			    "/no/such/program: cannot execute: No such file or directory");
	(void)workload_finish(&workload, LONG_NS);
	assert_int_equal(workload_exit_status(&workload), 127);
}

static void a_command_that_outlives_the_recording_gets_sigterm(void **state)
{
	struct workload workload;
	struct problem problem = {""};

	(void)state;
	start("exec sleep 60", &workload);
	assert_true(workload_release(&workload, "sh", &problem));
	assert_false(workload_has_ended(&workload));
	(void)workload_finish(&workload, LONG_NS);
	assert_int_equal(workload_exit_status(&workload), 128 + SIGTERM);
}

static void a_command_that_ignores_sigterm_is_killed(void **state)
{
	struct workload workload;
	struct problem problem = {""};

	(void)state;
	start("trap '' TERM; touch ignores; while :; do sleep 0.1; done", &workload);
	assert_true(workload_release(&workload, "sh", &problem));
	while (access("ignores", F_OK) != 0)
		(void)usleep(1000);
	assert_int_equal(workload_finish(&workload, 1000000), WORKLOAD_KILLED);
	assert_int_equal(workload_exit_status(&workload), 128 + SIGKILL);
}

static void no_command_needs_no_end(void **state)
{
	struct workload workload = {0};

	(void)state;
	assert_false(workload_has_ended(&workload));
	(void)workload_finish(&workload, LONG_NS);
	assert_int_equal(workload_exit_status(&workload), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, directory_enter, directory_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_that_ended_before_its_release_is_reported),
		TEST(a_command_does_nothing_before_it_is_released),
		TEST(a_command_that_is_never_released_ends),
		TEST(a_command_that_cannot_be_executed_is_reported),
		TEST(a_command_that_outlives_the_recording_gets_sigterm),
		TEST(a_command_that_ignores_sigterm_is_killed),
		TEST(no_command_needs_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
