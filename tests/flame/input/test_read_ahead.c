/* tests/flame/input/test_read_ahead.c - flame/input/read_ahead.c: the same stacks as without it */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buffer.h"
#include "flame/input/read_ahead.h"
#include "tests/base/file_of.h"

#define NO_LIMIT    UINT64_MAX
#define NUMBERS_MAX 65536u

/* Writes down every stack, and refuses one of them. */
struct record {
	struct buffer text;
	uint64_t left;     /* stacks until then */
	uint64_t numbered; /* frames with a number */
};

/* The first frame with each number; the thread owns its text. */
static struct frame first_frames[NUMBERS_MAX + 1];

static void write_down(struct buffer *text, const char *bytes, size_t size)
{
	buffer_put(text, bytes, size);
	buffer_put(text, ";", 1);
}

/* Frames with one number must be alike. */
static void check_number(struct record *record, const struct frame *frame)
{
	struct frame *first = &first_frames[frame->number];

	if (frame->number == 0)
		return;
	assert_true(frame->number <= NUMBERS_MAX);
	record->numbered++;
	if (!first->name)
		*first = *frame;
	assert_int_equal(first->size, frame->size);
	assert_int_equal(first->type, frame->type);
	/* The text of a number is stored once. */
	assert_ptr_equal(first->name, frame->name);
}

static enum flame_status take(void *context, const struct stack *stack)
{
	struct record *record = context;
	char number[64];
	int size = snprintf(number, sizeof(number), "%d %llu %u", (int)stack->side,
			    (unsigned long long)stack->weight, stack->decimals);

	if (record->left-- == 0)
		return FLAME_OVERFLOW;
	for (size_t i = 0; i < stack->count; i++) {
		check_number(record, &stack->frames[i]);
		write_down(&record->text, stack->frames[i].name, stack->frames[i].size);
	}
	if (stack->origin)
		write_down(&record->text, stack->origin->comm, stack->origin->comm_size);
	write_down(&record->text, number, (size_t)size);
	return FLAME_OK;
}

/* Reads the descriptor, decompressed, with or without the thread. Sets *ret_problem to that of the
 * source. */
static enum flame_status read_file(struct read_ahead *ahead, int fd, struct record *record,
				   struct input_report *report, const char **ret_problem)
{
	const struct stack_sink sink = {.context = record, .stack = take};
	const struct input_options options = {.format = INPUT_DETECT};
	struct input_source *source = input_source_new(fd);
	struct line_reader lines;
	enum flame_status status;

	assert_non_null(source);
	assert_int_equal(input_line_open_source(&lines, source), FLAME_OK);
	memset(report, 0, sizeof(*report));
	errno = 0;
	status = ahead ? read_ahead_input(ahead, &lines, &options, &sink, report)
		       : input_read(&lines, &options, &sink, report);
	*ret_problem = input_source_problem(source);
	line_reader_close(&lines);
	input_source_free(source);
	return status;
}

static enum flame_status read_text(struct read_ahead *ahead, const struct buffer *text,
				   struct record *record, struct input_report *report)
{
	int fd = file_of((const char *)text->data, text->size);
	const char *problem;
	enum flame_status status = read_file(ahead, fd, record, report, &problem);

	close(fd);
	return status;
}

static void assert_same(struct read_ahead *ahead, const struct buffer *text, uint64_t limit)
{
	struct record expected = {.left = limit};
	struct record found = {.left = limit};
	struct input_report expected_report;
	struct input_report report;
	enum flame_status status = read_text(NULL, text, &expected, &expected_report);

	assert_int_equal(read_text(ahead, text, &found, &report), status);
	assert_int_equal(found.text.size, expected.text.size);
	if (found.text.size > 0)
		assert_memory_equal(found.text.data, expected.text.data, found.text.size);
	assert_int_equal(report.lines, expected_report.lines);
	assert_int_equal(report.bad_lines, expected_report.bad_lines);
	assert_int_equal(report.ignored_lines, expected_report.ignored_lines);
	for (size_t i = 0; i < INPUT_COMPLAINTS_MAX; i++) {
		assert_int_equal(report.complaints[i].line, expected_report.complaints[i].line);
		assert_ptr_equal(report.complaints[i].reason, expected_report.complaints[i].reason);
	}
	if (status == FLAME_OK)
		assert_memory_equal(&report, &expected_report, sizeof(report));
	buffer_release(&found.text);
	buffer_release(&expected.text);
}

