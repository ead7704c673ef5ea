/* tests/analyze/report/test_cpu_report.c - analyze/report/cpu_report.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/cpu_report.h"
#include "tests/analyze/replayed.h"

#define MS UINT64_C(1000000)

static void write_full(FILE *out, void *context)
{
	assert_true(cpu_report_write(context, out));
}

static void write_brief(FILE *out, void *context)
{
	const struct layout layout = {.width = 120};

	assert_true(cpu_report_write_brief(context, &layout, out));
}

/* Three samples of one task, two of them in one row, one in the kernel; one of another without a
 * stack. */
static void add_samples(struct scenario *scenario)
{
	const uint64_t busy =
		scenario_task(scenario, &(struct scenario_task){.pid = 10, .comm = "busy"});
	const uint64_t other =
		scenario_task(scenario, &(struct scenario_task){.pid = 11, .comm = "other"});
	const uint64_t user = scenario_stack(scenario, "main;compute");

	for (size_t i = 0; i < 2; i++)
		scenario_cpu(scenario,
			     (struct dz_cpu){.task = busy,
					     .period = 10 * MS,
					     .count = i ? 2 : 0,
					     .user_stack = user,
					     .kernel_stack =
						     i ? 0 : scenario_stack(scenario, "vfs_read")});
	scenario_cpu(scenario, (struct dz_cpu){.task = other, .period = 10 * MS});
}

static void add_faults(struct scenario *scenario)
{
	const uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 10, .comm = "busy"});

	scenario_info(scenario, "cpu.event", "page-faults");
	scenario_cpu(scenario, (struct dz_cpu){.task = task, .count = 2, .events = 3000});
	scenario_cpu(scenario, (struct dz_cpu){.task = task, .events = 1000});
	scenario_info(scenario, "cpu.hits", "30");
	scenario_info(scenario, "cpu.skipped_every", "27");
}

static char *text_with(void (*fill)(struct scenario *scenario), size_t top,
		       void (*write)(FILE *out, void *context))
{
	struct trace *trace = replayed_trace(fill);
	struct cpu_report *report = cpu_report_new(top);
	char *text;

	assert_non_null(report);
	replayed_show(trace, NULL, cpu_report_visitor(report));
	text = replayed_text(write, report);
	cpu_report_free(report);
	trace_free(trace);
	return text;
}

static char *text_of(size_t top, void (*write)(FILE *out, void *context))
{
	return text_with(add_samples, top, write);
}

static void samples_are_added_up_by_task_and_function(void **state)
{
	char *text = text_of(0, write_full);

	(void)state;
	assert_non_null(strstr(text, "\n4 samples, 40.0 ms\n"));
	assert_non_null(strstr(text, "SAMPLES  WHO RAN\n"
				     "       30.0 ms     75.0           3  busy\n"
				     "       10.0 ms     25.0           1  other\n"));
	assert_non_null(strstr(text, "SAMPLES  IN WHICH FUNCTION\n"
				     "       20.0 ms     50.0           2  compute\n"
				     "       10.0 ms     25.0           1  no stack\n"
				     "       10.0 ms     25.0           1  vfs_read\n"));
	free(text);
}

static void a_list_is_as_long_as_wanted(void **state)
{
	char *text = text_of(1, write_full);

	(void)state;
	assert_non_null(strstr(text, "    ... and 2 more (--top 0)\n"));
	free(text);
}

static void events_that_are_not_of_a_clock_are_numbers(void **state)
{
	char *text = text_with(add_faults, 0, write_full);

	(void)state;
	assert_non_null(strstr(text, "\n3 samples, 4,000 page-faults\n"
				     "    skipped: 27 by --every; of 30 hits since the recording "
				     "began\n"));
	assert_non_null(strstr(text, "        EVENTS  PERCENT     SAMPLES  WHO RAN\n"
				     "         4,000    100.0           3  busy\n"));
	free(text);
	text = text_with(add_faults, 0, write_brief);
	assert_string_equal(text, "CPU       3 samples of CPUs, 4,000 page-faults, 27 skipped by "
				  "--every: busy 100 %\n"
				  "          in no stack 100 %  (-e cpu)\n");
	free(text);
}

static void in_brief_it_is_who_ran_most(void **state)
{
	char *text = text_of(0, write_brief);

	(void)state;
	assert_string_equal(text,
			    "CPU       4 samples of CPUs, 40 ms: busy 75 %, other 25 %\n"
			    "          in compute 50 %, no stack 25 %, vfs_read 25 %  (-e cpu)\n");
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_added_up_by_task_and_function),
		cmocka_unit_test(a_list_is_as_long_as_wanted),
		cmocka_unit_test(events_that_are_not_of_a_clock_are_numbers),
		cmocka_unit_test(in_brief_it_is_who_ran_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
