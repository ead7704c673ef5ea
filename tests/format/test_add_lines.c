/* tests/format/test_add_lines.c - format/add_lines.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/add_lines.h"
#include "tests/format/sample_trace.h"
#include <dz/reader.h>
#include <dz/writer.h>

#define EVENTS 4

/* Finds two functions at every place, one of them inlined; or none. */
static size_t find_two(void *context, const struct dz_place *place,
		       const struct dz_place_function **ret_functions)
{
	static const struct dz_place_function functions[] = {
		{.name = "inner", .file = "inner.c", .line = 7, .inlined = true},
		{.name = "outer", .file = "outer.c", .line = 9, .offset = 5},
	};
	uint64_t *asked = context;

	*asked += place->address;
	*ret_functions = functions;
	return 2;
}

static size_t find_none(void *context, const struct dz_place *place,
			const struct dz_place_function **ret_functions)
{
	(void)context;
	(void)place;
	(void)ret_functions;
	return 0;
}

/* Two exits with a stack of `depth` frames, in each of two generations. The frames have the
 * addresses 0x1001, 0x1002 and so on, from the outermost. */
static struct sample_file make_deep(uint32_t frames)
{
	struct dz_file_header header = sample_header(1);
	struct sample_file file = {0};
	struct dz_sink sink = sample_sink(&file);
	struct dz_writer *writer;

	assert_int_equal(dz_writer_open(&sink, &header, 3, &writer), DZ_OK);
	/* A generation ends with the first flush 60 s or more after its first one. */
	for (uint64_t event = 0; event < EVENTS; event++) {
		struct dz_module module = {.path = dz_writer_text(writer, "/bin/x"),
					   .build_id = dz_writer_text(writer, "12345678")};
		struct dz_exit row = {.time = (1 + event) * 100000000000, .exit_code = 3};

		for (uint32_t i = 1; i <= frames; i++) {
			struct dz_frame frame = {.module = dz_writer_module(writer, &module),
						 .module_offset = 0x1000 + i};
			struct dz_stack stack = {.caller = row.user_stack,
						 .frame = dz_writer_frame(writer, &frame)};

			row.user_stack = dz_writer_stack(writer, &stack);
		}
		assert_int_equal(dz_writer_add(writer, DZ_KIND_EXIT, &row), DZ_OK);
		assert_int_equal(dz_writer_flush(writer, row.time), DZ_OK);
	}
	assert_int_equal(dz_writer_close(writer), DZ_OK);
	return file;
}

static struct sample_file add_lines(const struct sample_file *file,
				    const struct dz_add_lines_options *options,
				    struct dz_add_lines_result *result)
{
	struct sample_file copy = {0};
	struct dz_sink sink = sample_sink(&copy);
	struct dz_source source = dz_source_memory(file->data, file->size);

	assert_int_equal(dz_add_lines(&source, &sink, options, result), DZ_OK);
	return copy;
}

static struct dz_reader *open_valid(const struct sample_file *file, struct dz_source *source)
{
	struct dz_reader *reader;
	size_t damages;

	*source = dz_source_memory(file->data, file->size);
	assert_int_equal(dz_reader_open(source, NULL, &reader), DZ_OK);
	assert_int_equal(dz_reader_verify(reader), DZ_OK);
	dz_reader_damage(reader, &damages);
	assert_int_equal(damages, 0);
	assert_true(dz_reader_closed(reader));
	return reader;
}

