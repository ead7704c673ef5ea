/* tests/analyze/replay/test_loss.c - sums of lost events */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/replay/loss.h"
#include "tests/analyze/replayed.h"

static void add_losses(struct scenario *scenario)
{
	scenario_lost(scenario, "exit", "ring full", 2);
	scenario_lost(scenario, "exit", "map full", 3);
	scenario->now_ns += 10 * SECOND;
	scenario_lost(scenario, "exit", "ring full", 4);
}

static void write_loss(FILE *out, void *context)
{
	loss_write(context, true, out);
}

static void losses_of_one_kind_and_reason_are_one_line(void **state)
{
	struct trace *trace = replayed_trace(add_losses);
	struct loss loss = {.count = 0};
	char *text;

	(void)state;
	replayed_show(trace, NULL, loss_visitor(&loss));
	assert_int_equal(loss.count, 2);
	text = replayed_text(write_loss, &loss);
	assert_string_equal(text, "lost: 6 events of kind exit, ring full, 12:00:00.000000 to "
				  "12:00:12.002000\n"
				  "lost: 3 events of kind exit, map full, 12:00:00.001000 to "
				  "12:00:02.001000\n");
	free(text);
	trace_free(trace);
}

static void add_many_reasons(struct scenario *scenario)
{
	for (int i = 0; i < 200; i++) {
		char reason[16];

		snprintf(reason, sizeof(reason), "reason %d", i);
		scenario_lost(scenario, "exit", reason, 1);
	}
}

static void reasons_beyond_the_limit_are_added_to_the_last(void **state)
{
	struct trace *trace = replayed_trace(add_many_reasons);
	struct loss loss = {.count = 0};
	uint64_t sum = 0;

	(void)state;
	replayed_show(trace, NULL, loss_visitor(&loss));
	for (size_t i = 0; i < loss.count; i++)
		sum += loss.entries[i].count;
	assert_int_equal(loss.count, LOSS_ENTRIES_MAX);
	assert_int_equal(sum, 200);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_of_one_kind_and_reason_are_one_line),
		cmocka_unit_test(reasons_beyond_the_limit_are_added_to_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
