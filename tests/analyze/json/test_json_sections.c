/* tests/analyze/json/test_json_sections.c - steps and phases in the objects of their sections */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/json/json_sections.h"

static const struct dz_field_schema field = {.name = "n"};
static const struct dz_kind_schema schema = {.fields = &field, .field_count = 1};
static struct trace_file file;

/* What is written, and how rows are put in. */
struct sink {
	char *text;
	size_t size;
	FILE *out;
	struct json_writer writer;
	struct json_sections *sections;
};

static void put_object(void *context, const struct visitor_event *event, bool inside)
{
	struct sink *sink = context;
	struct buffer *out = &sink->writer.buffer;

	json_text_literal(out, "{");
	json_text_name(out, "n");
	json_text_uint(out, event->event->values[0]);
	json_text_name(out, "inside");
	json_text_bool(out, inside);
}

static struct sink *open_sink(void)
{
	struct sink *sink = calloc(1, sizeof(*sink));

	assert_non_null(sink);
	sink->out = open_memstream(&sink->text, &sink->size);
	assert_non_null(sink->out);
	sink->writer = json_writer_new(sink->out);
	assert_true(json_sections_new(
		&(struct json_sections_maker){&sink->writer, sink, put_object}, &sink->sections));
	return sink;
}

static void close_sink(struct sink *sink)
{
	assert_true(json_writer_flush(&sink->writer));
	json_sections_free(sink->sections);
	json_writer_release(&sink->writer);
	assert_int_equal(fclose(sink->out), 0);
}

/* Everything is written then. */
static void expect(struct sink *sink, const char *text)
{
	assert_true(json_sections_finish(sink->sections));
	close_sink(sink);
	assert_string_equal(sink->text, text);
	free(sink->text);
	free(sink);
}

/* An event to put in; `n` is what is written of it. */
struct put_event {
	uint32_t kind;
	const void *row;
	uint64_t tid, time_ns, n;
};

static void put(struct sink *sink, struct put_event put)
{
	const struct dz_task task = {.tid = put.tid};
	const struct dz_event event = {.kind = put.kind,
				       .time_ns = put.time_ns,
				       .schema = &schema,
				       .values = &put.n,
				       .row = put.row};
	const struct visitor_event seen = {
		.file = &file, .event = &event, .unix_ns = put.time_ns, .task = &task};

	assert_true(json_sections_write_before(sink->sections, put.time_ns));
	assert_true(json_sections_add(sink->sections, &seen));
}

/* A step is known by its time in what is written. */
static void step(struct sink *sink, uint64_t tid, uint64_t outermost, uint64_t time_ns)
{
	const struct dz_step row = {.section = outermost};

	put(sink, (struct put_event){DZ_KIND_STEP, &row, tid, time_ns, time_ns});
}

static void phase(struct sink *sink, uint64_t tid, uint64_t outermost, uint64_t section,
		  uint64_t time_ns)
{
	const struct dz_phase row = {.section = section, .outermost = outermost};

	put(sink, (struct put_event){DZ_KIND_PHASE, &row, tid, time_ns, 1000 + section});
}

/* And a section by its id. */
static void section(struct sink *sink, uint64_t tid, uint64_t outermost, uint64_t id,
		    const uint64_t span_ns[static 2])
{
	const struct dz_section row = {
		.id = id, .outermost = outermost, .start = span_ns[0], .time = span_ns[1]};

	put(sink, (struct put_event){DZ_KIND_SECTION, &row, tid, span_ns[1], id});
}

static void steps_and_phases_are_in_their_section(void **state)
{
	struct sink *sink = open_sink();

	(void)state;
	step(sink, 7, 1, 110);
	step(sink, 7, 1, 120);
	phase(sink, 7, 1, 1, 130);
	section(sink, 7, 1, 1, (uint64_t[]){100, 130});
	expect(sink, "{\"n\":1,\"inside\":false,\"phases\":[{\"n\":1001,\"inside\":true}],"
		     "\"steps\":[{\"n\":110,\"inside\":true},{\"n\":120,\"inside\":true}]}\n");
}

static void events_at_the_time_of_the_stop_belong_to_the_section(void **state)
{
	struct sink *sink = open_sink();

	(void)state;
	section(sink, 7, 1, 1, (uint64_t[]){100, 130});
	step(sink, 7, 1, 130);
	section(sink, 7, 2, 2, (uint64_t[]){131, 140});
	expect(sink,
	       "{\"n\":1,\"inside\":false,\"phases\":[],\"steps\":[{\"n\":130,\"inside\":true}]}\n"
	       "{\"n\":2,\"inside\":false,\"phases\":[],\"steps\":[]}\n");
}

