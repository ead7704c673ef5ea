/* tests/format/test_copy.c - format/repair.c and format/rewrite.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/format/sample_trace.h"
#include "tests/format/trace_digest.h"
#include <dz/reader.h>
#include <dz/repair.h>
#include <dz/rewrite.h>
#include <dz/trailer.h>
#include <dz/writer.h>

static struct sample_file repair(const struct sample_file *file, struct dz_repair_result *result)
{
	struct sample_file repaired = {0};
	struct dz_sink sink = sample_sink(&repaired);
	struct dz_source source = dz_source_memory(file->data, file->size);

	assert_int_equal(dz_repair(&source, &sink, result), DZ_OK);
	return repaired;
}

static void a_repaired_file_is_clean_and_has_all_that_was_intact(void **state)
{
	struct sample_file file = sample_make(5, 2, 1);
	uint64_t random = 5;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct trace_digest damaged, clean;
		struct dz_repair_result result;
		struct sample_file repaired;
		size_t at = sample_random(&random) % (file.size - 100);

		file.data[at] ^= 0x40;
		damaged = trace_digest_of(file.data, file.size);
		repaired = repair(&file, &result);
		clean = trace_digest_of(repaired.data, repaired.size);
		assert_int_equal(clean.damage_count, 0);
		assert_true(clean.closed);
		assert_true(trace_digest_same_rows(&clean, &damaged, 0, 0));
		assert_int_equal(result.damages, damaged.damage_count);
		assert_int_equal(result.damaged_bytes, damaged.damage_bytes);
		free(repaired.data);
		file.data[at] ^= 0x40;
	}
	free(file.data);
}

static void a_truncated_file_becomes_a_closed_one_with_the_repaired_flag(void **state)
{
	struct sample_file file = sample_make(5, 2, 1);
	struct sample_file truncated = {.data = file.data, .size = file.size / 2};
	struct dz_repair_result result;
	struct sample_file repaired = repair(&truncated, &result);
	struct dz_source source = dz_source_memory(repaired.data, repaired.size);
	struct dz_reader *reader;

	(void)state;
	assert_int_equal(dz_reader_open(&source, NULL, &reader), DZ_OK);
	assert_int_equal(dz_reader_flags(reader), DZ_TRAILER_CLEAN | DZ_TRAILER_REPAIRED);
	assert_memory_equal(file.data, repaired.data, DZ_FILE_HEADER_BYTES);
	assert_true(result.blocks > 5);
	dz_reader_close(reader);
	free(repaired.data);
	free(file.data);
}

static void what_cannot_be_read_at_all_cannot_be_repaired(void **state)
{
	struct dz_source source = dz_source_memory("nonsense", 8);
	struct sample_file repaired = {0};
	struct dz_sink sink = sample_sink(&repaired);
	struct dz_repair_result result;

	(void)state;
	assert_int_equal(dz_repair(&source, &sink, &result), DZ_FOREIGN);
	assert_null(repaired.data);
}

/* Replaces names of tasks with stars and the host name with a word, and records its calls. */
struct scrubber {
	unsigned asked;
	unsigned names;
	bool saw_schema;
};

static bool scrub(void *context, struct dz_bytes text, const struct dz_string_use *use,
		  struct dz_bytes *ret_text)
{
	struct scrubber *scrubber = context;

	scrubber->asked++;
	if (text.size == 9 && memcmp(text.data, "exit_code", 9) == 0)
		scrubber->saw_schema = true;
	if (use->fields & dz_string_use_bit(DZ_KIND_TASK, "comm")) {
		*ret_text = (struct dz_bytes){.data = (const uint8_t *)"****", .size = 4};
		scrubber->names++;
	}
	if (use->info_key.size == 9 && memcmp(use->info_key.data, "host.name", 9) == 0)
		*ret_text = (struct dz_bytes){.data = (const uint8_t *)"host-1", .size = 6};
	return true;
}

static struct sample_file make_private(void)
{
	struct sample_file file = {0};
	struct dz_file_header header = sample_header(1);
	struct dz_sink sink = sample_sink(&file);
	struct dz_writer *writer;
	struct dz_task task = {.pid = 1};
	struct dz_info info = {.time = 1};
	struct dz_exit row = {.time = 2};

