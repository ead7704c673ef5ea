/* tests/analyze/report/test_skipped.c - analyze/report/skipped.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/skipped.h"
#include "tests/analyze/replayed.h"

static struct trace_text text_of(const char *text)
{
	return (struct trace_text){text, strlen(text)};
}

static void assert_about(const char *key, enum skipped_count count, const char *probe)
{
	enum skipped_count found = SKIPPED_COUNTS;
	struct trace_text name = {NULL, 0};

	assert_true(skipped_parse(text_of(key), &found, &name));
	assert_int_equal(found, count);
	assert_int_equal(name.size, strlen(probe));
	assert_memory_equal(name.bytes, probe, name.size);
}

static void a_key_names_the_probe_and_the_count(void **state)
{
	static const char *const others[] = {
		"",
		"probe.hits.",
		"probe.hits",
		"probe.attach_ns",
		"robe.hits.kprobe:f",
		"probe.misses",
	};
	enum skipped_count count;
	struct trace_text probe;

	(void)state;
	assert_about("probe.hits.kprobe:f", SKIPPED_OF_HITS, "kprobe:f");
	assert_about("probe.skipped_every.kprobe:f", SKIPPED_EVERY, "kprobe:f");
	assert_about("probe.skipped_rate.tracepoint:a:b", SKIPPED_RATE, "tracepoint:a:b");
	assert_about("probe.skipped_min_latency.x", SKIPPED_LATENCY, "x");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(skipped_parse(text_of(others[i]), &count, &probe));
}

static void a_key_names_an_event_and_the_count(void **state)
{
	static const char *const others[] = {
		"", "runq", "runq.", "runq.threshold_ns", "runq.hits.x", "cpu.hits", "xrunq.hits",
	};
	enum skipped_count count = SKIPPED_COUNTS;

	(void)state;
	assert_true(skipped_parse_event(text_of("runq.hits"), "runq", &count));
	assert_int_equal(count, SKIPPED_OF_HITS);
	assert_true(skipped_parse_event(text_of("runq.skipped_every"), "runq", &count));
	assert_int_equal(count, SKIPPED_EVERY);
	assert_true(skipped_parse_event(text_of("cpu.skipped_rate"), "cpu", &count));
	assert_int_equal(count, SKIPPED_RATE);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(skipped_parse_event(text_of(others[i]), "runq", &count));
}

static void write_line(FILE *out, void *context)
{
	skipped_write(context, out);
}

static void assert_line(struct skipped *skipped, const char *expected)
{
	char *text = replayed_text(write_line, skipped);

	assert_string_equal(text, expected);
	free(text);
}

static void each_option_that_skipped_hits_is_named(void **state)
{
	const struct trace_file file = {.boot = 1};
	struct skipped skipped = {.file = NULL};

	(void)state;
	assert_line(&skipped, "");
	skipped_add(&skipped, &file, SKIPPED_OF_HITS, text_of("14823"));
	assert_line(&skipped, "");
	skipped_add(&skipped, &file, SKIPPED_EVERY, text_of("13340"));
	assert_line(&skipped,
		    "    skipped: 13,340 by --every; of 14,823 hits since the recording began\n");
	skipped_add(&skipped, &file, SKIPPED_LATENCY, text_of("2"));
	assert_line(&skipped, "    skipped: 13,340 by --every, 2 by --min-latency; of 14,823 "
			      "hits since the recording began\n");
}

static void a_later_file_of_a_recording_has_the_counts_of_all_of_it(void **state)
{
	const struct trace_file first = {.boot = 1};
	const struct trace_file second = {.boot = 1};
	struct skipped skipped = {.file = NULL};

	(void)state;
	skipped_add(&skipped, &first, SKIPPED_OF_HITS, text_of("10"));
	skipped_add(&skipped, &first, SKIPPED_RATE, text_of("5"));
	skipped_add(&skipped, &second, SKIPPED_OF_HITS, text_of("20"));
	skipped_add(&skipped, &second, SKIPPED_RATE, text_of("7"));
	assert_line(&skipped,
		    "    skipped: 7 by --max-per-second; of 20 hits since the recording began\n");
}

static void recordings_of_several_machines_are_not_mixed(void **state)
{
	const struct trace_file first = {.boot = 1};
	const struct trace_file second = {.boot = 2};
	struct skipped skipped = {.file = NULL};

	(void)state;
	skipped_add(&skipped, &first, SKIPPED_OF_HITS, text_of("10"));
	skipped_add(&skipped, &second, SKIPPED_OF_HITS, text_of("20"));
	skipped_add(&skipped, &second, SKIPPED_RATE, text_of("7"));
	assert_line(&skipped, "");
}

static void fewer_hits_than_before_are_of_another_recording(void **state)
{
	const struct trace_file first = {.boot = 1};
	const struct trace_file second = {.boot = 1};
	struct skipped skipped = {.file = NULL};

	(void)state;
	skipped_add(&skipped, &first, SKIPPED_OF_HITS, text_of("20"));
	skipped_add(&skipped, &second, SKIPPED_OF_HITS, text_of("19"));
	skipped_add(&skipped, &second, SKIPPED_RATE, text_of("7"));
	assert_line(&skipped, "");
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

/* Reads three files in order, which hold these costs of their start; NULL: none. */
static void assert_line_of(const char *const starts[3], const char *expected)
{
	static const char *const hits[] = {"10", "20", "30"};
	struct skipped skipped = {.file = NULL};
	struct trace *trace;

	assert_true(trace_new(&trace));
	for (size_t i = 0; i < 3; i++)
		assert_true(trace_add(trace, "a.dz", file_of_recording(starts[i])));
	assert_true(trace_load(trace));
	for (size_t i = 0; i < 3; i++) {
		skipped_add(&skipped, trace_file(trace, i), SKIPPED_OF_HITS, text_of(hits[i]));
		skipped_add(&skipped, trace_file(trace, i), SKIPPED_RATE, text_of("7"));
	}
	assert_line(&skipped, expected);
	trace_free(trace);
}

static void recordings_after_each_other_are_not_mixed(void **state)
{
	static const char *const rotated[] = {"100", NULL, NULL};
	static const char *const windows[] = {"100", "100", "100"};
	static const char *const two[] = {"100", NULL, "200"};
	static const char *const three[] = {"100", "200", "300"};
	static const char last[] =
		"    skipped: 7 by --max-per-second; of 30 hits since the recording began\n";

	(void)state;
	assert_line_of(rotated, last);
	assert_line_of(windows, last);
	assert_line_of(two, "");
	assert_line_of(three, "");
}

static void a_value_that_is_not_a_number_is_ignored(void **state)
{
	static const char *const values[] = {"", "-1", "7x", "18446744073709551616",
					     "7777777777777777777777777777777"};
	const struct trace_file file = {.boot = 1};
	struct skipped skipped = {.file = NULL};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		skipped_add(&skipped, &file, SKIPPED_EVERY, text_of(values[i]));
	assert_line(&skipped, "");
	assert_null(skipped.file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_names_the_probe_and_the_count),
		cmocka_unit_test(a_key_names_an_event_and_the_count),
		cmocka_unit_test(each_option_that_skipped_hits_is_named),
		cmocka_unit_test(a_later_file_of_a_recording_has_the_counts_of_all_of_it),
		cmocka_unit_test(recordings_of_several_machines_are_not_mixed),
		cmocka_unit_test(fewer_hits_than_before_are_of_another_recording),
		cmocka_unit_test(recordings_after_each_other_are_not_mixed),
		cmocka_unit_test(a_value_that_is_not_a_number_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
