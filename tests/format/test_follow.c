/* tests/format/test_follow.c - dz_reader_follow(), dz_reader_grow() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/format/sample_trace.h"
#include "tests/format/trace_digest.h"

/* Reads a file that grows by `step` bytes before each look. */
static struct trace_digest follow(const struct sample_file *file, size_t step)
{
	struct dz_source source = dz_source_memory(file->data, 0);
	struct dz_reader *reader = NULL;
	struct trace_digest digest = {.open_status = DZ_TRUNCATED};
	size_t size = 0;

	while (size < file->size) {
		size = size + step < file->size ? size + step : file->size;
		source.size_bytes = size;
		if (!reader)
			digest.open_status = dz_reader_follow(&source, NULL, &reader);
		else
			digest.open_status = dz_reader_grow(reader, size);
		if (digest.open_status == DZ_TRUNCATED)
			continue;
		assert_int_equal(digest.open_status, DZ_OK);
		trace_digest_read(reader, &digest);
	}
	if (reader) {
		assert_int_equal(dz_reader_verify(reader), DZ_OK);
		trace_digest_end(reader, &digest);
	}
	dz_reader_close(reader);
	return digest;
}

static void assert_same(const struct trace_digest *whole, const struct trace_digest *grown)
{
	assert_int_equal(grown->open_status, DZ_OK);
	assert_int_equal(grown->end_status, DZ_END);
	assert_int_equal(grown->rows, whole->rows);
	assert_int_equal(grown->damage_count, 0);
	assert_true(grown->closed);
	assert_true(trace_digest_same_rows(whole, grown, 0, 0));
}

static void a_growing_file_has_every_row_once(void **state)
{
	static const size_t steps[] = {61, 997, 4096, 1u << 20};
	struct sample_file file = sample_make(300, 3, 7);
	struct trace_digest whole = trace_digest_of(file.data, file.size);

	(void)state;
	assert_true(whole.rows > 0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct trace_digest grown = follow(&file, steps[i]);

		assert_same(&whole, &grown);
	}
	free(file.data);
}

/* What is not there yet is no damage, at any length. */
static void a_part_of_a_file_is_not_damaged(void **state)
{
	struct sample_file file = sample_make(20, 2, 9);
	struct sample_file part = file;

	(void)state;
	for (part.size = 0; part.size < file.size; part.size += 13) {
		struct trace_digest grown = follow(&part, part.size + 1);

		assert_true(grown.open_status == DZ_OK || grown.open_status == DZ_TRUNCATED);
		assert_int_equal(grown.damage_count, 0);
		assert_false(grown.closed);
	}
	free(file.data);
}

static void damage_in_the_middle_is_skipped_and_reported(void **state)
{
	struct sample_file file = sample_make(300, 3, 7);
	struct trace_digest whole, grown;

	(void)state;
	memset(file.data + file.size / 2, 0, 600);
	whole = trace_digest_of(file.data, file.size);
	grown = follow(&file, 512);
	assert_true(whole.damage_count > 0 && grown.damage_count > 0);
	assert_true(grown.rows > 0);
	assert_int_equal(grown.rows, whole.rows);
	assert_true(grown.closed);
	free(file.data);
}

static void other_files_are_refused(void **state)
{
	uint8_t text[4096] = {0};
	struct dz_source source = dz_source_memory(text, sizeof(text));
	struct dz_reader *reader = NULL;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(dz_reader_follow(&source, NULL, &reader), DZ_FOREIGN);
	assert_null(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_growing_file_has_every_row_once),
		cmocka_unit_test(a_part_of_a_file_is_not_damaged),
		cmocka_unit_test(damage_in_the_middle_is_skipped_and_reported),
		cmocka_unit_test(other_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
