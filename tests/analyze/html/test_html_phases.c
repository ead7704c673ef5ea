/* tests/analyze/html/test_html_phases.c - states of a drawn section, in the order of time */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/html/html_phases.h"
#include "tests/analyze/replayed.h"

/* Length of the section, and of one of the parts that are drawn. */
#define LENGTH_NS (HTML_PARTS * UINT64_C(1000000))
#define PART_NS   UINT64_C(1000000)

static void add_step(struct scenario *scenario, uint64_t task, enum dz_step_type type, uint64_t at)
{
	const struct dz_step row = {.time = SCENARIO_START_NS + SECOND + at * PART_NS,
				    .task = task,
				    .section = 1,
				    .step_type = type,
				    /* It blocks; 0 would be preempted. */
				    .number = type == DZ_STEP_TYPE_SWITCHED_OUT};

	assert_int_equal(dz_writer_add(scenario->writer, DZ_KIND_STEP, &row), DZ_OK);
}

/* Runs for 10 parts, sleeps for 20, waits for a CPU for 5, and runs again for 5. */
static void add_section(struct scenario *scenario)
{
	const struct scenario_task task = {.pid = 7, .comm = "sleeper", .age_ns = SECOND};
	const uint64_t reference = scenario_task(scenario, &task);

	add_step(scenario, reference, DZ_STEP_TYPE_START, 0);
	add_step(scenario, reference, DZ_STEP_TYPE_CALL_IN, 10);
	add_step(scenario, reference, DZ_STEP_TYPE_SWITCHED_OUT, 10);
	add_step(scenario, reference, DZ_STEP_TYPE_WOKEN_UP, 30);
	add_step(scenario, reference, DZ_STEP_TYPE_SWITCHED_IN, 35);
	add_step(scenario, reference, DZ_STEP_TYPE_CALL_OUT, 35);
	scenario->now_ns = SCENARIO_START_NS + SECOND + LENGTH_NS;
	scenario_section(scenario, (struct dz_section){.start = SCENARIO_START_NS + SECOND,
						       .task = reference,
						       .id = 1,
						       .outermost = 1});
}

static void collect(struct trace *trace, struct html_lanes *lanes)
{
	const struct time_range span = trace_span(trace);
	struct html_phases phases = {.items = NULL};

	assert_true(html_lanes_open(lanes, false));
	replayed_show(trace, NULL, html_lanes_find_visitor(lanes));
	html_lanes_settle(lanes);
	replayed_show(trace, NULL, html_lanes_fill_visitor(lanes));
	html_lanes_merge(lanes, span.last_ns - span.first_ns);
	assert_true(html_phases_open(&phases, lanes));
	replayed_show(trace, NULL, html_phases_visitor(&phases));
	assert_true(html_phases_finish(&phases));
	html_phases_release(&phases);
}

static void states_are_in_the_order_of_time(void **state)
{
	struct trace *trace = replayed_trace(add_section);
	struct html_lanes lanes;
	const struct html_item *item;

	(void)state;
	collect(trace, &lanes);
	assert_int_equal(lanes.item_count, 1);
	item = &lanes.items[0];
	assert_int_equal(item->end_ns - item->start_ns, LENGTH_NS);
	assert_true(item->has_parts);
	for (size_t i = 0; i < HTML_PARTS; i++)
		assert_int_equal(item->parts[i], i < 10   ? INTERVAL_STATE_USER
						 : i < 30 ? INTERVAL_STATE_BLOCKED
						 : i < 35 ? INTERVAL_STATE_RUNNABLE
							  : INTERVAL_STATE_USER);
	html_lanes_release(&lanes);
	trace_free(trace);
}

/* Without steps, the sums of the phases are drawn. */
static void a_section_without_steps_has_no_parts(void **state)
{
	struct trace *trace = replayed_trace(scenario_page);
	struct html_lanes lanes;

	(void)state;
	collect(trace, &lanes);
	for (size_t i = 0; i < lanes.item_count; i++)
		assert_false(lanes.items[i].has_parts);
	html_lanes_release(&lanes);
	trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_in_the_order_of_time),
		cmocka_unit_test(a_section_without_steps_has_no_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
