/* tests/record/options/test_sampled_event.c - record/options/sampled_event.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/perf_event.h>
#include <string.h>

#include "record/options/sampled_event.h"

static void names_are_those_of_perf(void **state)
{
	static const struct {
		const char *name;
		uint32_t type;
		uint64_t config;
		bool is_clock;
	} events[] = {
		{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, false},
		{"branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, false},
		{"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, true},
		{"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, true},
		{"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, false},
		{"L1-dcache-loads", PERF_TYPE_HW_CACHE, 0, false},
		{"LLC-load-misses", PERF_TYPE_HW_CACHE, 0x10002, false},
		{"node-prefetch-misses", PERF_TYPE_HW_CACHE, 0x10206, false},
	};
	struct sampled_event event;
	struct problem problem;

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		assert_true(sampled_event_parse(events[i].name, &event, &problem));
		assert_string_equal(event.name, events[i].name);
		assert_int_equal(event.type, events[i].type);
		assert_int_equal(event.config, events[i].config);
		assert_int_equal(sampled_event_is_clock(&event), events[i].is_clock);
	}
	assert_true(sampled_event_is_clock(&(struct sampled_event){.type = 0}));
}

static void another_name_is_refused_with_similar_ones(void **state)
{
	struct sampled_event event = {.name = "before"};
	struct problem problem;

	(void)state;
	assert_false(sampled_event_parse("page-fault", &event, &problem));
	assert_non_null(strstr(problem.text, "no such event: did you mean page-faults"));
	assert_false(sampled_event_parse("", &event, &problem));
	assert_false(sampled_event_parse("LLC-", &event, &problem));
	assert_false(sampled_event_parse("1 per year", &event, &problem));
	assert_non_null(strstr(problem.text, "perf list"));
	assert_string_equal(event.name, "before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_perf),
		cmocka_unit_test(another_name_is_refused_with_similar_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