static void inner_section_has_the_steps_of_its_time(void **state)
{
	struct sink *sink = open_sink();

	(void)state;
	step(sink, 7, 1, 105);
	step(sink, 7, 1, 115);
	phase(sink, 7, 1, 2, 120);
	section(sink, 7, 1, 2, (uint64_t[]){110, 120});
	step(sink, 7, 1, 125);
	phase(sink, 7, 1, 1, 130);
	section(sink, 7, 1, 1, (uint64_t[]){100, 130});
	expect(sink, "{\"n\":2,\"inside\":false,\"phases\":[{\"n\":1002,\"inside\":true}],"
		     "\"steps\":[{\"n\":115,\"inside\":true}]}\n"
		     "{\"n\":1,\"inside\":false,\"phases\":[{\"n\":1001,\"inside\":true}],"
		     "\"steps\":[{\"n\":105,\"inside\":true},{\"n\":115,\"inside\":true},"
		     "{\"n\":125,\"inside\":true}]}\n");
}

static void threads_do_not_mix(void **state)
{
	struct sink *sink = open_sink();

	(void)state;
	step(sink, 7, 1, 110);
	step(sink, 8, 2, 111);
	step(sink, 7, 1, 112);
	section(sink, 8, 2, 2, (uint64_t[]){100, 120});
	section(sink, 7, 1, 1, (uint64_t[]){100, 121});
	expect(sink,
	       "{\"n\":2,\"inside\":false,\"phases\":[],\"steps\":[{\"n\":111,\"inside\":true}]}\n"
	       "{\"n\":1,\"inside\":false,\"phases\":[],\"steps\":[{\"n\":110,\"inside\":true},"
	       "{\"n\":112,\"inside\":true}]}\n");
}

static void steps_in_no_section_are_separate_objects(void **state)
{
	struct sink *sink = open_sink();

	(void)state;
	step(sink, 7, 1, 105); /* of an outer section that was not kept */
	step(sink, 7, 1, 115);
	section(sink, 7, 1, 2, (uint64_t[]){110, 120});
	step(sink, 7, 3, 150); /* the thread is in another one */
	step(sink, 9, 4, 160);
	expect(sink,
	       "{\"n\":2,\"inside\":false,\"phases\":[],\"steps\":[{\"n\":115,\"inside\":true}]}\n"
	       "{\"n\":105,\"inside\":false}\n"
	       "{\"n\":150,\"inside\":false}\n"
	       "{\"n\":160,\"inside\":false}\n");
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

static void forged_sections_do_not_multiply_their_steps(void **state)
{
	struct sink *sink = open_sink();

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		step(sink, 7, 1, 110);
	for (uint64_t id = 2; id < 1000; id++)
		section(sink, 7, 1, id, (uint64_t[]){100, 120 + id});
	assert_true(json_sections_finish(sink->sections));
	close_sink(sink);
	assert_int_equal(count_of(sink->text, "\"steps\":["), 998);
	assert_in_range(count_of(sink->text, "{\"n\":110,\"inside\":true}"), 1600, 1700);
	free(sink->text);
	free(sink);
}

static void pending_sections_of_the_same_time_are_limited(void **state)
{
	struct sink *sink = open_sink();

	(void)state;
	for (uint64_t id = 1; id <= 10000; id++)
		section(sink, 7, 1, id, (uint64_t[]){100, 120});
	close_sink(sink);
	assert_true(sink->size > 0);
	free(sink->text);
	free(sink);
}

/* The example at the start of json_sections.c. */
static void a_step_is_in_every_section_around_it(void **state)
{
	struct sink *sink = open_sink();

	(void)state;
	step(sink, 9, 1, 110);
	step(sink, 9, 1, 130);
	phase(sink, 9, 1, 2, 150);
	section(sink, 9, 1, 2, (uint64_t[]){120, 150});
	step(sink, 9, 1, 180);
	phase(sink, 9, 1, 1, 200);
	section(sink, 9, 1, 1, (uint64_t[]){100, 200});
	assert_true(json_sections_write_before(sink->sections, 300));
	expect(sink, "{\"n\":2,\"inside\":false,\"phases\":[{\"n\":1002,\"inside\":true}],"
		     "\"steps\":[{\"n\":130,\"inside\":true}]}\n"
		     "{\"n\":1,\"inside\":false,\"phases\":[{\"n\":1001,\"inside\":true}],"
		     "\"steps\":[{\"n\":110,\"inside\":true},{\"n\":130,\"inside\":true},"
		     "{\"n\":180,\"inside\":true}]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_and_phases_are_in_their_section),
		cmocka_unit_test(a_step_is_in_every_section_around_it),
		cmocka_unit_test(events_at_the_time_of_the_stop_belong_to_the_section),
		cmocka_unit_test(inner_section_has_the_steps_of_its_time),
		cmocka_unit_test(threads_do_not_mix),
		cmocka_unit_test(steps_in_no_section_are_separate_objects),
		cmocka_unit_test(forged_sections_do_not_multiply_their_steps),
		cmocka_unit_test(pending_sections_of_the_same_time_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
