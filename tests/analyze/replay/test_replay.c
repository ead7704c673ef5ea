/* tests/analyze/replay/test_replay.c - one pass over the events of a trace */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/analyze/replayed.h"

struct seen {
	uint64_t kinds;
	uint64_t last_ns;
	unsigned int count;
	unsigned int stop_after;
};

static bool see(void *context, const struct visitor_event *event)
{
	struct seen *seen = context;

	seen->kinds |= VISITOR_KIND(event->event->kind);
	assert_true(event->unix_ns >= seen->last_ns);
	seen->last_ns = event->unix_ns;
	assert_true((event->cause != NULL) == (event->event->kind == DZ_KIND_EXIT));
	assert_true((event->taken != NULL) == (event->event->kind == DZ_KIND_DELIVERY));
	return ++seen->count != seen->stop_after;
}

static enum replay_status run(struct trace *trace, const struct visitor *visitors, size_t count)
{
	static const struct selection everything;
	const struct replay replay = {.trace = trace, .selection = &everything};

	return replay_run(&replay, visitors, count);
}

static void each_visitor_gets_its_kinds_in_time_order(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct seen all = {.count = 0};
	struct seen exits = {.count = 0};
	const struct visitor visitors[] = {
		{&all, VISITOR_ALL_KINDS, see},
		{&exits, VISITOR_KIND(DZ_KIND_EXIT), see},
	};

	(void)state;
	assert_int_equal(run(trace, visitors, 2), REPLAY_OK);
	assert_int_equal(exits.kinds, VISITOR_KIND(DZ_KIND_EXIT));
	assert_int_equal(exits.count, 38);
	assert_true(all.count > exits.count);
	assert_true(all.kinds & VISITOR_KIND(DZ_KIND_OOM));
	trace_free(trace);
}

static void a_replay_can_be_repeated(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct seen seen = {.count = 0};
		const struct visitor visitor = {&seen, VISITOR_KIND(DZ_KIND_SIGNAL), see};

		assert_int_equal(run(trace, &visitor, 1), REPLAY_OK);
		assert_int_equal(seen.count, 23);
	}
	trace_free(trace);
}

static void a_visitor_can_stop_it(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct seen seen = {.stop_after = 5};
	const struct visitor visitor = {&seen, VISITOR_ALL_KINDS, see};

	(void)state;
	assert_int_equal(run(trace, &visitor, 1), REPLAY_STOPPED);
	assert_int_equal(seen.count, 5);
	trace_free(trace);
}

static void a_visitor_without_kinds_gets_nothing(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct seen seen = {.count = 0};
	const struct visitor visitor = {&seen, 0, see};

	(void)state;
	assert_int_equal(run(trace, &visitor, 1), REPLAY_OK);
	assert_int_equal(seen.count, 0);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_visitor_gets_its_kinds_in_time_order),
		cmocka_unit_test(a_replay_can_be_repeated),
		cmocka_unit_test(a_visitor_can_stop_it),
		cmocka_unit_test(a_visitor_without_kinds_gets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