static bool is_text(const struct dz_reader *reader, uint64_t id, const char *text)
{
	struct dz_bytes bytes = dz_reader_string(reader, id);

	return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

static void assert_expected(const struct dz_reader *reader, const struct dz_frame *frame)
{
	const bool inner = frame->inlined;

	assert_true(is_text(reader, frame->symbol, inner ? "inner" : "outer"));
	assert_true(is_text(reader, frame->file, inner ? "inner.c" : "outer.c"));
	assert_int_equal(frame->line, inner ? 7 : 9);
}

/* Counts the frames of a stack, leaf first. No inlined frame may be inside another inlined one. */
static uint32_t count_frames(const struct dz_reader *reader, uint64_t stack, uint32_t *ret_inlined)
{
	const struct dz_stack *link;
	bool expects_outer = false;
	uint32_t frames = 0;

	*ret_inlined = 0;
	for (; (link = dz_reader_stack(reader, stack)); stack = link->caller) {
		const struct dz_frame *frame = dz_reader_frame(reader, link->frame);

		if (!frame)
			break;
		assert_expected(reader, frame);
		assert_false(expects_outer && frame->inlined);
		expects_outer = frame->inlined;
		*ret_inlined += (uint32_t)frame->inlined;
		frames++;
	}
	return frames;
}

static void every_frame_gets_its_functions_in_every_generation(void **state)
{
	uint64_t asked = 0;
	const struct dz_add_lines_options options = {.context = &asked, .find = find_two};
	struct sample_file file = make_deep(3);
	struct dz_add_lines_result result;
	struct sample_file copy = add_lines(&file, &options, &result);
	struct dz_source source;
	struct dz_reader *reader = open_valid(&copy, &source);
	struct dz_event event;

	(void)state;
	assert_int_equal(result.frames, 6);
	assert_int_equal(result.inlined, 6);
	/* The place of the innermost frame, the byte before it of the others. */
	assert_int_equal(asked, 2 * (0x1003 + 0x1001 + 0x1000));
	for (int i = 0; i < EVENTS; i++) {
		const struct dz_exit *row;
		uint32_t inlined;

		assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
		row = event.row;
		assert_int_equal(row->exit_code, 3);
		assert_int_equal(count_frames(reader, row->user_stack, &inlined), 6);
		assert_int_equal(inlined, 3);
	}
	assert_int_equal(dz_reader_next(reader, &event), DZ_END);
	dz_reader_close(reader);
	free(copy.data);
	free(file.data);
}

static void a_deep_chain_keeps_all_its_frames(void **state)
{
	static const uint32_t depths[] = {256, 300, 511, 512};
	uint64_t asked = 0;
	const struct dz_add_lines_options options = {.context = &asked, .find = find_two};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		struct sample_file file = make_deep(depths[i]);
		struct dz_add_lines_result result;
		struct sample_file copy = add_lines(&file, &options, &result);
		struct dz_source source;
		struct dz_reader *reader = open_valid(&copy, &source);
		struct dz_event event;
		uint32_t inlined, frames;

		assert_int_equal(dz_reader_next(reader, &event), DZ_OK);
		frames = count_frames(reader, ((const struct dz_exit *)event.row)->user_stack,
				      &inlined);
		assert_int_equal(frames - inlined, depths[i]);
		assert_int_equal(frames, 512);
		dz_reader_close(reader);
		free(copy.data);
		free(file.data);
	}
}

static void without_anything_known_the_events_are_the_same(void **state)
{
	const struct dz_add_lines_options options = {.find = find_none};
	struct sample_file file = sample_make(20, 3, 1);
	struct dz_add_lines_result result;
	struct sample_file copy = add_lines(&file, &options, &result);
	struct dz_source sources[2];
	struct dz_reader *before = open_valid(&file, &sources[0]);
	struct dz_reader *after = open_valid(&copy, &sources[1]);
	struct dz_event was, is;
	enum dz_status status;

	(void)state;
	assert_int_equal(result.frames, 0);
	while ((status = dz_reader_next(before, &was)) == DZ_OK) {
		assert_int_equal(dz_reader_next(after, &is), DZ_OK);
		assert_int_equal(was.kind, is.kind);
		assert_int_equal(was.time_ns, is.time_ns);
		assert_int_equal(was.schema->field_count, is.schema->field_count);
		for (uint32_t field = 0; field < was.schema->field_count; field++)
			if (was.schema->fields[field].type < DZ_TYPE_STRING)
				assert_int_equal(was.values[field], is.values[field]);
	}
	assert_int_equal(status, DZ_END);
	assert_int_equal(dz_reader_next(after, &is), DZ_END);
	dz_reader_close(before);
	dz_reader_close(after);
	free(copy.data);
	free(file.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_gets_its_functions_in_every_generation),
		cmocka_unit_test(a_deep_chain_keeps_all_its_frames),
		cmocka_unit_test(without_anything_known_the_events_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
