/* tests/analyze/report/test_runq_report.c - analyze/report/runq_report.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/runq_report.h"
#include "tests/analyze/replayed.h"
#include <dz/enums.h>

#define MS UINT64_C(1000000)

static void write_full(FILE *out, void *context)
{
	assert_true(runq_report_write(context, out));
}

static void write_brief(FILE *out, void *context)
{
	const struct layout layout = {.width = 120};

	assert_true(runq_report_write_brief(context, &layout, out));
}

static char *text_of(void (*add)(struct scenario *scenario), size_t top,
		     void (*write)(FILE *out, void *context))
{
	struct trace *trace = replayed_trace(add);
	struct runq_report *report = runq_report_new(top, true);
	char *text;

	assert_non_null(report);
	replayed_show(trace, NULL, runq_report_visitor(report));
	text = replayed_text(write, report);
	runq_report_free(report);
	trace_free(trace);
	return text;
}

static uint64_t add_task(struct scenario *scenario, uint32_t pid, const char *comm)
{
	return scenario_task(scenario, &(struct scenario_task){.pid = pid, .comm = comm});
}

/* Two waits; the longer one has two holders of one name, an idle CPU and unknown tasks. */
static void add_waits(struct scenario *scenario)
{
	const struct dz_runq_holder holders[] = {
		{.holder = add_task(scenario, 20, "hog"), .held = 4 * MS},
		{.holder = add_task(scenario, 21, "hog"), .held = 3 * MS},
		{.holder = add_task(scenario, 0, "swapper/1"), .held = 2 * MS},
		{.held = MS},
	};
	const uint64_t waiter = add_task(scenario, 10, "waiter");

	scenario_runq(scenario,
		      (struct dz_runq){.task = add_task(scenario, 11, "other"), .waited = 4 * MS},
		      holders, 1);
	scenario_runq(scenario,
		      (struct dz_runq){.task = waiter,
				       .cpu = 1,
				       .waited = 10 * MS,
				       .cause = DZ_RUNQ_CAUSE_PREEMPTED,
				       .throttled = 1},
		      holders, 4);
}

static void the_longest_wait_comes_first_with_its_holders(void **state)
{
	char *text = text_of(add_waits, 0, write_full);

	(void)state;
	assert_non_null(strstr(text, "\n2 waits, 14.0 ms in all, 1 held back by a CPU limit\n"
				     "    waited: 4.0 ms to 10.0 ms, mean 7.0 ms, "));
	assert_non_null(strstr(text, "\n    waiter[10] waited 10.0 ms for CPU 1 until "));
	assert_non_null(strstr(text, ", preempted, held back by a CPU limit; hog ran 7.0 ms, "
				     "idle 2.0 ms, unknown tasks 1.0 ms\n    other[11] waited"));
	assert_non_null(strstr(text, ", woken; hog ran 4.0 ms\n"));
	free(text);
}

static void sums_are_those_of_all_waits(void **state)
{
	char *text = text_of(add_waits, 0, write_full);

	(void)state;
	assert_non_null(strstr(
		text,
		"         TOTAL      50 %      99 %     LONGEST       COUNT  TENTHS  WHO WAITED\n"
		"       10.0 ms   10.0 ms   10.0 ms     10.0 ms           1    #     waiter\n"
		"        4.0 ms    4.0 ms    4.0 ms      4.0 ms           1  #       other\n"));
	assert_non_null(strstr(
		text,
		"TENTHS  WHERE\n"
		"       10.0 ms   10.0 ms   10.0 ms     10.0 ms           1    #     CPU 1\n"));
	assert_non_null(strstr(text, "COUNT  WHO RAN INSTEAD\n"
				     "       11.0 ms      4.0 ms           3  hog\n"));
	free(text);
}

/* 9 waits of 1 ms, 1 of 3 ms, 10 of 100 ms on CPU 1; 1 of 1 ms on CPU 2. */
static void add_many_waits(struct scenario *scenario)
{
	const uint64_t waiter = add_task(scenario, 10, "waiter");

	for (unsigned int i = 0; i < 20; i++) {
		const uint64_t waited = i < 9 ? MS : i < 10 ? 3 * MS : 100 * MS;

		scenario_runq(scenario,
			      (struct dz_runq){.task = waiter, .cpu = 1, .waited = waited}, NULL,
			      0);
	}
	scenario_runq(scenario, (struct dz_runq){.task = waiter, .cpu = 2, .waited = MS}, NULL, 0);
}

/* The percentiles are ends of powers of two. */
static void each_name_group_and_cpu_has_a_histogram(void **state)
{
	char *text = text_of(add_many_waits, 0, write_full);

	(void)state;
	assert_non_null(strstr(
		text,
		"         TOTAL      50 %      99 %     LONGEST       COUNT  TENTHS    WHO WAITED\n"
		"         1.0 s    4.1 ms  100.0 ms    100.0 ms          21  4 .    4  waiter\n"
		"         TOTAL      50 %      99 %     LONGEST       COUNT  TENTHS    CONTROL "
		"GROUP\n"
		"         1.0 s    4.1 ms  100.0 ms    100.0 ms          21  4 .    4  ?\n"
		"         TOTAL      50 %      99 %     LONGEST       COUNT  TENTHS    WHERE\n"
		"         1.0 s    4.1 ms  100.0 ms    100.0 ms          20  4 .    5  CPU 1\n"
		"        1.0 ms    1.0 ms    1.0 ms      1.0 ms           1  #         CPU 2\n"));
	free(text);
}

static void a_list_is_as_long_as_wanted(void **state)
{
	char *text = text_of(add_waits, 1, write_full);

	(void)state;
	assert_non_null(strstr(text, "    ... and 2 more (--top 0)\n"));
	free(text);
}

static void in_brief_it_is_the_longest(void **state)
{
	char *text = text_of(add_waits, 0, write_brief);

	(void)state;
	assert_ptr_equal(strstr(text, "WAITS     2 waits for a CPU, 14 ms in all, 1 held back by a "
				      "CPU limit; half within "),
			 text);
	assert_non_null(strstr(text, "\n          waiter[10] waited 10.0 ms for CPU 1 until "));
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_wait_comes_first_with_its_holders),
		cmocka_unit_test(sums_are_those_of_all_waits),
		cmocka_unit_test(each_name_group_and_cpu_has_a_histogram),
		cmocka_unit_test(a_list_is_as_long_as_wanted),
		cmocka_unit_test(in_brief_it_is_the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
