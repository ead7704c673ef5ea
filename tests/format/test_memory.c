/* tests/format/test_memory.c - makes every allocation of writer, reader and copies fail
 *
 * Linked with --wrap for malloc, calloc and realloc.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/add_lines.h"
#include "tests/format/sample_trace.h"
#include <dz/reader.h>
#include <dz/repair.h>
#include <dz/rewrite.h>
#include <dz/writer.h>

/* NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names of the linker
 */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
/* NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier) */

static struct {
	bool on;
	bool for_ever; /* all allocations after the first failure fail, too */
	size_t left;   /* allocations that succeed before the first failure */
	bool failed;
} failure;

static bool fails(void)
{
	if (!failure.on || (failure.failed && !failure.for_ever))
		return false;
	if (failure.left) {
		failure.left--;
		return false;
	}
	failure.failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return fails() ? NULL : __real_realloc(memory, size);
}

static enum dz_status write_sample(struct sample_file *file)
{
	struct dz_file_header header = sample_header(1);
	struct dz_sink sink = sample_sink(file);
	struct dz_writer *writer;
	enum dz_status status = dz_writer_open(&sink, &header, 3, &writer);

	if (status != DZ_OK)
		return status;
	status = sample_add_all_kinds(writer, 2, 1);
	if (status == DZ_OK)
		status = dz_writer_flush(writer, 1);
	if (status != DZ_OK) {
		dz_writer_abandon(writer);
		return status;
	}
	return dz_writer_close(writer);
}

static struct sample_file sample;

static enum dz_status write_only(void)
{
	struct sample_file file = {0};
	enum dz_status status = write_sample(&file);

	free(file.data);
	return status;
}

static enum dz_status read_all(void)
{
	struct dz_source source = dz_source_memory(sample.data, sample.size);
	struct dz_reader *reader;
	struct dz_event event;
	enum dz_status status = dz_reader_open(&source, NULL, &reader);

	if (status != DZ_OK)
		return status;
	do
		status = dz_reader_next(reader, &event);
	while (status == DZ_OK);
	if (status == DZ_END)
		status = dz_reader_verify(reader);
	dz_reader_close(reader);
	return status;
}

static enum dz_status repair(void)
{
	struct dz_source source = dz_source_memory(sample.data, sample.size);
	struct sample_file file = {0};
	struct dz_sink sink = sample_sink(&file);
	struct dz_repair_result result;
	enum dz_status status = dz_repair(&source, &sink, &result);

	free(file.data);
	return status;
}

static bool keep(void *context, struct dz_bytes text, const struct dz_string_use *use,
		 struct dz_bytes *ret_text)
{
	(void)context, (void)text, (void)use, (void)ret_text;
	return true;
}

static enum dz_status rewrite(void)
{
	struct dz_source source = dz_source_memory(sample.data, sample.size);
	struct sample_file file = {0};
	struct dz_sink sink = sample_sink(&file);
	struct dz_rewrite_options options = {.map = keep};
	enum dz_status status = dz_rewrite(&source, &sink, &options);

	free(file.data);
	return status;
}

static size_t find_line(void *context, const struct dz_place *place,
			const struct dz_place_function **ret_functions)
{
	static const struct dz_place_function function = {
		.name = "function", .file = "file.c", .line = 5};

	(void)context, (void)place;
	*ret_functions = &function;
	return 1;
}

static enum dz_status add_lines(void)
{
	struct dz_source source = dz_source_memory(sample.data, sample.size);
	struct sample_file file = {0};
	struct dz_sink sink = sample_sink(&file);
	struct dz_add_lines_options options = {.find = find_line};
	struct dz_add_lines_result result;
	enum dz_status status = dz_add_lines(&source, &sink, &options, &result);

	free(file.data);
	return status;
}

/* Runs `work` once for each of its allocations, which fails. A failure in the sink is DZ_IO. */
static void fail_each(enum dz_status (*work)(void), bool for_ever)
{
	size_t index = 0;

	for (;; index++) {
		enum dz_status status;

		failure.on = true;
		failure.for_ever = for_ever;
		failure.left = index;
		failure.failed = false;
		status = work();
		failure.on = false;
		if (!failure.failed) {
			assert_int_equal(status, DZ_OK);
			break;
		}
		if (status != DZ_NO_MEMORY && status != DZ_IO)
			fail_msg("allocation %zu failed, but the status is %d", index, (int)status);
	}
	assert_true(index > 20);
}

static void the_writer_survives_any_allocation_that_fails(void **state)
{
	(void)state;
	fail_each(write_only, false);
	fail_each(write_only, true);
}

static void the_reader_survives_any_allocation_that_fails(void **state)
{
	(void)state;
	fail_each(read_all, false);
	fail_each(read_all, true);
}

static void copies_survive_any_allocation_that_fails(void **state)
{
	(void)state;
	fail_each(repair, false);
	fail_each(rewrite, false);
	fail_each(add_lines, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_writer_survives_any_allocation_that_fails),
		cmocka_unit_test(the_reader_survives_any_allocation_that_fails),
		cmocka_unit_test(copies_survive_any_allocation_that_fails),
	};
	int failed;

	sample = sample_make(2, 2, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(sample.data);
	return failed;
}