	assert_int_equal(dz_writer_open(&sink, &header, 3, &writer), DZ_OK);
	info.key = dz_writer_text(writer, "host.name");
	info.value = dz_writer_text(writer, "venus.example.org");
	task.comm = dz_writer_text(writer, "secretd");
	task.cgroup = dz_writer_text(writer, "/user.slice");
	row.task = dz_writer_task(writer, &task);
	dz_writer_text(writer, "nobody refers to this secret");
	assert_int_equal(dz_writer_add(writer, DZ_KIND_INFO, &info), DZ_OK);
	assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	return file;
}

static struct sample_file rewrite(const struct sample_file *file, struct scrubber *scrubber)
{
	struct sample_file copy = {0};
	struct dz_sink sink = sample_sink(&copy);
	struct dz_source source = dz_source_memory(file->data, file->size);
	struct dz_rewrite_options options = {
		.context = scrubber, .map = scrub, .clear_boot_id = true};

	assert_int_equal(dz_rewrite(&source, &sink, &options), DZ_OK);
	return copy;
}

static void assert_text(struct dz_bytes text, const char *expected)
{
	assert_int_equal(text.size, strlen(expected));
	assert_memory_equal(text.data, expected, text.size);
}

static void strings_are_replaced_by_what_they_are_used_for(void **state)
{
	struct sample_file file = make_private();
	struct scrubber scrubber = {0};
	struct sample_file copy = rewrite(&file, &scrubber);
	struct dz_source source = dz_source_memory(copy.data, copy.size);
	const struct dz_task *task;
	struct dz_reader *reader;
	struct dz_event event;

	(void)state;
	assert_int_equal(dz_reader_open(&source, NULL, &reader), DZ_OK);
	assert_text(dz_reader_info(reader, "host.name"), "host-1");
	assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
	assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
	task = dz_reader_task(reader, ((const struct dz_exit *)event.row)->task);
	assert_non_null(task);
	assert_text(dz_reader_string(reader, task->comm), "****");
	assert_text(dz_reader_string(reader, task->cgroup), "/user.slice");
	assert_int_equal(dz_reader_flags(reader), DZ_TRAILER_CLEAN | DZ_TRAILER_SCRUBBED);
	assert_int_equal(dz_reader_header(reader)->boot_id[5], 0);
	assert_int_equal(scrubber.asked, 4);
	assert_false(scrubber.saw_schema);
	for (uint64_t id = 1; id < 1000; id++) {
		struct dz_bytes text = dz_reader_string(reader, id);

		assert_false(text.size == 28 && memcmp(text.data, "nobody", 6) == 0);
	}
	dz_reader_close(reader);
	free(copy.data);
	free(file.data);
}

static void events_are_copied_as_they_are(void **state)
{
	struct sample_file file = sample_make(20, 3, 1);
	struct scrubber scrubber = {0};
	struct sample_file copy = rewrite(&file, &scrubber);
	struct trace_digest before = trace_digest_of(file.data, file.size);
	struct trace_digest after = trace_digest_of(copy.data, copy.size);

	(void)state;
	assert_int_equal(after.damage_count, 0);
	assert_true(after.closed);
	assert_true(trace_digest_same_rows(&before, &after, 0, 0));
	assert_true(scrubber.names > 0);
	free(copy.data);
	free(file.data);
}

/* Adds the bit of a field, which no field before has. Fields without names have none. */
static void add_bit(const struct dz_kind_schema *kind, uint32_t field, uint64_t *all)
{
	uint64_t bit = dz_string_use_bit(kind->kind, kind->fields[field].name);

	if (kind->fields[field].type != DZ_TYPE_STRING || kind->kind == DZ_KIND_SCHEMA) {
		assert_int_equal(bit, 0);
		return;
	}
	assert_true(bit != 0 && !(bit & *all));
	*all |= bit;
}

static void every_field_of_strings_has_a_bit_of_its_own(void **state)
{
	const struct dz_kind_schema *kinds;
	uint64_t all = DZ_USE_UNKNOWN | (uint64_t)1 << 62;
	size_t count;

	(void)state;
	kinds = dz_schema_kinds(&count);
	for (size_t k = 0; k < count; k++)
		for (uint32_t f = 0; f < kinds[k].field_count; f++)
			add_bit(&kinds[k], f, &all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repaired_file_is_clean_and_has_all_that_was_intact),
		cmocka_unit_test(a_truncated_file_becomes_a_closed_one_with_the_repaired_flag),
		cmocka_unit_test(what_cannot_be_read_at_all_cannot_be_repaired),
		cmocka_unit_test(strings_are_replaced_by_what_they_are_used_for),
		cmocka_unit_test(events_are_copied_as_they_are),
		cmocka_unit_test(every_field_of_strings_has_a_bit_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
