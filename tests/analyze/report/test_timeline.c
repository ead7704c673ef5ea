/* tests/analyze/report/test_timeline.c - analyze/report/timeline.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/timeline.h"
#include "tests/analyze/replayed.h"

static void write_events(FILE *out, void *context)
{
	struct timeline timeline = {.out = out, .utc = true};

	replayed_show(context, NULL, timeline_visitor(&timeline));
}

static char *events(void (*add)(struct scenario *scenario))
{
	struct trace *trace = replayed_trace(add);
	char *text = replayed_text(write_events, trace);

	trace_free(trace);
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

/* Four hits of one process in a row, of which the last is another thread's; then something else
 * happens before the fifth. */
static void the_process_and_its_ancestors_are_printed_once_in_a_row(void **state)
{
	char *text = events(scenario_commands);

	(void)state;
	assert_non_null(strstr(text, "2025-06-01 12:00:00.000000  rm[23000]  kprobe:do_unlinkat\n"
				     "    command: rm -f a\\x0ab\n"
				     "    parents: bash[22222]: bash -c for file in "));
	assert_non_null(strstr(text, " ...\n"
				     "          <- sshd[901]\n"
				     "          <- systemd[1]: /sbin/init\n"
				     "2025-06-01 12:00:00.001000  rm[23000]  kprobe:do_unlinkat\n"
				     "2025-06-01 12:00:00.002000  rm[23000]  kprobe:do_unlinkat\n"
				     "2025-06-01 12:00:00.003000  rm[23000]  kprobe:do_unlinkat\n"
				     "2025-06-01 12:00:00.004000  server[500]  signal: "));
	assert_int_equal(count(text, "kprobe:do_unlinkat\n"), 5);
	assert_int_equal(count(text, "command: rm"), 2);
	assert_int_equal(count(text, "parents: bash"), 2);
	free(text);
}

static void the_sender_of_a_signal_is_printed_below_the_receiver(void **state)
{
	char *text = events(scenario_commands);

	(void)state;
	assert_non_null(strstr(text, " delivered\n"
				     "    command: server --port 80\n"
				     "    parents: systemd[1]: /sbin/init\n"
				     "    sender: bash[22222]: bash -c for file in "));
	assert_non_null(strstr(text, "         <- systemd[1]: /sbin/init\n"
				     "2025-06-01 12:00:00.005000  server[500]  signal: SIGUSR1"));
	assert_int_equal(count(text, "sender: "), 1);
	free(text);
}

static void add_own_signal(struct scenario *scenario)
{
	const uint64_t task = scenario_task(
		scenario,
		&(struct scenario_task){.pid = 7, .comm = "own", .command_line = "own x"});

	scenario_signal(scenario, (struct dz_signal){.task = task, .receiver = task, .signal = 1});
}

static void a_process_that_sends_to_itself_is_printed_once(void **state)
{
	char *text = events(add_own_signal);

	(void)state;
	assert_string_equal(text, "2025-06-01 12:00:00.000000  own[7]  signal: SIGHUP (1) by "
				  "process own[7], SI_USER, "
				  "delivered\n"
				  "    command: own x\n");
	free(text);
}

/* The process executes another program between two hits. */
static void add_exec(struct scenario *scenario)
{
	static const char *const lines[] = {"one", "two", NULL};

	for (size_t i = 0; i < 3; i++) {
		const struct scenario_task task = {
			.pid = 7,
			.comm = "seven",
			.age_ns = scenario->now_ns - SCENARIO_START_NS,
			.command_line = lines[i],
		};

		scenario_probe(scenario,
			       (struct dz_probe){.task = scenario_task(scenario, &task),
						 .probe = scenario_text(scenario, "kprobe:f")});
	}
}

static void a_new_command_line_of_the_same_process_is_printed(void **state)
{
	char *text = events(add_exec);

	(void)state;
	assert_string_equal(text, "2025-06-01 12:00:00.000000  seven[7]  kprobe:f\n"
				  "    command: one\n"
				  "2025-06-01 12:00:00.001000  seven[7]  kprobe:f\n"
				  "    command: two\n"
				  "2025-06-01 12:00:00.002000  seven[7]  kprobe:f\n");
	free(text);
}

static void without_command_lines_there_is_one_line_for_each_event(void **state)
{
	char *text = events(scenario_deaths);

	(void)state;
	assert_int_equal(count(text, "\n"), count(text, "\n2025-") + 1);
	assert_null(strstr(text, "parents: "));
	free(text);
}

static void add_returns(struct scenario *scenario)
{
	struct dz_probe row = {
		.task = scenario_task(scenario, &(struct scenario_task){.pid = 10, .comm = "prog"}),
		.probe = scenario_text(scenario, "uretprobe:/prog:run"),
		.latency = 1500,
	};

	scenario_probe(scenario, row);
	row.no_result = true;
	scenario_probe(scenario, row);
}

static void a_function_without_a_result_returns_none(void **state)
{
	char *text = events(add_returns);

	(void)state;
	assert_int_equal(count(text, "uretprobe:/prog:run: returned 0 after 1.5 us\n"), 1);
	assert_int_equal(count(text, "uretprobe:/prog:run: returned after 1.5 us\n"), 1);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_process_and_its_ancestors_are_printed_once_in_a_row),
		cmocka_unit_test(a_function_without_a_result_returns_none),
		cmocka_unit_test(the_sender_of_a_signal_is_printed_below_the_receiver),
		cmocka_unit_test(a_process_that_sends_to_itself_is_printed_once),
		cmocka_unit_test(a_new_command_line_of_the_same_process_is_printed),
		cmocka_unit_test(without_command_lines_there_is_one_line_for_each_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
