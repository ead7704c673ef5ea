/* tests/analyze/program/test_sandbox.c - restrictions of a process in the sandbox */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyze/program/sandbox.h"

/* Runs a function in a child that has entered the sandbox. Returns its result. */
static int section_locked_in(int (*function)(const struct sandbox *sandbox))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct sandbox sandbox = sandbox_enter();

		_exit(function(&sandbox));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int is_in_force(const struct sandbox *sandbox)
{
	return sandbox->no_new_privileges && sandbox->system_calls && sandbox->no_capabilities &&
	       sandbox->not_root;
}

static int is_open(int fd)
{
	return fd >= 0 && close(fd) == 0;
}

static int try_to_escape(const struct sandbox *sandbox)
{
	pid_t child = fork();

	(void)sandbox;
	if (child == 0)
		_exit(0);
	return child > 0 || is_open(open("/etc/passwd", O_RDONLY | O_CLOEXEC)) ||
	       is_open(socket(AF_INET, SOCK_STREAM, 0)) || setuid(0) == 0;
}

static int do_what_analysers_do(const struct sandbox *sandbox)
{
	char *large = malloc(64u << 20);
	time_t now = 1748779200;
	struct tm fields;
	char byte;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!large || !out || !localtime_r(&now, &fields))
		return 1;
	memset(large, 1, 64u << 20);
	free(large);
	sandbox_describe(sandbox, out);
	if (fclose(out) != 0 || size == 0)
		return 2;
	free(text);
	if (pread(STDIN_FILENO, &byte, 1, 0) < 0)
		return 3;
	return write(STDOUT_FILENO, "", 0) < 0 ? 4 : 0;
}

static void every_layer_is_in_force(void **state)
{
	(void)state;
	assert_int_equal(section_locked_in(is_in_force), 1);
}

static void nothing_can_be_opened_created_or_regained(void **state)
{
	(void)state;
	assert_int_equal(section_locked_in(try_to_escape), 0);
}

static void memory_time_and_open_files_can_still_be_used(void **state)
{
	int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(dup2(file, STDIN_FILENO), STDIN_FILENO);
	close(file);
	assert_int_equal(section_locked_in(do_what_analysers_do), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layer_is_in_force),
		cmocka_unit_test(nothing_can_be_opened_created_or_regained),
		cmocka_unit_test(memory_time_and_open_files_can_still_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
