/* tests/format/test_writer.c - format/writer.c and format/emitter.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/limits.h"
#include "tests/format/sample_trace.h"
#include <dz/reader.h>
#include <dz/trailer.h>
#include <dz/writer.h>

#define SECOND_NS 1000000000u

static struct dz_reader *open_reader(const struct sample_file *file)
{
	struct dz_source source = dz_source_memory(file->data, file->size);
	struct dz_reader *reader = NULL;

	assert_int_equal(dz_reader_open(&source, NULL, &reader), DZ_OK);
	return reader;
}

static void add_exit(struct dz_writer *writer, uint64_t time_ns, uint64_t code)
{
	struct dz_exit row = {.time = time_ns, .exit_code = code};

	assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
}

static void equal_entries_get_equal_references(void **state)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_task task = {.pid = 7, .comm = dz_writer_text(writer, "bash")};
	uint32_t first = dz_writer_task(writer, &task);

	(void)state;
	assert_int_not_equal(first, 0);
	assert_int_equal(dz_writer_task(writer, &task), first);
	assert_int_equal(dz_writer_string(writer, "bash", 4), task.comm);
	task.uid = 1;
	assert_int_not_equal(dz_writer_task(writer, &task), first);
	dz_writer_abandon(writer);
	free(file.data);
}

static void rows_come_out_in_order_of_time_whatever_order_they_were_added_in(void **state)
{
	const uint64_t times[] = {50, 10, 30, 30, 20, 40};
	const uint64_t expected[][2] = {{10, 1}, {20, 4}, {30, 2}, {30, 3}, {40, 5}, {50, 0}};
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_reader *reader;
	struct dz_event event;

	(void)state;
	for (uint64_t i = 0; i < 6; i++)
		add_exit(writer, times[i], i);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file);
	for (size_t i = 0; i < 6; i++) {
		const struct dz_exit *row;

		assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
		row = event.row;
		assert_int_equal(row->time, expected[i][0]);
		assert_int_equal(row->exit_code, expected[i][1]);
	}
	assert_int_equal(dz_reader_next(reader, &event), DZ_END);
	dz_reader_close(reader);
	free(file.data);
}

static void a_flush_with_nothing_to_write_writes_nothing(void **state)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);

	(void)state;
	for (uint64_t minute = 0; minute < 10; minute++)
		assert_int_equal(dz_writer_flush(writer, minute * 60 * SECOND_NS), DZ_OK);
	assert_int_equal(file.size, DZ_FILE_HEADER_BYTES);
	assert_int_equal(dz_writer_generation(writer), 0);
	dz_writer_abandon(writer);
	free(file.data);
}

static void a_generation_ends_after_a_minute_with_events(void **state)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);

	(void)state;
	add_exit(writer, 1, 0);
	assert_int_equal(dz_writer_flush(writer, 100 * (uint64_t)SECOND_NS), DZ_OK);
	add_exit(writer, 2, 0);
	assert_int_equal(dz_writer_flush(writer, 159 * (uint64_t)SECOND_NS), DZ_OK);
	assert_int_equal(dz_writer_generation(writer), 0);
	add_exit(writer, 3, 0);
	assert_int_equal(dz_writer_flush(writer, 160 * (uint64_t)SECOND_NS), DZ_OK);
	assert_int_equal(dz_writer_generation(writer), 1);
	dz_writer_abandon(writer);
	free(file.data);
}

static void a_generation_ends_when_its_dictionaries_need_much_memory(void **state)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);

	(void)state;
	for (uint64_t pid = 1; pid < 400000; pid++) {
		struct dz_task task = {.pid = pid};

		assert_int_not_equal(dz_writer_task(writer, &task), 0);
	}
	assert_int_equal(dz_writer_flush(writer, 1), DZ_OK);
	assert_int_equal(dz_writer_generation(writer), 1);
	dz_writer_abandon(writer);
	free(file.data);
}

static void more_rows_than_a_block_holds_become_more_blocks(void **state)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_reader *reader;
	struct dz_event event;
	uint64_t rows = 0;

	(void)state;
	for (uint64_t i = 0; i < 100000; i++)
		add_exit(writer, i, i % 256);
	assert_in_range(dz_writer_pending_bytes(writer), 1, 32768 * 16 * 8);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file);
	while (dz_reader_next(reader, &event) == DZ_OK) {
		assert_int_equal(event.time_ns, rows);
		assert_int_equal(((const struct dz_exit *)event.row)->exit_code, rows % 256);
		rows++;
	}
	assert_int_equal(rows, 100000);
	dz_reader_close(reader);
	free(file.data);
}

static void strings_fill_more_than_one_block_and_are_cut_at_4096_bytes(void **state)
{
	static char text[DZ_LIMIT_STRING_BYTES + 10];
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_reader *reader;
	struct dz_event event;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (uint64_t i = 0; i < 3000; i++) {
		struct dz_info row = {.time = i};

		memcpy(text, &i, sizeof(i));
		row.value = dz_writer_string(writer, text, sizeof(text));
		assert_int_equal(dz_writer_add(writer, DZ_KIND_INFO, &row), DZ_OK);
	}
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file);
	for (uint64_t i = 0; i < 3000; i++) {
		struct dz_bytes value;

		assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
		value = dz_reader_string(reader, ((const struct dz_info *)event.row)->value);
		assert_int_equal(value.size, DZ_LIMIT_STRING_BYTES);
		assert_memory_equal(value.data, &i, sizeof(i));
	}
	dz_reader_close(reader);
	free(file.data);
}

static void totals_count_what_is_in_the_file(void **state)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_writer_totals totals;

	(void)state;
	assert_int_equal(sample_add_all_kinds(writer, 5, 1), DZ_OK);
	assert_int_equal(dz_writer_flush(writer, 1), DZ_OK);
	totals = dz_writer_totals(writer);
	assert_int_equal(totals.bytes, file.size);
	assert_int_equal(totals.rows[DZ_KIND_EXIT], 5);
	assert_int_equal(totals.rows[DZ_KIND_CLOCK], 5);
	assert_true(totals.rows[DZ_KIND_TASK] > 0);
	assert_int_equal(totals.events % 5, 0);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	free(file.data);
}

/* Writes a sample to a sink that fails at its nth write. The bytes before are a readable file
 * without a trailer. */
