/* tests/analyze/report/test_cost.c - analyze/report/cost.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "analyze/report/cost.h"
#include "tests/analyze/replayed.h"

static void write_cost(FILE *out, void *context)
{
	cost_write(context, "used ", out);
}

static void assert_cost(void (*add)(struct scenario *scenario), const char *expected)
{
	struct trace *trace = replayed_trace(add);
	struct cost cost = {0};
	char *text;

	replayed_show(trace, NULL, cost_visitor(&cost));
	text = replayed_text(write_cost, &cost);
	assert_string_equal(text, expected);
	free(text);
	trace_free(trace);
}

static void add_cost(struct scenario *scenario)
{
	scenario->now_ns += 20 * SECOND;
	scenario_info(scenario, "recorder.cpu_ns", "500000000");
}

static void add_nonsense(struct scenario *scenario)
{
	scenario->now_ns += 20 * SECOND;
	scenario_info(scenario, "recorder.cpu_ns", "-5");
	scenario_info(scenario, "recorder.cpu_ns", "99999999999999999999999999999999");
	scenario_info(scenario, "recorder.cpu_n", "5");
}

static void the_share_of_one_cpu_is_printed(void **state)
{
	(void)state;
	assert_cost(add_cost, "used 2.5 % of one CPU");
}

static void invalid_costs_are_ignored(void **state)
{
	(void)state;
	assert_cost(add_nonsense, "");
	assert_cost(scenario_probes, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_share_of_one_cpu_is_printed),
		cmocka_unit_test(invalid_costs_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