/* Folded lines of growing sizes; each eleventh has no count. */
static void put_folded(struct buffer *text, unsigned lines)
{
	for (unsigned i = 0; i < lines; i++) {
		for (unsigned depth = 0; depth <= i % 40; depth++) {
			char name[64];
			int size = snprintf(name, sizeof(name), "name_%u_%0*u;", depth,
					    (int)(i % 23), i % 7);

			buffer_put(text, name, (size_t)size);
		}
		buffer_put(text, i % 11 == 10 ? "end\n" : "end 7\n", i % 11 == 10 ? 4 : 6);
	}
}

/* One line with this number of frames of this size. */
static void put_large(struct buffer *text, size_t frames, size_t size)
{
	for (size_t i = 0; i < frames; i++) {
		char *name = (char *)buffer_extend(text, size + 1);

		assert_non_null(name);
		memset(name, 'a' + (int)(i % 26), size);
		name[size] = ';';
	}
	buffer_put(text, "leaf 3\n", 7);
}

static struct read_ahead *start(void)
{
	struct read_ahead *ahead = read_ahead_start();

	assert_non_null(ahead);
	memset(first_frames, 0, sizeof(first_frames));
	return ahead;
}

static void every_stack_comes_in_order(void **state)
{
	struct read_ahead *ahead = start();

	(void)state;
	for (unsigned lines = 0; lines < 20000; lines = lines * 3 + 1) {
		struct buffer text = {0};

		put_folded(&text, lines);
		assert_same(ahead, &text, NO_LIMIT);
		buffer_release(&text);
	}
	read_ahead_end(ahead);
}

static void a_stack_can_be_larger_than_a_batch(void **state)
{
	struct read_ahead *ahead = start();
	struct buffer text = {0};

	(void)state;
	put_folded(&text, 100);
	put_large(&text, 3, 200000);
	put_folded(&text, 100);
	put_large(&text, 30000, 1);
	put_large(&text, 30000, 1);
	put_folded(&text, 100);
	put_large(&text, 1, 262144 - 4);
	put_large(&text, 8191, 1);
	put_large(&text, 8192, 1);
	put_large(&text, 16383, 1);
	put_large(&text, 16384, 1);
	put_large(&text, 250, 1030);
	put_large(&text, 256, 1030);
	assert_same(ahead, &text, NO_LIMIT);
	buffer_release(&text);
	read_ahead_end(ahead);
}

static void a_failure_is_of_the_same_line(void **state)
{
	struct read_ahead *ahead = start();
	struct buffer text = {0};

	(void)state;
	put_folded(&text, 7000);
	put_large(&text, 3, 200000);
	put_folded(&text, 7000);
	for (uint64_t limit = 0; limit < 13000; limit = limit * 2 + 1)
		assert_same(ahead, &text, limit);
	assert_same(ahead, &text, 6364);
	assert_same(ahead, &text, NO_LIMIT);
	buffer_release(&text);
	read_ahead_end(ahead);
}

static void put(struct buffer *text, const char *line)
{
	buffer_put(text, line, strlen(line));
}

static void a_failure_hides_the_lines_behind_it(void **state)
{
	struct read_ahead *ahead = start();
	struct buffer text = {0};
	char *skipped;

	(void)state;
	put(&text, "# comment\na;b 1\n");
	skipped = (char *)buffer_extend(&text, INPUT_LINE_BYTES_MAX + 1);
	assert_non_null(skipped);
	memset(skipped, 'x', INPUT_LINE_BYTES_MAX + 1);
	put(&text, "\nbad\na;c 2\n\n");
	for (unsigned i = 0; i < 9; i++)
		put(&text, "# comment\nbad\na;d 3\n");
	for (uint64_t limit = 0; limit < 4; limit++)
		assert_same(ahead, &text, limit);
	assert_same(ahead, &text, NO_LIMIT);
	buffer_release(&text);
	read_ahead_end(ahead);
}

static void an_empty_text_has_no_stacks(void **state)
{
	struct read_ahead *ahead = start();
	const struct buffer text = {0};

	(void)state;
	assert_same(ahead, &text, NO_LIMIT);
	assert_same(ahead, &text, 0);
	read_ahead_end(ahead);
}

