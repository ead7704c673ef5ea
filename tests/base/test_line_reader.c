/* tests/base/test_line_reader.c - base/line_reader.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/line_reader.h"
#include "tests/base/file_of.h"

#define LIMIT 8u

static const struct line_limits no_limits = {.line_bytes = SIZE_MAX};
static const struct line_limits short_lines = {.line_bytes = LIMIT};

static struct line_reader reader_of(const char *bytes, size_t size,
				    const struct line_limits *limits)
{
	struct line_reader reader;

	assert_int_equal(line_reader_open(&reader, file_of(bytes, size), limits), LINE_OK);
	return reader;
}

/* A reader of a literal, without its NUL. */
#define READER(literal, limits) reader_of(literal, sizeof(literal) - 1, limits)

static void finish(struct line_reader *reader)
{
	int fd = reader->fd;

	line_reader_close(reader);
	line_reader_close(reader);
	assert_int_equal(close(fd), 0); /* it was left open */
}

static void assert_line(struct line_reader *reader, const char *expected)
{
	struct line line;

	assert_int_equal(line_reader_next(reader, &line), LINE_OK);
	assert_int_equal(line.size, strlen(expected));
	assert_string_equal(line.text, expected);
}

static void assert_end(struct line_reader *reader)
{
	struct line line;

	assert_int_equal(line_reader_next(reader, &line), LINE_END);
	assert_int_equal(line_reader_next(reader, &line), LINE_END);
}

static void lines_come_one_at_a_time(void **state)
{
	struct line_reader reader = READER("one\n\ntwo\r\nlast", &no_limits);

	(void)state;
	assert_line(&reader, "one");
	assert_int_equal(reader.number, 1);
	assert_line(&reader, "");
	assert_line(&reader, "two\r");
	assert_line(&reader, "last");
	assert_int_equal(reader.number, 4);
	assert_int_equal(reader.read_bytes, 14);
	assert_end(&reader);
	assert_int_equal(reader.number, 4);
	finish(&reader);
}

static void an_empty_file_has_no_line(void **state)
{
	struct line_reader reader = READER("", &no_limits);

	(void)state;
	assert_end(&reader);
	assert_int_equal(reader.number, 0);
	finish(&reader);
	reader = READER("\n", &no_limits);
	assert_line(&reader, "");
	assert_end(&reader);
	finish(&reader);
}

static void a_line_of_exactly_the_limit_is_returned(void **state)
{
	struct line_reader reader = READER("12345678\n123456789\nabc\n12345678", &short_lines);

	(void)state;
	assert_line(&reader, "12345678");
	assert_int_equal(reader.skipped, 0);
	assert_line(&reader, "abc");
	assert_int_equal(reader.skipped, 1);
	assert_int_equal(reader.number, 3);
	assert_line(&reader, "12345678");
	assert_end(&reader);
	assert_int_equal(reader.skipped, 1);
	finish(&reader);
}

/* Lengths around the limit and the size of the buffer, with and without a newline. */
static void lines_of_every_length_are_whole_or_skipped(void **state)
{
	char text[64];

	(void)state;
	for (size_t size = 1; size < 40; size++) {
		for (size_t newline = 0; newline < 2; newline++) {
			bool fits = size <= LIMIT;
			struct line_reader reader;

			memset(text, 'x', size);
			memcpy(text + size, "\nend\n", 5);
			reader = reader_of(text, newline ? size + 5 : size, &short_lines);
			text[size] = '\0';
			if (fits)
				assert_line(&reader, text);
			if (newline)
				assert_line(&reader, "end");
			assert_end(&reader);
			assert_int_equal(reader.skipped, !fits);
			assert_int_equal(reader.number, 1 + newline);
			finish(&reader);
		}
	}
}

static void memory_is_bounded_by_the_limit(void **state)
{
	size_t size = (size_t)1 << 20;
	char *text = malloc(size);
	struct line_reader reader;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text + size - 5, "\nend\n", 5);
	reader = reader_of(text, size, &short_lines);
	assert_line(&reader, "end");
	assert_int_equal(reader.skipped, 1);
	assert_int_equal(reader.capacity, LIMIT + 1);
	finish(&reader);
	free(text);
}

