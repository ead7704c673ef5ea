/* tests/analyze/copy/test_trace_copy.c - analyze/copy/trace_copy.c */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/copy/scrub.h"
#include "analyze/copy/trace_copy.h"
#include "tests/analyze/lines/own_lines.h"
#include "tests/analyze/replayed.h"

/* A directory with an input, and the job that writes an output beside it. */
struct place {
	struct own_lines own;
	char directory[64];
	char input[128];
	char output[128];
	struct trace_copy copy;
};

static off_t size_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_size : -1;
}

static void make_place(struct place *place, enum trace_copy_kind kind)
{
	int from, to;
	off_t at = 0;

	own_lines_make(&place->own);
	strcpy(place->directory, "/tmp/test_trace_copy.XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->input, sizeof(place->input), "%s/in.dz", place->directory);
	snprintf(place->output, sizeof(place->output), "%s/out.dz", place->directory);
	place->copy = (struct trace_copy){
		.program = "test",
		.kind = kind,
		.input = place->input,
		.output = place->output,
		.names = SCRUB_EVERYTHING,
		.places = own_lines_places(&place->own),
	};
	from = own_lines_trace(&place->own);
	to = open(place->input, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(to >= 0);
	while (sendfile(to, from, &at, 1 << 20) > 0)
		;
	assert_true(at > 100);
	close(from);
	close(to);
}

static void remove_place(struct place *place)
{
	unlink(place->input);
	unlink(place->output);
	/* Fails if anything else was left there. */
	assert_int_equal(rmdir(place->directory), 0);
	own_lines_remove(&place->own);
}

static struct trace *load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return replayed_file(fd);
}

/* Whether the whole of a file can be read, and it was closed. */
static void assert_complete(struct trace *trace)
{
	assert_int_equal(dz_reader_verify(trace_file(trace, 0)->reader), DZ_OK);
	assert_true(trace_collect_problems(trace));
	assert_null(trace_problem(trace, 0));
}

static void a_truncated_trace_is_repaired_and_reported(void **state)
{
	struct place place;
	struct trace *trace;

	(void)state;
	make_place(&place, TRACE_COPY_REPAIR);
	assert_int_equal(truncate(place.input, size_of(place.input) - 8), 0);
	assert_int_equal(trace_copy_make(&place.copy), PROGRAM_INCOMPLETE);
	trace = load(place.output);
	assert_complete(trace);
	assert_true(replayed_exit(trace, 10, false).found);
	trace_free(trace);
	remove_place(&place);
}

static void a_complete_trace_is_copied_without_its_names(void **state)
{
	struct place place;
	struct trace *trace;
	struct replayed_exit exit;
	struct trace_text comm;

	(void)state;
	make_place(&place, TRACE_COPY_SCRUB);
	assert_int_equal(trace_copy_make(&place.copy), PROGRAM_OK);
	trace = load(place.output);
	assert_complete(trace);
	exit = replayed_exit(trace, 10, false);
	comm = trace_text(exit.file, exit.task->comm);
	assert_true(comm.size > 5);
	assert_memory_equal(comm.bytes, "comm-", 5);
	trace_free(trace);
	remove_place(&place);
}

static void a_copy_has_the_lines_of_debug_files(void **state)
{
	struct place place;
	struct trace *trace;

	(void)state;
	make_place(&place, TRACE_COPY_ADD_LINES);
	assert_int_equal(trace_copy_make(&place.copy), PROGRAM_OK);
	trace = load(place.output);
	assert_complete(trace);
	own_lines_assert_found(trace);
	trace_free(trace);
	remove_place(&place);
}

static void an_existing_file_is_replaced_only_with_force(void **state)
{
	struct place place;
	struct trace *trace;
	int fd;

	(void)state;
	make_place(&place, TRACE_COPY_REPAIR);
	fd = open(place.output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "mine", 4), 4);
	close(fd);
	assert_int_equal(trace_copy_make(&place.copy), PROGRAM_FAILURE);
	assert_int_equal(size_of(place.output), 4);
	place.copy.force = true;
	assert_int_equal(trace_copy_make(&place.copy), PROGRAM_OK);
	trace = load(place.output);
	assert_complete(trace);
	trace_free(trace);
	remove_place(&place);
}

static void an_input_that_is_not_a_trace_gives_no_output(void **state)
{
	static const enum trace_copy_kind kinds[] = {TRACE_COPY_REPAIR, TRACE_COPY_SCRUB,
						     TRACE_COPY_ADD_LINES};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct place place;

		make_place(&place, kinds[i]);
		assert_int_equal(truncate(place.input, 0), 0);
		assert_int_equal(truncate(place.input, 1000), 0);
		assert_int_equal(trace_copy_make(&place.copy), PROGRAM_FAILURE);
		assert_int_equal(size_of(place.output), -1);
		remove_place(&place);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_truncated_trace_is_repaired_and_reported),
		cmocka_unit_test(a_complete_trace_is_copied_without_its_names),
		cmocka_unit_test(a_copy_has_the_lines_of_debug_files),
		cmocka_unit_test(an_existing_file_is_replaced_only_with_force),
		cmocka_unit_test(an_input_that_is_not_a_trace_gives_no_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