static enum dz_status write_until(size_t writes, struct sample_file *file)
{
	struct dz_file_header header = sample_header(1);
	struct dz_sink sink = sample_sink(file);
	struct dz_writer *writer;
	enum dz_status status;

	file->limited = 1;
	file->writes_left = writes;
	status = dz_writer_open(&sink, &header, 3, &writer);
	if (status != DZ_OK)
		return status;
	status = sample_add_all_kinds(writer, 2, 1);
	if (status == DZ_OK)
		status = dz_writer_flush(writer, 1);
	if (status != DZ_OK) {
		struct dz_exit row = {.time = 1};

		/* An error is final. */
		assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), status);
		assert_int_equal(dz_writer_text(writer, "new"), 0);
		assert_int_equal(dz_writer_flush(writer, 2), status);
		assert_int_equal(dz_writer_close(writer), status);
		return status;
	}
	return dz_writer_close(writer);
}

static void a_sink_that_fails_at_any_write_leaves_a_readable_file_that_is_not_closed(void **state)
{
	enum dz_status status = DZ_IO;

	(void)state;
	for (size_t writes = 0; status != DZ_OK; writes++) {
		struct sample_file file = {0};

		status = write_until(writes, &file);
		assert_true(status == DZ_OK || status == DZ_IO);
		if (file.size) {
			struct dz_reader *reader = open_reader(&file);
			size_t damages;

			dz_reader_damage(reader, &damages);
			assert_int_equal(damages, 0);
			assert_true(dz_reader_closed(reader) == (status == DZ_OK));
			dz_reader_close(reader);
		}
		free(file.data);
		assert_true(writes < 1000);
	}
}

/* Writes exits with these codes, each in a new generation. */
static void make_parts(struct sample_file *file, uint64_t first, uint64_t count)
{
	struct dz_writer *writer = sample_open_writer(file);

	for (uint64_t i = first; i < first + count; i++) {
		char name[32];
		struct dz_exit row = {.time = i, .exit_code = i};
		struct dz_task task = {.pid = i};

		(void)snprintf(name, sizeof(name), "process %u", (unsigned int)i);
		task.comm = dz_writer_text(writer, name);
		row.task = dz_writer_task(writer, &task);
		assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
		assert_int_equal(dz_writer_flush(writer, i * 100 * SECOND_NS), DZ_OK);
	}
	dz_writer_abandon(writer);
}

