/* tests/analyze/program/test_program.c - functions shared by the programs that read traces */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyze/program/program.h"

static void silence_errors(void)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	assert_int_equal(dup2(nowhere, STDERR_FILENO), STDERR_FILENO);
	close(nowhere);
}

/* Runs a function in a child with its messages discarded. Returns its exit status. */
static int section_in_child(int (*function)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		silence_errors();
		_exit(function());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int open_what_is_no_file(void)
{
	char pipe_path[] = "/tmp/diag-test-pipe-XXXXXX";
	int fd;

	if (program_open_input("test", "/tmp") >= 0 ||
	    program_open_input("test", "/dev/zero") >= 0 ||
	    program_open_input("test", "/nonexistent") >= 0)
		return 1;
	/* No process writes into it, and opening it must not wait. */
	fd = mkstemp(pipe_path);
	if (fd < 0 || close(fd) != 0 || unlink(pipe_path) != 0 || mkfifo(pipe_path, 0600) != 0)
		return 2;
	fd = program_open_input("test", pipe_path);
	unlink(pipe_path);
	return fd >= 0 ? 3 : 0;
}

static void only_regular_files_are_opened(void **state)
{
	int fd = program_open_input("test", "/etc/passwd");

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(section_in_child(open_what_is_no_file), 0);
}

static int open_with_output_closed(void)
{
	char name[] = "name";
	char *argv[] = {NULL, NULL};
	int fd;

	close(STDOUT_FILENO);
	program_begin(name, argv);
	fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	close(fd);
	if (fd == STDOUT_FILENO || argv[0] != name)
		return 1;
	return write(STDOUT_FILENO, "x", 1) == 1 ? 2 : 0;
}

static void an_input_never_becomes_standard_output(void **state)
{
	(void)state;
	assert_int_equal(section_in_child(open_with_output_closed), 0);
}

static int write_to_full_disk(void)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (dup2(full, STDOUT_FILENO) != STDOUT_FILENO)
		return 2;
	printf("text");
	return program_close_output("test") ? 1 : 0;
}

static void a_full_disk_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(section_in_child(write_to_full_disk), 0);
}

static const struct input_problem problems[] = {
	{.path = "a", .what = "cut", .size_bytes = 1},
	{.path = "b", .what = "foreign", .failure = true},
	{.path = "c", .what = "cut", .size_bytes = 1},
};

static const struct input_problem *next(const void *context, size_t number)
{
	const size_t *count = context;

	return number < *count ? &problems[number % 3] : NULL;
}

static int status_of_problems(size_t count)
{
	return (int)program_print_problems("test", &count, next);
}

static int status_of_one(void)
{
	return status_of_problems(1);
}

static int status_of_three(void)
{
	return status_of_problems(3);
}

static int status_of_many(void)
{
	return status_of_problems(1000);
}

static void a_failure_counts_more_than_damage(void **state)
{
	(void)state;
	assert_int_equal(status_of_problems(0), PROGRAM_OK);
	assert_int_equal(section_in_child(status_of_one), PROGRAM_INCOMPLETE);
	assert_int_equal(section_in_child(status_of_three), PROGRAM_FAILURE);
	assert_int_equal(section_in_child(status_of_many), PROGRAM_FAILURE);
}

static void colour_is_for_terminals(void **state)
{
	FILE *file = fopen("/dev/null", "w");

	(void)state;
	assert_false(program_wants_colour(file));
	fclose(file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_regular_files_are_opened),
		cmocka_unit_test(an_input_never_becomes_standard_output),
		cmocka_unit_test(a_full_disk_is_noticed),
		cmocka_unit_test(a_failure_counts_more_than_damage),
		cmocka_unit_test(colour_is_for_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
