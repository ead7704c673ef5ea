/* tests/flame/input/test_input_line.c - flame/input/input_line.c: line ends and the byte order mark
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flame/input/input_line.h"
#include "tests/base/file_of.h"

static void assert_line(struct line_reader *reader, const char *expected)
{
	struct input_line line;

	assert_int_equal(input_line_next(reader, &line), FLAME_OK);
	assert_int_equal(line.size, strlen(expected));
	assert_memory_equal(line.text, expected, line.size);
}

static void assert_end(struct line_reader *reader)
{
	struct input_line line;

	assert_int_equal(input_line_next(reader, &line), FLAME_EMPTY);
}

static void every_kind_of_line_end_ends_a_line(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "one\ntwo\r\n\nno\rend\n\xef\xbb\xbflast";
	int fd = file_of(text, sizeof(text) - 1);
	struct line_reader reader;

	(void)state;
	assert_int_equal(input_line_open(&reader, fd), FLAME_OK);
	assert_line(&reader, "one");
	assert_line(&reader, "two");
	assert_line(&reader, "");
	assert_line(&reader, "no\rend");
	assert_line(&reader, "\xef\xbb\xbflast");
	assert_int_equal(reader.number, 5);
	assert_end(&reader);
	assert_end(&reader);
	line_reader_close(&reader);
	close(fd);
}

static void peeking_takes_nothing_away(void **state)
{
	int fd = file_of("a\nb\n", 4);
	struct line_reader reader;
	struct input_line start;

	(void)state;
	assert_int_equal(input_line_open(&reader, fd), FLAME_OK);
	assert_int_equal(input_line_peek(&reader, 64 << 10, &start), FLAME_OK);
	assert_int_equal(start.size, 4);
	assert_line(&reader, "a");
	assert_line(&reader, "b");
	assert_end(&reader);
	line_reader_close(&reader);
	close(fd);
}

static void a_line_longer_than_the_buffer_is_whole(void **state)
{
	size_t size = (size_t)3 << 20;
	char *text = malloc(size);
	struct line_reader reader;
	struct input_line line;
	int fd;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	text[size - 3] = '\n';
	fd = file_of(text, size);
	assert_int_equal(input_line_open(&reader, fd), FLAME_OK);
	assert_int_equal(input_line_next(&reader, &line), FLAME_OK);
	assert_int_equal(line.size, size - 3);
	assert_line(&reader, "xx");
	assert_end(&reader);
	assert_int_equal(reader.read_bytes, size);
	line_reader_close(&reader);
	close(fd);
	free(text);
}

static void a_file_that_cannot_be_read_is_reported(void **state)
{
	struct line_reader reader;
	struct input_line line;

	(void)state;
	assert_int_equal(input_line_open(&reader, -1), FLAME_OK);
	assert_int_equal(input_line_next(&reader, &line), FLAME_IO);
	line_reader_close(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_line_end_ends_a_line),
		cmocka_unit_test(peeking_takes_nothing_away),
		cmocka_unit_test(a_line_longer_than_the_buffer_is_whole),
		cmocka_unit_test(a_file_that_cannot_be_read_is_reported),
	};

	return cmocka_run_group_tests_name("flame/input_line", tests, NULL, NULL);
}
