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

/* How long before a death its signal was sent. */
static uint64_t waited_ns;

/* The death is a second after the selected time. */
static void add_late_death(struct scenario *scenario)
{
	uint64_t bash = scenario_task(scenario, &(struct scenario_task){.pid = 7, .comm = "bash"});
	uint64_t slow = scenario_task(scenario, &(struct scenario_task){.pid = 8, .comm = "slow"});

	scenario_signal(
		scenario,
		(struct dz_signal){.task = bash, .receiver = slow, .signal = 15, .group = 1});
	scenario->now_ns += waited_ns + SECOND;
	scenario_exit(scenario, (struct dz_exit){.task = slow, .signal = 15});
}

static bool note_sender(void *context, const struct visitor_event *event)
{
	uint64_t *pid = context;
	const struct dz_task *sender = cause_sender(event->cause);

	*pid = sender ? sender->pid : 0;
	return true;
}

/* Returns the sender that is found if what came before the selected time is left out. */
static uint64_t sender_with_since(uint64_t wait_ns)
{
	uint64_t pid = UINT64_MAX;
	const struct visitor visitor = {&pid, VISITOR_KIND(DZ_KIND_EXIT), note_sender};
	struct selection selection = {.since_text = "-1s"};
	struct trace *trace;

	waited_ns = wait_ns;
	trace = replayed_trace(add_late_death);
	assert_true(timestamp_parse(selection.since_text, true, &selection.since));
	replayed_show(trace, &selection, visitor);
	trace_free(trace);
	return pid;
}

static void a_cause_is_searched_two_minutes_before_the_selected_time(void **state)
{
	(void)state;
	assert_int_equal(sender_with_since(119 * SECOND), 7);
	assert_int_equal(sender_with_since(121 * SECOND), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_visitor_gets_its_kinds_in_time_order),
		cmocka_unit_test(a_replay_can_be_repeated),
		cmocka_unit_test(a_visitor_can_stop_it),
		cmocka_unit_test(a_visitor_without_kinds_gets_nothing),
		cmocka_unit_test(a_cause_is_searched_two_minutes_before_the_selected_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