static void a_file_of_another_format_is_refused(void **state)
{
	struct record record = {.left = NO_LIMIT};
	struct read_ahead *ahead = start();
	struct input_report report;
	struct buffer text = {0};

	(void)state;
	put(&text, "PERFILE2");
	put_folded(&text, 1000);
	assert_int_equal(read_text(ahead, &text, &record, &report), FLAME_FORMAT);
	assert_non_null(report.foreign);
	assert_int_equal(record.text.size, 0);
	buffer_release(&text);
	read_ahead_end(ahead);
}

static void an_error_of_reading_is_returned(void **state)
{
	struct record record = {.left = NO_LIMIT};
	struct read_ahead *ahead = start();
	int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct input_report report;
	const char *problem;

	(void)state;
	assert_int_equal(read_file(ahead, directory, &record, &report, &problem), FLAME_IO);
	assert_int_equal(errno, EISDIR);
	close(directory);
	read_ahead_end(ahead);
}

/* Returns a descriptor of the text, compressed, without the last bytes. */
static int packed_file(const struct buffer *text, size_t missing)
{
	z_stream gzip = {0};
	struct buffer packed = {0};
	int fd;

	assert_int_equal(deflateInit2(&gzip, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	gzip.avail_out = (uInt)deflateBound(&gzip, text->size);
	gzip.next_out = buffer_extend(&packed, gzip.avail_out);
	assert_non_null(gzip.next_out);
	gzip.next_in = (Bytef *)text->data;
	gzip.avail_in = (uInt)text->size;
	assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
	fd = file_of((const char *)packed.data, gzip.total_out - missing);
	deflateEnd(&gzip);
	buffer_release(&packed);
	return fd;
}

static void compressed_text_is_read_to_where_it_ends(void **state)
{
	struct read_ahead *ahead = start();
	struct buffer text = {0};

	(void)state;
	put_folded(&text, 9000);
	for (size_t missing = 0; missing < 40000; missing += 20000) {
		int fd = packed_file(&text, missing);
		struct record expected = {.left = NO_LIMIT};
		struct record found = {.left = NO_LIMIT};
		struct input_report report;
		const char *problem;

		assert_int_equal(read_file(NULL, fd, &expected, &report, &problem), FLAME_OK);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		assert_int_equal(read_file(ahead, fd, &found, &report, &problem), FLAME_OK);
		if (missing > 0)
			assert_string_equal(problem, "compressed data is truncated");
		else
			assert_null(problem);
		assert_int_equal(found.text.size, expected.text.size);
		assert_memory_equal(found.text.data, expected.text.data, found.text.size);
		buffer_release(&found.text);
		buffer_release(&expected.text);
		close(fd);
	}
	buffer_release(&text);
	read_ahead_end(ahead);
}

/* Comments without an end, after some stacks. */
struct endless {
	size_t bytes; /* that were read */
};

static ssize_t read_endless(void *context, void *bytes, size_t size)
{
	static const char stacks[] = "a;b 1\na;c 2\n";
	struct endless *endless = context;

	if (endless->bytes == 0)
		size = sizeof(stacks) - 1;
	if (endless->bytes == 0)
		memcpy(bytes, stacks, size);
	else
		memset(bytes, '\n', size);
	endless->bytes += size;
	/* Without a failure, the test ends too. */
	return endless->bytes < (size_t)1 << 30 ? (ssize_t)size : 0;
}

static void a_failure_is_noticed_without_further_stacks(void **state)
{
	struct endless endless = {0};
	const struct line_source source = {.read = read_endless, .context = &endless};
	struct record record = {.left = 1};
	const struct stack_sink sink = {.context = &record, .stack = take};
	const struct input_options options = {.format = INPUT_DETECT};
	struct input_report report = {0};
	struct read_ahead *ahead = start();
	struct line_reader lines;

	(void)state;
	assert_int_equal(input_line_open(&lines, -1), FLAME_OK);
	line_reader_set_source(&lines, &source);
	assert_int_equal(read_ahead_input(ahead, &lines, &options, &sink, &report), FLAME_OVERFLOW);
	assert_int_equal(report.lines, 2);
	assert_true(endless.bytes < (size_t)1 << 30);
	assert_ptr_equal(lines.source.context, &endless);
	line_reader_close(&lines);
	buffer_release(&record.text);
	read_ahead_end(ahead);
}

static void samples_of_perf_have_their_origin(void **state)
{
	struct read_ahead *ahead = start();
	struct buffer text = {0};

	(void)state;
	for (unsigned i = 0; i < 9000; i++) {
		char sample[160];
		int size = snprintf(
			sample, sizeof(sample),
			"program-%u %u/%u [00%u] %u.000001: %u cycles:\n"
			"\t5581 inner+0x1 (/bin/program)\n\t5580 outer+0x1 (/bin/program)\n\n",
			i % 100, i, i + 1, i % 2, i, i + 5);

		buffer_put(&text, sample, (size_t)size);
	}
	assert_same(ahead, &text, NO_LIMIT);
	assert_same(ahead, &text, 8000);
	buffer_release(&text);
	read_ahead_end(ahead);
}

/* Lines of one frame, each with another name of this size; each third is once more the first one.
 */
static void put_names(struct buffer *text, unsigned count, unsigned size)
{
	for (unsigned i = 0; i < count; i++) {
		char line[2048];
		int bytes = snprintf(line, sizeof(line), "%0*u 1\n", (int)size, i % 3 == 2 ? 0 : i);

		buffer_put(text, line, (size_t)bytes);
	}
}

/* Returns how many frames have a number. */
static uint64_t count_numbered(struct read_ahead *ahead, const struct buffer *text)
{
	struct record record = {.left = NO_LIMIT};
	struct input_report report;

	assert_int_equal(read_text(ahead, text, &record, &report), FLAME_OK);
	buffer_release(&record.text);
	return record.numbered;
}

static void names_have_numbers_up_to_a_limit(void **state)
{
	static const struct {
		unsigned count;
		unsigned size;
		uint64_t least;
		uint64_t most;
	} texts[] = {
		{300, 9, 300, 300},
		{300, 1024, 300, 300},
		{300, 1025, 0, 0},
		/* 65,536 names; those that come again. */
		{120000, 9, 65535 + 40000, 65536 + 40000},
		/* 4 MiB of names. */
		{18000, 1000, 4000 + 6000, 4200 + 6000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct read_ahead *ahead = start();
		struct buffer text = {0};
		uint64_t numbered;

		put_names(&text, texts[i].count, texts[i].size);
		assert_same(ahead, &text, NO_LIMIT);
		numbered = count_numbered(ahead, &text);
		assert_in_range(numbered, texts[i].least, texts[i].most);
		buffer_release(&text);
		read_ahead_end(ahead);
	}
}

static void numbers_are_kept_for_the_next_input(void **state)
{
	struct read_ahead *ahead = start();

	(void)state;
	for (unsigned lines = 40; lines < 2000; lines += 700) {
		struct buffer text = {0};

		put_folded(&text, lines);
		assert_true(count_numbered(ahead, &text) > lines);
		buffer_release(&text);
	}
	read_ahead_end(ahead);
}

static int entered;

static void enter(void)
{
	entered++;
}

static void the_thread_enters_before_it_reads(void **state)
{
	struct read_ahead *ahead = start();

	(void)state;
	read_ahead_enter(ahead, enter);
	assert_int_equal(entered, 1);
	read_ahead_end(ahead);
	read_ahead_end(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stack_comes_in_order),
		cmocka_unit_test(a_stack_can_be_larger_than_a_batch),
		cmocka_unit_test(a_failure_is_of_the_same_line),
		cmocka_unit_test(a_failure_hides_the_lines_behind_it),
		cmocka_unit_test(an_empty_text_has_no_stacks),
		cmocka_unit_test(a_file_of_another_format_is_refused),
		cmocka_unit_test(an_error_of_reading_is_returned),
		cmocka_unit_test(compressed_text_is_read_to_where_it_ends),
		cmocka_unit_test(a_failure_is_noticed_without_further_stacks),
		cmocka_unit_test(samples_of_perf_have_their_origin),
		cmocka_unit_test(names_have_numbers_up_to_a_limit),
		cmocka_unit_test(numbers_are_kept_for_the_next_input),
		cmocka_unit_test(the_thread_enters_before_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
