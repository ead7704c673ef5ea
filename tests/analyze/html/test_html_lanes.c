/* tests/analyze/html/test_html_lanes.c - lanes, signals and sections of a time line, all counted */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/html/html_lanes.h"
#include "tests/analyze/replayed.h"

static struct html_lanes collect(struct trace *trace)
{
	const struct time_range span = trace_span(trace);
	struct html_lanes lanes;

	assert_true(html_lanes_open(&lanes, false));
	replayed_show(trace, NULL, html_lanes_find_visitor(&lanes));
	html_lanes_settle(&lanes);
	replayed_show(trace, NULL, html_lanes_fill_visitor(&lanes));
	html_lanes_merge(&lanes, span.last_ns - span.first_ns);
	return lanes;
}

static int lane_of(const struct html_lanes *lanes, const char *label)
{
	for (size_t i = 0; i < lanes->lane_count; i++)
		if (strcmp(lanes->lanes[i].label, label) == 0)
			return (int)i;
	return HTML_NO_LANE;
}

static void deaths_and_senders_have_lanes(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct html_lanes lanes = collect(trace);
	const int sender = lane_of(&lanes, "bash[22222]");
	const int victim = lane_of(&lanes, "ceph-osd[20305]");
	size_t kills = 0;

	(void)state;
	assert_int_equal(lanes.deaths, 26);
	assert_int_equal(lanes.deaths_drawn, 26);
	assert_int_not_equal(sender, HTML_NO_LANE);
	assert_int_not_equal(victim, HTML_NO_LANE);
	assert_int_equal(lanes.lanes[victim].class, CAUSE_CLASS_KILLED);
	assert_non_null(strstr(lanes.lanes[victim].cause, "SIGUSR1"));
	assert_int_equal(lanes.lanes[sender].end_ns, 0);
	assert_int_equal(lane_of(&lanes, "true[36000]"), HTML_NO_LANE);
	for (size_t i = 0; i < lanes.item_count; i++)
		if (lanes.items[i].from == sender && lanes.items[i].to == victim) {
			assert_int_equal(lanes.items[i].signal, 10);
			assert_true(lanes.items[i].killed);
			kills++;
		}
	assert_int_equal(kills, 1);
	assert_int_equal(lanes.merged, 0);
	html_lanes_release(&lanes);
	trace_free(trace);
}

static void lanes_are_in_the_order_of_birth(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct html_lanes lanes = collect(trace);

	(void)state;
	for (size_t i = 1; i < lanes.lane_count; i++)
		assert_true(lanes.lanes[i - 1].born_ns <= lanes.lanes[i].born_ns);
	html_lanes_release(&lanes);
	trace_free(trace);
}

/* 20,000 rounds: 8 threads with sections, of which no item may be lost without being counted. */
static void merged_items_are_counted(void **state)
{
	struct trace *trace = replayed_trace(scenario_page);
	struct html_lanes lanes = collect(trace);
	uint64_t drawn = 0, items = 0, sections = 0;

	(void)state;
	assert_true(lanes.drawn <= HTML_ITEMS_DRAWN);
	for (size_t i = 0; i < lanes.item_count; i++) {
		drawn += lanes.items[i].count > 0;
		items += lanes.items[i].count;
		if (lanes.items[i].type == HTML_ITEM_SECTION)
			sections += lanes.items[i].count;
	}
	assert_int_equal(drawn, lanes.drawn);
	assert_int_equal(items, lanes.item_count);
	assert_int_equal(lanes.drawn + lanes.merged, lanes.item_count);
	assert_int_equal(sections, 20000);
	assert_int_equal(lanes.left_out, 0);
	assert_int_equal(lanes.deaths, 30000);
	assert_int_equal(lanes.deaths_drawn, HTML_LANES_DEATHS);
	html_lanes_release(&lanes);
	trace_free(trace);
}

/* The crash among 4,999 failures of one name has a lane. */
static void the_first_of_each_name_has_a_lane(void **state)
{
	struct trace *trace = replayed_trace(scenario_names);
	struct html_lanes lanes = collect(trace);

	(void)state;
	assert_int_not_equal(lane_of(&lanes, "w4900[4901]"), HTML_NO_LANE);
	assert_int_not_equal(lane_of(&lanes, "w0[1]"), HTML_NO_LANE);
	assert_int_equal(lanes.lane_count, HTML_LANES_DEATHS);
	assert_int_equal(lanes.deaths, 5000);
	html_lanes_release(&lanes);
	trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deaths_and_senders_have_lanes),
		cmocka_unit_test(lanes_are_in_the_order_of_birth),
		cmocka_unit_test(merged_items_are_counted),
		cmocka_unit_test(the_first_of_each_name_has_a_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
