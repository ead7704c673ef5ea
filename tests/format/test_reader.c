/* tests/format/test_reader.c - format/reader.c, format/merge.c, format/rows.c, format/source.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/format/forge.h"
#include "tests/format/sample_trace.h"
#include <dz/reader.h>
#include <dz/writer.h>

static struct dz_reader *open_reader(const struct sample_file *file,
				     const struct dz_reader_options *options)
{
	struct dz_source source = dz_source_memory(file->data, file->size);
	struct dz_reader *reader = NULL;

	assert_int_equal(dz_reader_open(&source, options, &reader), DZ_OK);
	return reader;
}

static uint32_t count_events(struct dz_reader *reader)
{
	struct dz_event event;
	uint32_t count = 0;
	uint64_t before = 0;
	enum dz_status status;

	while ((status = dz_reader_next(reader, &event)) == DZ_OK) {
		assert_true(event.time_ns >= before);
		assert_int_equal(event.values[0], event.time_ns);
		before = event.time_ns;
		count++;
	}
	assert_int_equal(status, DZ_END);
	return count;
}

static void kinds_and_times_choose_events(void **state)
{
	struct sample_file file = sample_make(50, 2, 1);
	struct dz_reader *reader = open_reader(&file, NULL);
	struct dz_reader_options options = {.kinds = (uint64_t)1 << DZ_KIND_EXIT |
						     (uint64_t)1 << DZ_KIND_LOST};
	uint64_t first_ns, last_ns;
	uint32_t before, after;

	(void)state;
	assert_int_equal(dz_reader_rewind(reader, &options), DZ_OK);
	assert_int_equal(count_events(reader), 200);
	dz_reader_span(reader, &first_ns, &last_ns);
	assert_true(first_ns < last_ns);
	options.until_ns = first_ns + 25000000;
	assert_int_equal(dz_reader_rewind(reader, &options), DZ_OK);
	before = count_events(reader);
	assert_in_range(before, 20, 80);
	options.since_ns = options.until_ns;
	options.until_ns = 0;
	assert_int_equal(dz_reader_rewind(reader, &options), DZ_OK);
	after = count_events(reader);
	assert_int_equal(before + after, 200);
	options.since_ns = last_ns + 1;
	options.kinds = 0;
	assert_int_equal(dz_reader_rewind(reader, &options), DZ_OK);
	assert_in_range(count_events(reader), 0, 200);
	dz_reader_close(reader);
	free(file.data);
}

static void events_of_all_kinds_come_in_one_order(void **state)
{
	struct sample_file file = sample_make(50, 3, 1);
	struct dz_reader *reader = open_reader(&file, NULL);
	size_t kinds;

	(void)state;
	dz_schema_kinds(&kinds);
	/* All kinds but dictionaries, schema and index. */
	assert_int_equal(count_events(reader), 50 * 3 * (kinds - 7));
	assert_int_equal(dz_reader_verify(reader), DZ_OK);
	dz_reader_close(reader);
	free(file.data);
}

static void fields_that_are_not_wanted_are_zero(void **state)
{
	uint64_t wanted[64] = {0};
	struct dz_reader_options options = {.kinds = (uint64_t)1 << DZ_KIND_EXIT,
					    .wanted_fields = wanted};
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_exit row = {.time = 5, .exit_code = 42, .signal = 9, .max_rss = 4096};
	struct dz_reader *reader;
	struct dz_event event;

	(void)state;
	wanted[DZ_KIND_EXIT] = 1u << (offsetof(struct dz_exit, signal) / sizeof(uint64_t));
	assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
	row.time = 6;
	row.signal = 15;
	assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file, &options);
	assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
	memcpy(&row, event.row, sizeof(row));
	assert_int_equal(row.time, 5);
	assert_int_equal(row.signal, 9);
	assert_int_equal(row.exit_code, 0);
	assert_int_equal(row.max_rss, 0);
	dz_reader_close(reader);
	free(file.data);
}