static void without_a_limit_a_line_can_be_longer_than_the_buffer(void **state)
{
	size_t size = (size_t)3 << 20;
	char *text = malloc(size);
	struct line_reader reader;
	struct line line;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	text[size - 3] = '\n';
	reader = reader_of(text, size, &no_limits);
	assert_int_equal(line_reader_next(&reader, &line), LINE_OK);
	assert_int_equal(line.size, size - 3);
	assert_int_equal(strlen(line.text), size - 3);
	assert_line(&reader, "xx");
	assert_end(&reader);
	assert_int_equal(reader.read_bytes, size);
	finish(&reader);
	free(text);
}

static void lines_with_a_nul_are_kept_or_dropped(void **state)
{
	static const struct line_limits drops = {.line_bytes = LIMIT, .drops_nul = true};
	struct line_reader reader = READER("a\nb\0c\nd\n\0\n\0", &drops);
	struct line line;

	(void)state;
	assert_line(&reader, "a");
	assert_line(&reader, "d");
	assert_int_equal(reader.number, 3);
	assert_end(&reader);
	assert_int_equal(reader.number, 5);
	assert_int_equal(reader.skipped, 0);
	finish(&reader);
	reader = READER("b\0c\n", &short_lines);
	assert_int_equal(line_reader_next(&reader, &line), LINE_OK);
	assert_int_equal(line.size, 3);
	assert_memory_equal(line.text, "b\0c", 4);
	finish(&reader);
}

static void what_follows_the_last_newline_is_kept_or_dropped(void **state)
{
	static const struct line_limits drops = {.line_bytes = LIMIT, .drops_partial = true};
	struct line_reader reader = READER("a\nrest", &drops);

	(void)state;
	assert_line(&reader, "a");
	assert_end(&reader);
	assert_int_equal(reader.number, 1);
	finish(&reader);
	reader = READER("a\nthis rest is too long", &drops);
	assert_line(&reader, "a");
	assert_end(&reader);
	assert_int_equal(reader.number, 1);
	finish(&reader);
}

static void a_file_of_exactly_the_limit_is_read(void **state)
{
	static const struct line_limits limits = {.line_bytes = LIMIT, .file_bytes = 6};
	struct line_reader reader = READER("ab\ncd\n", &limits);
	struct line line;

	(void)state;
	assert_line(&reader, "ab");
	assert_line(&reader, "cd");
	assert_end(&reader);
	finish(&reader);
	reader = READER("ab\ncd\ne", &limits);
	assert_int_equal(line_reader_next(&reader, &line), LINE_LIMIT);
	finish(&reader);
}

/* The limit counts all bytes, also those of lines that are skipped. */
static void the_limit_of_a_file_also_ends_a_line_without_end(void **state)
{
	static const struct line_limits limits = {.line_bytes = LIMIT, .file_bytes = 1000};
	char text[2000];
	struct line_reader reader;
	struct line line;

	(void)state;
	memset(text, 'x', sizeof(text));
	reader = reader_of(text, sizeof(text), &limits);
	assert_int_equal(line_reader_next(&reader, &line), LINE_LIMIT);
	assert_in_range(reader.read_bytes, 1001, 1001 + LIMIT);
	finish(&reader);
}

static void peek_consumes_nothing(void **state)
{
	struct line_reader reader = READER("ab\ncd\n", &no_limits);
	struct line start;

	(void)state;
	assert_int_equal(line_reader_peek(&reader, 4, &start), LINE_OK);
	assert_int_equal(start.size, 4);
	assert_memory_equal(start.text, "ab\nc", 4);
	assert_int_equal(line_reader_peek(&reader, 100, &start), LINE_OK);
	assert_int_equal(start.size, 6);
	assert_memory_equal(start.text, "ab\ncd\n", 6);
	assert_line(&reader, "ab");
	assert_int_equal(line_reader_peek(&reader, 1, &start), LINE_OK);
	assert_int_equal(start.size, 1);
	assert_int_equal(start.text[0], 'c');
	assert_line(&reader, "cd");
	assert_int_equal(line_reader_peek(&reader, 1, &start), LINE_OK);
	assert_int_equal(start.size, 0);
	assert_end(&reader);
	finish(&reader);
}

