/* tests/analyze/follow/test_live_lines.c - analyze/follow/live_lines.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/follow/live_lines.h"
#include "tests/analyze/replayed.h"

struct shown {
	struct trace *trace;
	bool all;
};

static void write_lines(FILE *out, void *context)
{
	const struct shown *shown = context;
	struct live_lines_options options = {.out = out, .all = shown->all, .utc = true};
	struct live_lines *lines = live_lines_new(&options);

	assert_non_null(lines);
	live_lines_begin(lines);
	replayed_show(shown->trace, NULL, live_lines_visitor(lines));
	live_lines_advance(lines, UINT64_MAX);
	live_lines_free(lines);
}

static char *lines_of(void (*add)(struct scenario *scenario), bool all)
{
	struct shown shown = {replayed_trace(add), all};
	char *text = replayed_text(write_lines, &shown);

	trace_free(shown.trace);
	return text;
}

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	while ((text = strstr(text, part))) {
		found++;
		text += strlen(part);
	}
	return found;
}

static void add_exit(struct scenario *scenario, uint32_t pid, uint64_t signal, uint64_t code)
{
	const struct scenario_task task = {
		.pid = pid, .comm = "worker", .cgroup = "/", .age_ns = 1500 * SECOND / 1000};

	scenario_exit(scenario, (struct dz_exit){.task = scenario_task(scenario, &task),
						 .signal = signal,
						 .exit_code = code,
						 .system_call = UINT64_MAX});
}

/* 950 failures and a crash in the middle of a second, and then 3 more ends. */
static void add_storm(struct scenario *scenario)
{
	for (uint32_t i = 0; i < 950; i++) {
		if (i == 777)
			add_exit(scenario, 5000, 11, 0);
		add_exit(scenario, 1000 + i, 0, 1);
	}
	scenario->now_ns = SCENARIO_START_NS + SECOND;
	add_exit(scenario, 6000, 0, 2);
	add_exit(scenario, 6001, 9, 0);
	add_exit(scenario, 6002, 0, 0);
}

static void the_worst_of_a_second_have_lines_and_the_others_are_counted(void **state)
{
	char *text = lines_of(add_storm, false);

	(void)state;
	assert_int_equal(count(text, "\n12:00:00."), 50);
	assert_non_null(strstr(text,
			       "12:00:00.777000  worker              5000        -      1.50  "
			       "signal 11 SEGV  SIGSEGV"));
	assert_non_null(
		strstr(text, "\n-- 901 more in this second: 901 failed --\n12:00:01.000000"));
	assert_non_null(strstr(text, "  code 2          exit code 2"));
	assert_non_null(strstr(text, "  signal 9 KILL   SIGKILL"));
	assert_null(strstr(text, "6002"));
	free(text);
}

static void clean_ends_are_shown_on_request(void **state)
{
	char *text = lines_of(add_storm, true);

	(void)state;
	assert_non_null(strstr(text, "    6002        -      1.50  0               clean exit"));
	free(text);
}

static void add_command(struct scenario *scenario)
{
	const struct scenario_task task = {
		.pid = 4711, .comm = "make", .cgroup = "/", .age_ns = 2 * SECOND};

	scenario_info(scenario, "command.pid", "4711");
	/* Half a second before the end. */
	scenario_info(scenario, "command.start_ns", "691199501000000");
	scenario->now_ns = SCENARIO_START_NS + SECOND / 1000;
	scenario_exit(scenario, (struct dz_exit){.task = scenario_task(scenario, &task),
						 .exit_code = 2,
						 .system_call = UINT64_MAX});
}

static void the_lifetime_of_the_command_begins_with_its_program(void **state)
{
	char *text = lines_of(add_command, false);

	(void)state;
	assert_non_null(strstr(text, "make                4711        -      0.50  code 2"));
	free(text);
}

static void add_signals(struct scenario *scenario)
{
	const struct scenario_task sender = {.pid = 10, .comm = "bash", .cgroup = "/"};
	const struct scenario_task receiver = {.pid = 20, .comm = "nginx", .cgroup = "/"};
	const uint64_t from = scenario_task(scenario, &sender);
	const uint64_t to = scenario_task(scenario, &receiver);

	scenario_signal(scenario, (struct dz_signal){.signal = 1, .task = from, .receiver = to});
	scenario_delivery(scenario, (struct dz_delivery){.signal = 1, .task = to, .handled = 1});
	scenario_signal(scenario,
			(struct dz_signal){.signal = 2, .task = from, .receiver = to, .result = 1});
	scenario_signal(scenario, (struct dz_signal){.signal = 17, .task = from, .receiver = to});
	scenario_delivery(scenario, (struct dz_delivery){.signal = 17, .task = to, .handled = 1});
	scenario_lost(scenario, "exit", "ring full", 3);
}

static void signals_that_end_nothing_have_lines(void **state)
{
	char *text = lines_of(add_signals, false);

	(void)state;
	assert_int_equal(count(text, "\n12:00:00."), 2);
	assert_non_null(strstr(text,
			       "12:00:00.001000  nginx                 20        -         -  -  "
			       "             SIGHUP from bash[10], handled\n"));
	assert_non_null(strstr(text, "SIGINT from bash[10], ignored\n"));
	assert_non_null(strstr(text, "! lost: 3 events of kind exit, ring full\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_of_a_second_have_lines_and_the_others_are_counted),
		cmocka_unit_test(clean_ends_are_shown_on_request),
		cmocka_unit_test(the_lifetime_of_the_command_begins_with_its_program),
		cmocka_unit_test(signals_that_end_nothing_have_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
