/* tests/text/test_progress.c - text/progress.c */
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "text/progress.h"

static void a_file_receives_nothing(void **state)
{
	FILE *file = tmpfile();
	struct progress progress;

	(void)state;
	assert_non_null(file);
	progress_begin(&progress, file, "diag-x", 100);
	progress.next_ns = 0;
	progress_update(&progress, 50, 7);
	progress_end(&progress);
	assert_int_equal(ftell(file), 0);
	fclose(file);
}

static void open_terminal(int *ret_master, FILE **ret_terminal)
{
	int slave;

	assert_int_equal(openpty(ret_master, &slave, NULL, NULL, NULL), 0);
	*ret_terminal = fdopen(slave, "w");
	assert_non_null(*ret_terminal);
}

static void a_terminal_sees_a_line_after_the_first_second_that_is_cleared_at_the_end(void **state)
{
	struct progress progress;
	char seen[256] = "";
	FILE *terminal;
	int master;

	(void)state;
	open_terminal(&master, &terminal);
	progress_begin(&progress, terminal, "diag-x", 100);
	assert_int_equal(progress.next_ns - progress.start_ns, 1000000000);
	progress.next_ns = UINT64_MAX;
	progress_update(&progress, 10, 1);
	assert_false(progress.drawn);
	progress.next_ns = progress.start_ns;
	progress_update(&progress, 50, 7);
	assert_true(progress.drawn);
	progress_end(&progress);
	assert_true(read(master, seen, sizeof(seen) - 1) > 0);
	assert_memory_equal(seen, "\rdiag-x: 50 B of 100 B (50 %), 7 items, ", 40);
	fclose(terminal);
	close(master);
}

static void the_line_has_the_time_left_if_the_total_is_known(void **state)
{
	struct progress progress = {.total_bytes = 4 << 20};
	char line[PROGRESS_LINE_MAX];

	(void)state;
	progress_describe(&progress, UINT64_C(2000000000), 1 << 20, 3400000, line);
	assert_string_equal(line, "1.0 MiB of 4.0 MiB (25 %), 3.4 M items, 6.0 s left");
	progress.total_bytes = 0;
	progress_describe(&progress, UINT64_C(2000000000), 1 << 20, 12, line);
	assert_string_equal(line, "1.0 MiB, 12 items");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_receives_nothing),
		cmocka_unit_test(
			a_terminal_sees_a_line_after_the_first_second_that_is_cleared_at_the_end),
		cmocka_unit_test(the_line_has_the_time_left_if_the_total_is_known),
	};

	return cmocka_run_group_tests_name("text/progress", tests, NULL, NULL);
}