static void rows_are_selected_by_a_field_and_the_first_of_each_block(void **state)
{
	const struct dz_row_filter rows = {
		.kind = DZ_KIND_EXIT,
		.field = offsetof(struct dz_exit, signal) / sizeof(uint64_t),
		.values = UINT64_C(1) << 9 | UINT64_C(1) << 63,
	};
	const struct dz_reader_options options = {.rows = &rows};
	static const uint64_t signals[] = {0, 9, 0, 15, 63, 64, 73, 9, 0};
	static const uint64_t selected[] = {0, 9, 63, 9};
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_exit row = {.time = 5};
	struct dz_signal other = {.time = 4, .signal = 17};
	struct dz_reader *reader;
	size_t exits = 0, others = 0;
	struct dz_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		row.time++;
		row.signal = signals[i];
		assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
		assert_int_equal(dz_writer_add(writer, DZ_KIND_SIGNAL, &other), DZ_OK);
	}
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file, &options);
	while (dz_reader_next(reader, &event) == DZ_OK) {
		others += event.kind == DZ_KIND_SIGNAL;
		if (event.kind != DZ_KIND_EXIT)
			continue;
		assert_in_range(exits, 0, sizeof(selected) / sizeof(selected[0]) - 1);
		memcpy(&row, event.row, sizeof(row));
		assert_int_equal(row.signal, selected[exits++]);
	}
	assert_int_equal(exits, sizeof(selected) / sizeof(selected[0]));
	assert_int_equal(others, sizeof(signals) / sizeof(signals[0]));
	dz_reader_close(reader);
	free(file.data);
}

static void names_are_the_same_in_all_generations(void **state)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	uint64_t tasks[3] = {0};
	struct dz_reader *reader;
	struct dz_event event;

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		struct dz_task task = {.pid = 7};
		struct dz_exit row = {.time = i};

		/* Strings in another order, so that the references differ. */
		for (uint64_t j = 0; j < i; j++)
			dz_writer_string(writer, &j, sizeof(j));
		task.comm = dz_writer_text(writer, "bash");
		row.task = dz_writer_task(writer, &task);
		assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
		assert_int_equal(dz_writer_flush(writer, i * 100000000000u), DZ_OK);
	}
	assert_int_equal(dz_writer_generation(writer), 1);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file, NULL);
	for (size_t i = 0; i < 3; i++) {
		const struct dz_task *task;
		struct dz_bytes comm;

		assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
		tasks[i] = ((const struct dz_exit *)event.row)->task;
		task = dz_reader_task(reader, tasks[i]);
		assert_non_null(task);
		comm = dz_reader_string(reader, task->comm);
		assert_int_equal(comm.size, 4);
		assert_memory_equal(comm.data, "bash", 4);
	}
#ifndef DIAG_SANITIZED /* equal entries are merged within an epoch (format/store.h) */
	assert_true(tasks[0] == tasks[1] && tasks[1] == tasks[2]);
#endif
	dz_reader_close(reader);
	free(file.data);
}

#define GENERATIONS 12u

/* A file with a task of another name in each generation. */
static struct sample_file make_generations(void)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);

	for (uint64_t i = 0; i < GENERATIONS; i++) {
		struct dz_task task = {.pid = i + 1};
		struct dz_exit row = {.time = i};
		char name[16];

		snprintf(name, sizeof(name), "task%u", (unsigned int)i);
		task.comm = dz_writer_text(writer, name);
		row.task = dz_writer_task(writer, &task);
		assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
		assert_int_equal(dz_writer_flush(writer, (i + 1) * 100000000000u), DZ_OK);
	}
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	return file;
}

static void ids_are_valid_after_their_entries_were_freed(void **state)
{
	struct sample_file file = make_generations();
	struct dz_reader *reader = open_reader(&file, NULL);
	uint64_t tasks[GENERATIONS];
	struct dz_event event;

	(void)state;
	for (size_t i = 0; i < GENERATIONS; i++) {
		assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
		tasks[i] = ((const struct dz_exit *)event.row)->task;
	}
	for (size_t i = 0; i < 3 * GENERATIONS; i++) {
		size_t at = i * 7 % GENERATIONS;
		const struct dz_task *task = dz_reader_task(reader, tasks[at]);
		char name[16];

		assert_non_null(task);
		assert_int_equal(task->pid, at + 1);
		snprintf(name, sizeof(name), "task%zu", at);
		assert_memory_equal(dz_reader_string(reader, task->comm).data, name, strlen(name));
	}
#ifdef DIAG_SANITIZED
	assert_true(dz_reader_frees(reader) > GENERATIONS);
#else
	assert_int_equal(dz_reader_frees(reader), 0);
#endif
	dz_reader_close(reader);
	free(file.data);
}

static void unknown_ids_find_nothing(void **state)
{
	struct sample_file file = sample_make(1, 1, 1);
	struct dz_reader *reader = open_reader(&file, NULL);
	const uint64_t ids[] = {0, DZ_ID_DAMAGED, 1000000, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_null(dz_reader_string(reader, ids[i]).data);
		assert_null(dz_reader_module(reader, ids[i]));
		assert_null(dz_reader_frame(reader, ids[i]));
		assert_null(dz_reader_stack(reader, ids[i]));
		assert_null(dz_reader_task(reader, ids[i]));
	}
	dz_reader_close(reader);
	free(file.data);
}