static void blocks_of_other_writers_are_generations_of_their_own(void **state)
{
	struct sample_file file = {0}, parts[2] = {{0}, {0}};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_writer_totals totals;
	struct dz_reader *reader;
	struct dz_event event;

	(void)state;
	add_exit(writer, 0, 0);
	for (size_t i = 0; i < 2; i++) {
		struct iovec all;

		make_parts(&parts[i], 1 + 5 * i, 5);
		all = (struct iovec){parts[i].data + DZ_FILE_HEADER_BYTES,
				     parts[i].size - DZ_FILE_HEADER_BYTES};
		assert_int_equal(dz_writer_copy(writer, &all, 1), DZ_OK);
	}
	add_exit(writer, 11, 11);
	totals = dz_writer_totals(writer);
	assert_int_equal(totals.rows[DZ_KIND_EXIT], 11);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file);
	assert_true(dz_reader_closed(reader));
	for (uint64_t i = 0; i <= 11; i++) {
		const struct dz_exit *row;

		assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
		row = event.row;
		assert_int_equal(row->exit_code, i);
		assert_int_equal(row->task != 0, i > 0 && i < 11);
	}
	assert_int_equal(dz_reader_next(reader, &event), DZ_END);
	dz_reader_close(reader);
	for (size_t i = 0; i < 2; i++)
		free(parts[i].data);
	free(file.data);
}

static void what_is_no_block_is_not_copied(void **state)
{
	struct sample_file file = {0}, part = {0};

	(void)state;
	make_parts(&part, 1, 2);
	/* A file header, a truncated block, and a changed one. */
	for (unsigned int i = 0; i < 3; i++) {
		struct dz_writer *writer = sample_open_writer(&file);
		struct iovec all = {part.data + (i ? DZ_FILE_HEADER_BYTES : 0),
				    part.size - DZ_FILE_HEADER_BYTES - (i == 1)};

		part.data[DZ_FILE_HEADER_BYTES + 20] ^= i == 2;
		assert_int_equal(dz_writer_copy(writer, &all, 1), DZ_CORRUPT);
		dz_writer_abandon(writer);
		free(file.data);
		file = (struct sample_file){0};
	}
	free(part.data);
}

static void the_trailer_says_what_is_in_the_file(void **state)
{
	struct sample_file file = sample_make(3, 2, 1);
	struct dz_reader *reader = open_reader(&file);
	struct dz_trailer trailer;
	size_t blocks;
	const struct dz_block_info *infos = dz_reader_blocks(reader, &blocks);

	(void)state;
	assert_int_equal(dz_trailer_decode(file.data + file.size - DZ_TRAILER_BYTES, &trailer),
			 DZ_OK);
	assert_int_equal(trailer.blocks, blocks);
	assert_int_equal(trailer.offset, file.size - DZ_TRAILER_BYTES);
	assert_int_equal(infos[blocks - 1].kind, DZ_KIND_INDEX);
	assert_int_equal(trailer.index_offset, infos[blocks - 1].offset);
	assert_int_equal(infos[blocks - 1].records, blocks - 1);
	assert_int_equal(trailer.events % 6, 0);
	assert_int_equal(dz_reader_flags(reader), DZ_TRAILER_CLEAN);
	dz_reader_close(reader);
	free(file.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_entries_get_equal_references),
		cmocka_unit_test(rows_come_out_in_order_of_time_whatever_order_they_were_added_in),
		cmocka_unit_test(a_flush_with_nothing_to_write_writes_nothing),
		cmocka_unit_test(a_generation_ends_after_a_minute_with_events),
		cmocka_unit_test(a_generation_ends_when_its_dictionaries_need_much_memory),
		cmocka_unit_test(more_rows_than_a_block_holds_become_more_blocks),
		cmocka_unit_test(strings_fill_more_than_one_block_and_are_cut_at_4096_bytes),
		cmocka_unit_test(totals_count_what_is_in_the_file),
		cmocka_unit_test(
			a_sink_that_fails_at_any_write_leaves_a_readable_file_that_is_not_closed),
		cmocka_unit_test(blocks_of_other_writers_are_generations_of_their_own),
		cmocka_unit_test(what_is_no_block_is_not_copied),
		cmocka_unit_test(the_trailer_says_what_is_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