/* More than the buffer of a reader with a small limit holds. */
static void peek_can_be_longer_than_the_longest_line(void **state)
{
	struct line_reader reader = READER("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", &short_lines);
	struct line start;

	(void)state;
	assert_int_equal(line_reader_peek(&reader, 16, &start), LINE_OK);
	assert_int_equal(start.size, 16);
	for (int expected = 'a'; expected <= 'j'; expected++)
		assert_line(&reader, (char[]){(char)expected, '\0'});
	assert_end(&reader);
	assert_int_equal(reader.skipped, 0);
	finish(&reader);
}

/* A read from a pipe can return any number of bytes; one is the smallest. */
static void tiny_reads_through_a_pipe_make_the_same_lines(void **state)
{
	static const char text[] = "one\n\n123456789\n12345678\nlast";
	struct line_reader reader;
	struct line start;
	int ends[2];
	int result;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		/* O_DIRECT makes each write a separate packet, which one read() returns. */
		for (size_t i = 0; i < sizeof(text) - 1; i++)
			if (write(ends[1], text + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(line_reader_open(&reader, ends[0], &short_lines), LINE_OK);
	assert_int_equal(line_reader_peek(&reader, 4, &start), LINE_OK);
	assert_int_equal(start.size, 4);
	assert_line(&reader, "one");
	assert_line(&reader, "");
	assert_line(&reader, "12345678");
	assert_int_equal(reader.skipped, 1);
	assert_line(&reader, "last");
	assert_int_equal(reader.number, 5);
	assert_end(&reader);
	finish(&reader);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
}

static void an_error_of_read_is_reported_with_errno(void **state)
{
	struct line_reader reader;
	struct line line;
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(line_reader_open(&reader, -1, &no_limits), LINE_OK);
	errno = 0;
	assert_int_equal(line_reader_next(&reader, &line), LINE_IO);
	assert_int_equal(errno, EBADF);
	assert_int_equal(line_reader_peek(&reader, 1, &line), LINE_IO);
	line_reader_close(&reader);
	assert_int_equal(line_reader_open(&reader, fd, &no_limits), LINE_OK);
	assert_int_equal(line_reader_next(&reader, &line), LINE_IO);
	assert_int_equal(errno, EISDIR);
	finish(&reader);
}

static void reading_starts_where_the_file_stands(void **state)
{
	int fd = file_of("skip\nrest\n", 10);
	struct line_reader reader;

	(void)state;
	assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
	assert_int_equal(line_reader_open(&reader, fd, &short_lines), LINE_OK);
	assert_line(&reader, "rest");
	assert_int_equal(reader.number, 1);
	assert_end(&reader);
	finish(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_one_at_a_time),
		cmocka_unit_test(an_empty_file_has_no_line),
		cmocka_unit_test(a_line_of_exactly_the_limit_is_returned),
		cmocka_unit_test(lines_of_every_length_are_whole_or_skipped),
		cmocka_unit_test(memory_is_bounded_by_the_limit),
		cmocka_unit_test(without_a_limit_a_line_can_be_longer_than_the_buffer),
		cmocka_unit_test(lines_with_a_nul_are_kept_or_dropped),
		cmocka_unit_test(what_follows_the_last_newline_is_kept_or_dropped),
		cmocka_unit_test(a_file_of_exactly_the_limit_is_read),
		cmocka_unit_test(the_limit_of_a_file_also_ends_a_line_without_end),
		cmocka_unit_test(peek_consumes_nothing),
		cmocka_unit_test(peek_can_be_longer_than_the_longest_line),
		cmocka_unit_test(tiny_reads_through_a_pipe_make_the_same_lines),
		cmocka_unit_test(an_error_of_read_is_reported_with_errno),
		cmocka_unit_test(reading_starts_where_the_file_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
