/* tests/analyze/report/test_ring_advice.c - analyze/report/ring_advice.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/report/ring_advice.h"
#include "tests/analyze/replayed.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)

static void add_rings(struct scenario *scenario)
{
	scenario_info(scenario, "ring.bytes.exit", "4194304");
	scenario_info(scenario, "ring.bytes.signal", "4096");
	scenario_info(scenario, "ring.bytes.probe", "1073741824");
	scenario_info(scenario, "ring.bytes.section", "536870912");
	scenario_info(scenario, "ring.bytes.user_stack", "not a number");
}

static struct ring_advice advice_for(struct trace *trace, const char *kind)
{
	return ring_advice_of(trace, (struct trace_text){kind, strlen(kind)});
}

static void the_size_is_four_times_the_ring_and_at_least_its_default(void **state)
{
	struct trace *trace = replayed_trace(add_rings);

	(void)state;
	assert_int_equal(advice_for(trace, "exit").ring_bytes, 4 * MIB);
	assert_int_equal(advice_for(trace, "exit").try_bytes, 16 * MIB);
	assert_int_equal(advice_for(trace, "signal").ring_bytes, 4 * KIB);
	assert_int_equal(advice_for(trace, "signal").try_bytes, 4 * MIB);
	assert_int_equal(advice_for(trace, "delivery").try_bytes, 4 * MIB);
	trace_free(trace);
}

static void no_size_is_larger_than_the_option_takes(void **state)
{
	struct trace *trace = replayed_trace(add_rings);

	(void)state;
	assert_int_equal(advice_for(trace, "section").try_bytes, 1024 * MIB);
	assert_int_equal(advice_for(trace, "probe").ring_bytes, 1024 * MIB);
	assert_int_equal(advice_for(trace, "probe").try_bytes, 0);
	trace_free(trace);
}

static void an_unknown_ring_has_no_advice(void **state)
{
	struct trace *trace = replayed_trace(add_rings);

	(void)state;
	assert_int_equal(advice_for(trace, "user_stack").ring_bytes, 0);
	assert_int_equal(advice_for(trace, "user_stack").try_bytes, 0);
	assert_int_equal(advice_for(trace, "cgroup").try_bytes, 0);
	assert_int_equal(advice_for(trace, "").try_bytes, 0);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_size_is_four_times_the_ring_and_at_least_its_default),
		cmocka_unit_test(no_size_is_larger_than_the_option_takes),
		cmocka_unit_test(an_unknown_ring_has_no_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
