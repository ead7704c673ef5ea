/* tests/analyze/program/test_operands.c - analyze/program/operands.c and file_opener.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/program/operands.h"

#define FILES 100u

static char folder[] = "/tmp/operands-XXXXXX";

/* Makes FILES files that hold their number, and one with another name. */
static int make_folder(void **state)
{
	char path[64];
	int fd;

	(void)state;
	if (!mkdtemp(folder) || chdir(folder) < 0 || mkdir("traces", 0700) < 0)
		return -1;
	for (unsigned int i = 0; i < FILES; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "traces/%03u.dz", i);
		file = fopen(path, "w");
		if (!file || fprintf(file, "%03u", i) != 3 || fclose(file) != 0)
			return -1;
	}
	fd = creat("traces/notes.txt", 0600);
	return fd < 0 || close(fd) != 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
	char path[64];

	(void)state;
	for (unsigned int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "traces/%03u.dz", i);
		unlink(path);
	}
	unlink("traces/notes.txt");
	unlink("list");
	unlink("input");
	rmdir("traces");
	return rmdir(folder);
}

struct added {
	const char *paths[2 * FILES];
	int fds[2 * FILES];
	size_t count;
};

static bool add(void *context, const char *path, int fd)
{
	struct added *added = context;

	added->paths[added->count] = path;
	added->fds[added->count++] = fd;
	return true;
}

/* Checks that a file holds a number, and closes it. */
static void expect_number(int fd, unsigned int number)
{
	char expected[8], text[4] = "";

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, text, 3, 0), 3);
	snprintf(expected, sizeof(expected), "%03u", number);
	assert_string_equal(text, expected);
	close(fd);
}

static void a_directory_stands_for_its_traces(void **state)
{
	struct operands operands = {.paths = NULL};

	(void)state;
	assert_true(operands_add(&operands, "test", "traces"));
	assert_int_equal(operands.count, FILES);
	assert_string_equal(operands.paths[0], "traces/000.dz");
	assert_string_equal(operands.paths[FILES - 1], "traces/099.dz");
	assert_true(operands_add(&operands, "test", "traces/notes.txt"));
	assert_int_equal(operands.count, FILES + 1);
	operands_release(&operands);
	assert_false(operands_add(&operands, "test", "/proc/self/fdinfo"));
	operands_release(&operands);
}

static void many_files_are_opened_again_by_number(void **state)
{
	struct operands operands = {.paths = NULL};
	struct added added = {.count = 0};

	(void)state;
	assert_true(operands_add(&operands, "test", "traces"));
	assert_true(operands_open_all(&operands, "test", add, &added));
	assert_int_equal(added.count, FILES);
	for (size_t i = 0; i < FILES; i++)
		assert_int_equal(added.fds[i], -1);
	expect_number(operands_open(&operands, 7), 7);
	expect_number(operands_open(&operands, 99), 99);
	assert_int_equal(unlink("traces/005.dz"), 0);
	assert_int_equal(operands_open(&operands, 5), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(mkdir("traces/005.dz", 0700), 0);
	assert_int_equal(operands_open(&operands, 5), -1);
	assert_int_equal(errno, ESTALE);
	assert_int_equal(rmdir("traces/005.dz"), 0);
	expect_number(operands_open(&operands, 7), 7);
	assert_int_equal(operands_open(&operands, FILES), -1); /* ends the opener */
	assert_int_equal(operands_open(&operands, 7), -1);
	operands_release(&operands);
}

static void a_list_names_files_and_directories(void **state)
{
	struct operands operands = {.paths = NULL};
	struct added added = {.count = 0};
	FILE *list = fopen("list", "w");

	(void)state;
	assert_non_null(list);
	fputs("traces/001.dz\n\ntraces/002.dz", list);
	fclose(list);
	assert_true(operands_add_list(&operands, "test", "list"));
	assert_int_equal(operands.count, 2);
	assert_true(operands_open_all(&operands, "test", add, &added));
	assert_int_equal(added.count, 2);
	assert_string_equal(added.paths[1], "traces/002.dz");
	expect_number(added.fds[0], 1);
	expect_number(added.fds[1], 2);
	operands_release(&operands);
	assert_false(operands_add_list(&operands, "test", "nowhere"));
	operands_release(&operands);
}

static void standard_input_is_copied_unless_it_is_a_file(void **state)
{
	struct added added = {.count = 0};
	int pipe_fds[2], input = dup(STDIN_FILENO);

	(void)state;
	for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
		struct operands operands = {.paths = NULL};

		if (is_pipe) {
			assert_int_equal(pipe(pipe_fds), 0);
			assert_int_equal(write(pipe_fds[1], "042", 3), 3);
			close(pipe_fds[1]);
		} else {
			pipe_fds[0] = open("traces/042.dz", O_RDONLY);
		}
		dup2(pipe_fds[0], STDIN_FILENO);
		close(pipe_fds[0]);
		added.count = 0;
		assert_true(operands_add(&operands, "test", "-"));
		assert_true(operands_open_all(&operands, "test", add, &added));
		assert_string_equal(added.paths[0], "standard input");
		expect_number(added.fds[0], 42);
		operands_release(&operands);
	}
	dup2(input, STDIN_FILENO);
	close(input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_directory_stands_for_its_traces),
		cmocka_unit_test(a_list_names_files_and_directories),
		cmocka_unit_test(standard_input_is_copied_unless_it_is_a_file),
		cmocka_unit_test(many_files_are_opened_again_by_number),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
