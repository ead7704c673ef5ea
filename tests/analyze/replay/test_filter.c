/* tests/analyze/replay/test_filter.c - selection of events */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/analyze/replayed.h"

static bool count(void *context, const struct visitor_event *event)
{
	unsigned int *found = context;

	(void)event;
	++*found;
	return true;
}

/* How many events of the kinds are selected. */
static unsigned int count_selected(struct trace *trace, const struct selection *selection,
				   uint64_t kinds)
{
	unsigned int found = 0;

	replayed_show(trace, selection,
		      (struct visitor){.context = &found, .kinds = kinds, .visit = count});
	return found;
}

#define EXITS   VISITOR_KIND(DZ_KIND_EXIT)
#define SIGNALS VISITOR_KIND(DZ_KIND_SIGNAL)
#define ASSERT_COUNT(trace, kinds, expected, ...)                                                  \
	assert_int_equal(count_selected(trace, &(struct selection){__VA_ARGS__}, kinds), expected)

static struct id_list list_of(struct id_range *range, uint32_t first, uint32_t last)
{
	*range = (struct id_range){first, last};
	return (struct id_list){range, 1};
}

static void numbers_choose_tasks(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct id_range range;

	(void)state;
	ASSERT_COUNT(trace, EXITS, 38, .kinds = 0);
	ASSERT_COUNT(trace, EXITS, 5, .tgids = list_of(&range, 35000, 35999));
	ASSERT_COUNT(trace, EXITS, 1, .tids = list_of(&range, 34001, 34001));
	ASSERT_COUNT(trace, EXITS, 38, .uids = list_of(&range, 1000, 1000));
	ASSERT_COUNT(trace, EXITS, 0, .uids = list_of(&range, 0, 0));
	ASSERT_COUNT(trace, EXITS, 38, .cpus = list_of(&range, 0, 0));
	ASSERT_COUNT(trace, EXITS, 0, .cpus = list_of(&range, 1, 9));
	trace_free(trace);
}

static void signals_are_selected_by_their_receiver(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct id_range range;

	(void)state;
	ASSERT_COUNT(trace, SIGNALS, 1, .tgids = list_of(&range, 20305, 20305));
	ASSERT_COUNT(trace, SIGNALS, 0, .tgids = list_of(&range, 22222, 22222));
	trace_free(trace);
}

static void names_can_be_patterns(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	const char *exact[] = {"batch"};
	const char *pattern[] = {"b*", "tru?"};
	const char *process[] = {"server"};

	(void)state;
	ASSERT_COUNT(trace, EXITS, 5, .comms = {exact, 1, 0});
	ASSERT_COUNT(trace, EXITS, 16, .comms = {pattern, 2, 0});
	ASSERT_COUNT(trace, EXITS, 2, .comms = {process, 1, 0});
	trace_free(trace);
}

static void a_control_group_includes_what_is_below(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	const char *above[] = {"/system.slice/"};
	const char *similar[] = {"/system"};
	const char *all[] = {"/"};

	(void)state;
	ASSERT_COUNT(trace, EXITS, 37, .cgroups = {above, 1, 0});
	ASSERT_COUNT(trace, EXITS, 0, .cgroups = {similar, 1, 0});
	ASSERT_COUNT(trace, EXITS, 37, .cgroups = {all, 1, 0});
	trace_free(trace);
}

static void only_failures_and_only_signals(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);

	(void)state;
	ASSERT_COUNT(trace, EXITS, 27, .failed = true);
	ASSERT_COUNT(trace, EXITS, 2, .signals = UINT64_C(1) << 10);
	ASSERT_COUNT(trace, SIGNALS, 3, .signals = UINT64_C(1) << 11);
	trace_free(trace);
}

static void the_range_includes_its_start_and_excludes_its_end(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	const struct timestamp first = {.base = TIMESTAMP_UNIX,
					.ns = SCENARIO_START_UNIX_NS + 5000000};
	const struct timestamp last = {.base = TIMESTAMP_START, .ns = 9000000};

	(void)state;
	ASSERT_COUNT(trace, EXITS, 4, .since = first, .until = last);
	ASSERT_COUNT(trace, EXITS, 37, .since = first);
	trace_free(trace);
}

static void kinds_and_probes_are_chosen_by_name(void **state)
{
	struct trace *trace = replayed_trace(scenario_probes);
	const char *all[] = {"k*:vfs_*"};
	const char *returns[] = {"kretprobe:*"};

	(void)state;
	ASSERT_COUNT(trace, VISITOR_KIND(DZ_KIND_PROBE), 10, .kinds = VISITOR_KIND(DZ_KIND_PROBE),
		     .probes = {all, 1, 0});
	ASSERT_COUNT(trace, VISITOR_KIND(DZ_KIND_PROBE), 4, .kinds = VISITOR_KIND(DZ_KIND_PROBE),
		     .probes = {returns, 1, 0});
	ASSERT_COUNT(trace, VISITOR_KIND(DZ_KIND_SECTION), 0, .kinds = VISITOR_KIND(DZ_KIND_PROBE));
	ASSERT_COUNT(trace, VISITOR_KIND(DZ_KIND_LOST), 2, .kinds = VISITOR_KIND(DZ_KIND_PROBE));
	trace_free(trace);
}

static bool check_sender(void *context, const struct visitor_event *event)
{
	bool *known = context;

	*known = cause_sender(event->cause) != NULL;
	return true;
}

static void causes_are_found_in_events_that_are_not_selected(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct id_range range;
	const struct selection selection = {
		.kinds = EXITS,
		.tgids = list_of(&range, 33000, 33000),
		.since = {.base = TIMESTAMP_START, .ns = 60 * SECOND},
	};
	bool known = false;

	(void)state;
	replayed_show(trace, &selection,
		      (struct visitor){.context = &known, .kinds = EXITS, .visit = check_sender});
	assert_true(known);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_choose_tasks),
		cmocka_unit_test(signals_are_selected_by_their_receiver),
		cmocka_unit_test(names_can_be_patterns),
		cmocka_unit_test(a_control_group_includes_what_is_below),
		cmocka_unit_test(only_failures_and_only_signals),
		cmocka_unit_test(the_range_includes_its_start_and_excludes_its_end),
		cmocka_unit_test(kinds_and_probes_are_chosen_by_name),
		cmocka_unit_test(causes_are_found_in_events_that_are_not_selected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
