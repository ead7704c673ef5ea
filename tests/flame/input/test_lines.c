/* tests/flame/input/test_lines.c - flame/input/lines.c: lines of any length from any file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flame/input/lines.h"

/* A file with that content, at its start. */
static int file_of(const char *bytes, size_t size)
{
	char path[] = "/tmp/diag-lines-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void assert_line(struct lines *lines, const char *expected)
{
	struct line line;

	assert_int_equal(lines_next(lines, &line), FLAME_OK);
	assert_int_equal(line.size, strlen(expected));
	assert_memory_equal(line.text, expected, line.size);
}

static void assert_end(struct lines *lines)
{
	struct line line;

	assert_int_equal(lines_next(lines, &line), FLAME_EMPTY);
}

static void every_kind_of_line_end_ends_a_line(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "one\ntwo\r\n\nno\rend\nlast";
	int fd = file_of(text, sizeof(text) - 1);
	struct lines lines;

	(void)state;
	assert_int_equal(lines_open(&lines, fd), FLAME_OK);
	assert_line(&lines, "one");
	assert_line(&lines, "two");
	assert_line(&lines, "");
	assert_line(&lines, "no\rend");
	assert_line(&lines, "last");
	assert_int_equal(lines.number, 5);
	assert_end(&lines);
	assert_end(&lines);
	lines_close(&lines);
	close(fd);
}

static void peeking_takes_nothing_away(void **state)
{
	int fd = file_of("a\nb\n", 4);
	struct lines lines;
	struct line start;

	(void)state;
	assert_int_equal(lines_open(&lines, fd), FLAME_OK);
	assert_int_equal(lines_peek(&lines, &start), FLAME_OK);
	assert_int_equal(start.size, 4);
	assert_line(&lines, "a");
	assert_line(&lines, "b");
	assert_end(&lines);
	lines_close(&lines);
	close(fd);
}

static void a_line_longer_than_the_buffer_is_whole(void **state)
{
	size_t size = (size_t)3 << 20;
	char *text = malloc(size);
	struct lines lines;
	struct line line;
	int fd;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	text[size - 3] = '\n';
	fd = file_of(text, size);
	assert_int_equal(lines_open(&lines, fd), FLAME_OK);
	assert_int_equal(lines_next(&lines, &line), FLAME_OK);
	assert_int_equal(line.size, size - 3);
	assert_line(&lines, "xx");
	assert_end(&lines);
	assert_int_equal(lines.read_bytes, size);
	lines_close(&lines);
	close(fd);
	free(text);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
	struct lines lines;
	struct line line;

	(void)state;
	assert_int_equal(lines_open(&lines, -1), FLAME_OK);
	assert_int_equal(lines_next(&lines, &line), FLAME_IO);
	lines_close(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_line_end_ends_a_line),
		cmocka_unit_test(peeking_takes_nothing_away),
		cmocka_unit_test(a_line_longer_than_the_buffer_is_whole),
		cmocka_unit_test(a_file_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests_name("flame/lines", tests, NULL, NULL);
}
