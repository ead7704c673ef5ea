/* tests/analyze/report/test_left_out.c - what was left out of the hits of a probe */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/left_out.h"
#include "tests/analyze/replayed.h"

static struct trace_text text_of(const char *text)
{
	return (struct trace_text){text, strlen(text)};
}

static void assert_about(const char *key, enum left_out_fact fact, const char *probe)
{
	enum left_out_fact found = LEFT_OUT_FACTS;
	struct trace_text name = {NULL, 0};

	assert_true(left_out_parse(text_of(key), &found, &name));
	assert_int_equal(found, fact);
	assert_int_equal(name.size, strlen(probe));
	assert_memory_equal(name.bytes, probe, name.size);
}

static void keys_tell_the_probe_and_what_of_it(void **state)
{
	static const char *const others[] = {
		"",
		"probe.hits.",
		"probe.hits",
		"probe.attach_ns",
		"robe.hits.kprobe:f",
		"probe.misses",
	};
	enum left_out_fact fact;
	struct trace_text probe;

	(void)state;
	assert_about("probe.hits.kprobe:f", LEFT_OUT_OF, "kprobe:f");
	assert_about("probe.skipped_every.kprobe:f", LEFT_OUT_BY_EVERY, "kprobe:f");
	assert_about("probe.skipped_rate.tracepoint:a:b", LEFT_OUT_BY_RATE, "tracepoint:a:b");
	assert_about("probe.skipped_min_latency.x", LEFT_OUT_AS_QUICK, "x");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(left_out_parse(text_of(others[i]), &fact, &probe));
}

static void write_line(FILE *out, void *context)
{
	left_out_write(context, out);
}

static void assert_line(struct left_out *left_out, const char *expected)
{
	char *text = replayed_text(write_line, left_out);

	assert_string_equal(text, expected);
	free(text);
}

static void every_way_to_leave_out_is_told_that_left_out_any(void **state)
{
	const struct trace_file file = {.boot = 1};
	struct left_out left_out = {.file = NULL};

	(void)state;
	assert_line(&left_out, "");
	left_out_learn(&left_out, &file, LEFT_OUT_OF, text_of("14823"));
	assert_line(&left_out, "");
	left_out_learn(&left_out, &file, LEFT_OUT_BY_EVERY, text_of("13340"));
	assert_line(&left_out,
		    "    left out: 13,340 by --every; of 14,823 hits since the recording began\n");
	left_out_learn(&left_out, &file, LEFT_OUT_AS_QUICK, text_of("2"));
	assert_line(&left_out, "    left out: 13,340 by --every, 2 by --min-latency; of 14,823 "
			       "hits since the recording began\n");
}

static void a_later_file_of_a_recording_tells_of_all_of_it(void **state)
{
	const struct trace_file first = {.boot = 1};
	const struct trace_file second = {.boot = 1};
	struct left_out left_out = {.file = NULL};

	(void)state;
	left_out_learn(&left_out, &first, LEFT_OUT_OF, text_of("10"));
	left_out_learn(&left_out, &first, LEFT_OUT_BY_RATE, text_of("5"));
	left_out_learn(&left_out, &second, LEFT_OUT_OF, text_of("20"));
	left_out_learn(&left_out, &second, LEFT_OUT_BY_RATE, text_of("7"));
	assert_line(&left_out,
		    "    left out: 7 by --max-per-second; of 20 hits since the recording began\n");
}

static void recordings_of_several_machines_are_not_mixed(void **state)
{
	const struct trace_file first = {.boot = 1};
	const struct trace_file second = {.boot = 2};
	struct left_out left_out = {.file = NULL};

	(void)state;
	left_out_learn(&left_out, &first, LEFT_OUT_OF, text_of("10"));
	left_out_learn(&left_out, &second, LEFT_OUT_OF, text_of("20"));
	left_out_learn(&left_out, &second, LEFT_OUT_BY_RATE, text_of("7"));
	assert_line(&left_out, "");
}

static void fewer_hits_than_before_are_of_another_recording(void **state)
{
	const struct trace_file first = {.boot = 1};
	const struct trace_file second = {.boot = 1};
	struct left_out left_out = {.file = NULL};

	(void)state;
	left_out_learn(&left_out, &first, LEFT_OUT_OF, text_of("20"));
	left_out_learn(&left_out, &second, LEFT_OUT_OF, text_of("19"));
	left_out_learn(&left_out, &second, LEFT_OUT_BY_RATE, text_of("7"));
	assert_line(&left_out, "");
}

static int file_of_recording(const char *start_cpu_ns)
{
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, 1);

	scenario_info(&scenario, "recorder.version", "1");
	if (start_cpu_ns)
		scenario_info(&scenario, "recorder.start_cpu_ns", start_cpu_ns);
	scenario_close(&scenario);
	return fd;
}

/* What three files, one after the other, tell that have taken so long to start. */
static void assert_line_of(const char *const starts[3], const char *expected)
{
	static const char *const hits[] = {"10", "20", "30"};
	struct left_out left_out = {.file = NULL};
	struct trace *trace;

	assert_true(trace_new(&trace));
	for (size_t i = 0; i < 3; i++)
		assert_true(trace_add(trace, "a.dz", file_of_recording(starts[i])));
	assert_true(trace_load(trace));
	for (size_t i = 0; i < 3; i++) {
		left_out_learn(&left_out, trace_file(trace, i), LEFT_OUT_OF, text_of(hits[i]));
		left_out_learn(&left_out, trace_file(trace, i), LEFT_OUT_BY_RATE, text_of("7"));
	}
	assert_line(&left_out, expected);
	trace_free(trace);
}

static void recordings_after_each_other_are_not_mixed(void **state)
{
	static const char *const rotated[] = {"100", NULL, NULL};
	static const char *const windows[] = {"100", "100", "100"};
	static const char *const two[] = {"100", NULL, "200"};
	static const char *const three[] = {"100", "200", "300"};
	static const char last[] =
		"    left out: 7 by --max-per-second; of 30 hits since the recording began\n";

	(void)state;
	assert_line_of(rotated, last);
	assert_line_of(windows, last);
	assert_line_of(two, "");
	assert_line_of(three, "");
}

static void what_is_no_number_is_ignored(void **state)
{
	static const char *const values[] = {"", "-1", "7x", "18446744073709551616",
					     "7777777777777777777777777777777"};
	const struct trace_file file = {.boot = 1};
	struct left_out left_out = {.file = NULL};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		left_out_learn(&left_out, &file, LEFT_OUT_BY_EVERY, text_of(values[i]));
	assert_line(&left_out, "");
	assert_null(left_out.file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_tell_the_probe_and_what_of_it),
		cmocka_unit_test(every_way_to_leave_out_is_told_that_left_out_any),
		cmocka_unit_test(a_later_file_of_a_recording_tells_of_all_of_it),
		cmocka_unit_test(recordings_of_several_machines_are_not_mixed),
		cmocka_unit_test(fewer_hits_than_before_are_of_another_recording),
		cmocka_unit_test(recordings_after_each_other_are_not_mixed),
		cmocka_unit_test(what_is_no_number_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
