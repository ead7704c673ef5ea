/* tests/analyze/replay/test_totals.c - numbers of events in a trace */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/replay/totals.h"
#include "tests/analyze/replayed.h"

static void deaths_are_counted_by_how_they_ended(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct totals totals = {0};

	(void)state;
	replayed_show(trace, NULL, totals_visitor(&totals));
	assert_int_equal(totals.exits, 36);
	assert_int_equal(totals.thread_exits, 2);
	assert_int_equal(totals.by_signal, 20);
	assert_int_equal(totals.failed, 6);
	assert_int_equal(totals.core_dumped, 3);
	assert_int_equal(totals.kinds[DZ_KIND_EXIT], 38);
	assert_int_equal(totals.kinds[DZ_KIND_OOM], 1);
	assert_int_equal(totals.others, 0);
	assert_int_equal(totals.lost, 0);
	trace_free(trace);
}

static void add_enormous_losses(struct scenario *scenario)
{
	scenario_lost(scenario, "exit", "ring full", UINT64_MAX - 1);
	scenario_lost(scenario, "exit", "ring full", 5);
}

static void losses_add_up_and_saturate(void **state)
{
	struct trace *trace = replayed_trace(scenario_probes);
	struct totals totals = {0};

	(void)state;
	replayed_show(trace, NULL, totals_visitor(&totals));
	assert_int_equal(totals.lost, 12);
	trace_free(trace);

	trace = replayed_trace(add_enormous_losses);
	totals = (struct totals){0};
	replayed_show(trace, NULL, totals_visitor(&totals));
	assert_int_equal(totals.lost, UINT64_MAX);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(deaths_are_counted_by_how_they_ended),
		cmocka_unit_test(losses_add_up_and_saturate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
