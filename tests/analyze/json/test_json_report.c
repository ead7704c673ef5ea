/* tests/analyze/json/test_json_report.c - every event as a JSON object on a separate line */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "analyze/json/json_report.h"
#include "tests/analyze/replayed.h"
#include "tests/format/sample_trace.h"

struct written {
	struct trace *trace;
	bool stacks;
};

static void write_report(FILE *out, void *context)
{
	const struct written *written = context;
	struct json_report report = json_report_new(out, written->stacks);
	struct totals totals = {0};

	replayed_show(written->trace, NULL, totals_visitor(&totals));
	replayed_show(written->trace, NULL, json_report_visitor(&report));
	assert_true(json_report_summary(&report, written->trace, &totals, true));
	json_report_release(&report);
}

/* Parses each line separately. Returns the number of lines with this type. */
static size_t count_type(const char *text, const char *type)
{
	size_t count = 0;

	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		json_t *object = json_loadb(text, (size_t)(end - text), 0, NULL);

		assert_non_null(object);
		assert_int_equal(json_is_string(json_object_get(object, "type")), 1);
		count += strcmp(json_string_value(json_object_get(object, "type")), type) == 0;
		json_decref(object);
	}
	assert_int_equal(*text, '\0');
	return count;
}

static void every_event_is_a_line(void **state)
{
	struct written written = {.trace = replayed_trace(scenario_deaths)};
	char *text = replayed_text(write_report, &written);

	(void)state;
	assert_int_equal(count_type(text, "exit"), 38);
	assert_int_equal(count_type(text, "signal"), 23);
	assert_int_equal(count_type(text, "oom"), 1);
	assert_int_equal(count_type(text, "summary"), 1);
	assert_int_equal(count_type(text, "info"), 0);
	assert_null(strstr(text, "user_stack"));
	free(text);
	trace_free(written.trace);
}

static void every_kind_and_every_value_can_be_written(void **state)
{
	struct sample_file sample = sample_make(50, 2, 3);
	int fd = scenario_unnamed_file();
	struct written written = {.stacks = true};
	char *text;

	(void)state;
	assert_int_equal(write(fd, sample.data, sample.size), sample.size);
	written.trace = replayed_file(fd);
	text = replayed_text(write_report, &written);
	assert_true(count_type(text, "section") > 0);
	assert_true(count_type(text, "probe") > 0);
	assert_true(count_type(text, "step") > 0);
	for (const char *at = text; *at != '\0'; at++)
		assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
	free(text);
	free(sample.data);
	trace_free(written.trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_is_a_line),
		cmocka_unit_test(every_kind_and_every_value_can_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