static void add_info(struct dz_writer *writer, uint64_t time_ns, const char *key, const char *value)
{
	struct dz_info row = {.time = time_ns,
			      .key = dz_writer_text(writer, key),
			      .value = dz_writer_text(writer, value)};

	assert_int_equal(dz_writer_add(writer, DZ_KIND_INFO, &row), DZ_OK);
}

static void the_last_value_of_a_key_is_found(void **state)
{
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_reader *reader;

	(void)state;
	add_info(writer, 1, "host.name", "alpha");
	add_info(writer, 2, "host.name", "beta");
	add_info(writer, 2, "host", "gamma");
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file, NULL);
	assert_int_equal(dz_reader_info(reader, "host.name").size, 4);
	assert_memory_equal(dz_reader_info(reader, "host.name").data, "beta", 4);
	assert_int_equal(dz_reader_info(reader, "host.nam").size, 0);
	assert_int_equal(dz_reader_info(reader, "").size, 0);
	dz_reader_close(reader);
	free(file.data);
}

static void a_clock_that_was_set_gives_bounds_for_a_time(void **state)
{
	struct dz_file_header header = sample_header(1);
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_clock clock = {.time = header.boottime_ns + 1000,
				 .realtime = header.realtime_ns + 1300};
	struct dz_reader *reader;
	uint64_t earliest, latest;

	(void)state;
	assert_int_equal(dz_writer_add(writer, DZ_KIND_CLOCK, &clock), DZ_OK);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file, NULL);
	dz_reader_boottimes(reader, header.realtime_ns + 2000, &earliest, &latest);
	assert_true(earliest == header.boottime_ns + 1700);
	assert_true(latest == header.boottime_ns + 2000);
	dz_reader_boottimes(reader, 1, &earliest, &latest);
	assert_true(earliest == 0 && latest == 0);
	dz_reader_close(reader);
	free(file.data);
}

static void real_time_follows_the_clock_that_was_read_last(void **state)
{
	struct dz_file_header header = sample_header(1);
	struct sample_file file = {0};
	struct dz_writer *writer = sample_open_writer(&file);
	struct dz_clock clock = {.time = header.boottime_ns + 1000, .realtime = 5000};
	struct dz_reader *reader;
	uint64_t earliest, latest;

	(void)state;
	assert_int_equal(dz_writer_add(writer, DZ_KIND_CLOCK, &clock), DZ_OK);
	clock.time += 1000;
	clock.realtime = 100000;
	assert_int_equal(dz_writer_add(writer, DZ_KIND_CLOCK, &clock), DZ_OK);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	reader = open_reader(&file, NULL);
	assert_true(dz_reader_realtime_ns(reader, header.boottime_ns + 999) ==
		    header.realtime_ns + 999);
	assert_true(dz_reader_realtime_ns(reader, header.boottime_ns - 1) ==
		    header.realtime_ns - 1);
	assert_int_equal(dz_reader_realtime_ns(reader, header.boottime_ns + 1000), 5000);
	assert_int_equal(dz_reader_realtime_ns(reader, header.boottime_ns + 1999), 5999);
	assert_int_equal(dz_reader_realtime_ns(reader, header.boottime_ns + 2000), 100000);
	dz_reader_boottimes(reader, 200000, &earliest, &latest);
	assert_true(earliest == 0 && latest == UINT64_MAX);

	dz_reader_close(reader);
	/* With a damaged header, the first clock record is used. */
	file.data[80] ^= 1;
	reader = open_reader(&file, NULL);
	assert_int_equal(dz_reader_realtime_ns(reader, header.boottime_ns + 999), 4999);
	assert_int_equal(dz_reader_header(reader)->arch, 0);
	dz_reader_close(reader);
	free(file.data);
}

static void a_memory_limit_is_kept_and_reported(void **state)
{
	struct sample_file file = sample_make(400, 1, 1);
	struct dz_source source = dz_source_memory(file.data, file.size);
	uint64_t limit = 10000;
	enum dz_status status = DZ_LIMIT;

	(void)state;
	for (; status == DZ_LIMIT; limit += limit / 4) {
		struct dz_reader_options options = {.memory_limit_bytes = limit};
		struct dz_reader *reader;
		struct dz_event event;

		status = dz_reader_open(&source, &options, &reader);
		if (status != DZ_OK)
			continue;
		do
			status = dz_reader_next(reader, &event);
		while (status == DZ_OK);
		if (status == DZ_LIMIT)
			assert_int_equal(dz_reader_next(reader, &event), DZ_LIMIT);
		dz_reader_close(reader);
	}
	assert_int_equal(status, DZ_END);
	assert_in_range(limit, 100000, 100000000);
	free(file.data);
}

