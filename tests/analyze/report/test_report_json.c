/* tests/analyze/report/test_report_json.c - the first failure of a COMMAND as a member of JSON */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/report/report_json.h"
#include "tests/analyze/replayed.h"

#define COMMAND 100u

static uint64_t add_task(struct scenario *scenario, uint64_t parent, uint32_t pid, const char *comm)
{
	const struct scenario_task task = {
		.parent = parent, .pid = pid, .comm = comm, .age_ns = pid * UINT64_C(1000)};

	return scenario_task(scenario, &task);
}

/* make(100) starts cc(99), which fails, and ends with its failure. */
static void add_build(struct scenario *scenario)
{
	uint64_t make = add_task(scenario, 0, COMMAND, "make");
	uint64_t compiler = add_task(scenario, make, 99, "cc");

	scenario_info(scenario, "command.pid", "100");
	scenario_exit(scenario, (struct dz_exit){.task = compiler, .exit_code = 1});
	scenario_exit(scenario, (struct dz_exit){.task = make, .exit_code = 2});
}

/* The same without a COMMAND. */
static void add_processes(struct scenario *scenario)
{
	uint64_t make = add_task(scenario, 0, COMMAND, "make");

	scenario_exit(scenario, (struct dz_exit){.task = make, .exit_code = 2});
}

static void write_report(FILE *out, void *context)
{
	const struct report_options options = {.mode = REPORT_JSON};
	const struct report report = {.options = &options, .trace = context, .out = out};

	assert_true(report_json_write(&report));
}

/* Returns the member of the exit of a process: 0 or 1; -1 if it is absent. */
static int first_failure(const char *text, uint32_t pid)
{
	int found = -2;

	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		json_t *object = json_loadb(text, (size_t)(end - text), 0, NULL);
		const json_t *member = json_object_get(object, "first_failure");

		assert_non_null(object);
		if (json_integer_value(json_object_get(object, "pid")) == pid)
			found = member ? json_is_true(member) : -1;
		json_decref(object);
	}
	return found;
}

static void a_command_has_one_first_failure(void **state)
{
	struct trace *trace = replayed_trace(add_build);
	char *text = replayed_text(write_report, trace);

	(void)state;
	assert_int_equal(first_failure(text, 99), 1);
	assert_int_equal(first_failure(text, COMMAND), 0);
	free(text);
	trace_free(trace);
}

static void without_a_command_it_is_absent(void **state)
{
	struct trace *trace = replayed_trace(add_processes);
	char *text = replayed_text(write_report, trace);

	(void)state;
	assert_int_equal(first_failure(text, COMMAND), -1);
	free(text);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_has_one_first_failure),
		cmocka_unit_test(without_a_command_it_is_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