static void what_is_no_file_of_ours_is_refused(void **state)
{
	const char text[] = "#!/bin/sh\necho this is a script of more than sixteen bytes\n";
	struct dz_source source = dz_source_memory(text, sizeof(text));
	struct dz_reader *reader = NULL;

	(void)state;
	assert_int_equal(dz_reader_open(&source, NULL, &reader), DZ_FOREIGN);
	source = dz_source_memory("", 0);
	assert_int_equal(dz_reader_open(&source, NULL, &reader), DZ_TRUNCATED);
	assert_null(reader);
	dz_reader_close(reader);
}

static void a_file_is_read_through_its_descriptor_and_a_pipe_is_refused(void **state)
{
	struct sample_file file = sample_make(2, 1, 1);
	FILE *stored = tmpfile();
	struct dz_source source;
	struct dz_reader *reader;
	int ends[2];

	(void)state;
	assert_non_null(stored);
	assert_int_equal(fwrite(file.data, 1, file.size, stored), file.size);
	assert_int_equal(fflush(stored), 0);
	assert_int_equal(dz_source_file(fileno(stored), &source), DZ_OK);
	assert_int_equal(source.size_bytes, file.size);
	assert_int_equal(dz_reader_open(&source, NULL, &reader), DZ_OK);
	assert_true(count_events(reader) > 0);
	/* The file becomes shorter while it is open: damage, not an error. */
	assert_int_equal(dz_reader_rewind(reader, NULL), DZ_OK);
	assert_int_equal(ftruncate(fileno(stored), 3000), 0);
	assert_int_equal(count_events(reader), 0);
	dz_reader_close(reader);
	fclose(stored);
	assert_int_equal(dz_source_file(-1, &source), DZ_IO);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dz_source_file(ends[0], &source), DZ_IO);
	assert_int_equal(errno, ESPIPE);
	close(ends[0]);
	close(ends[1]);
	free(file.data);
}

struct failing {
	const struct sample_file *file;
	size_t reads_left;
};

static enum dz_status failing_read(void *context, uint64_t offset, void *out, size_t size)
{
	struct failing *failing = context;

	if (failing->reads_left-- == 0) {
		failing->reads_left = 0;
		return DZ_IO;
	}
	memcpy(out, failing->file->data + offset, size);
	return DZ_OK;
}

static void an_error_at_any_read_is_passed_on(void **state)
{
	struct sample_file file = sample_make(2, 2, 1);
	enum dz_status status = DZ_IO;

	(void)state;
	for (size_t reads = 0; status == DZ_IO; reads++) {
		struct failing failing = {.file = &file, .reads_left = reads};
		struct dz_source source = {
			.context = &failing, .size_bytes = file.size, .read_at = failing_read};
		struct dz_reader *reader;
		struct dz_event event;

		status = dz_reader_open(&source, NULL, &reader);
		if (status != DZ_OK)
			continue;
		do
			status = dz_reader_next(reader, &event);
		while (status == DZ_OK);
		dz_reader_close(reader);
		assert_true(reads < 10000);
	}
	assert_int_equal(status, DZ_END);
	free(file.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_and_times_choose_events),
		cmocka_unit_test(events_of_all_kinds_come_in_one_order),
		cmocka_unit_test(fields_that_are_not_wanted_are_zero),
		cmocka_unit_test(rows_are_selected_by_a_field_and_the_first_of_each_block),
		cmocka_unit_test(names_are_the_same_in_all_generations),
		cmocka_unit_test(ids_are_valid_after_their_entries_were_freed),
		cmocka_unit_test(unknown_ids_find_nothing),
		cmocka_unit_test(the_last_value_of_a_key_is_found),
		cmocka_unit_test(a_clock_that_was_set_gives_bounds_for_a_time),
		cmocka_unit_test(real_time_follows_the_clock_that_was_read_last),
		cmocka_unit_test(a_memory_limit_is_kept_and_reported),
		cmocka_unit_test(what_is_no_file_of_ours_is_refused),
		cmocka_unit_test(a_file_is_read_through_its_descriptor_and_a_pipe_is_refused),
		cmocka_unit_test(an_error_at_any_read_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
