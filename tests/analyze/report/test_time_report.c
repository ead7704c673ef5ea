/* tests/analyze/report/test_time_report.c - analyze/report/time_report.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/time_report.h"
#include "tests/analyze/replayed.h"

#define MS UINT64_C(1000000)

struct shown {
	struct time_report *report;
	unsigned int width;
	uint64_t kinds;
};

static void write_report(FILE *out, void *context)
{
	const struct shown *shown = context;
	const struct layout layout = {.width = shown->width};

	assert_true(time_report_write(shown->report, &layout, shown->kinds, out));
}

/* A second of one thread: it runs, waits for a CPU, is blocked by another task and by a timer. */
static void add_second(struct scenario *scenario)
{
	const uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 10, .comm = "busy"});
	const uint64_t other =
		scenario_task(scenario, &(struct scenario_task){.pid = 11, .comm = "holder"});
	const struct dz_runq_holder holder = {.task = task, .holder = other, .held = 100 * MS};

	scenario_offcpu(scenario, (struct dz_offcpu){
					  .task = task,
					  .blocked = 400 * MS,
					  .span = 400 * MS,
					  .count = 1,
					  .waker = other,
					  .kernel_stack = scenario_stack(
						  scenario, "__x64_sys_read;pipe_read"),
				  });
	scenario->now_ns += 199 * MS;
	scenario_runq(scenario, (struct dz_runq){.task = task, .waited = 100 * MS}, &holder, 1);
	scenario_cpu(scenario,
		     (struct dz_cpu){.task = task,
				     .period = 10 * MS,
				     .count = 20,
				     .user_stack = scenario_stack(scenario, "main;compute")});
	scenario->now_ns += 398 * MS;
	scenario_offcpu(scenario, (struct dz_offcpu){
					  .task = task,
					  .blocked = 250 * MS,
					  .span = 300 * MS,
					  .count = 5,
					  .interrupt = 1,
					  .kernel_stack = scenario_stack(
						  scenario, "__x64_sys_nanosleep;do_nanosleep"),
				  });
}

static char *text_of_kinds(void (*add)(struct scenario *scenario), unsigned int width,
			   uint64_t kinds)
{
	struct trace *trace = replayed_trace(add);
	struct shown shown = {time_report_new(), width, kinds};
	char *text;

	assert_non_null(shown.report);
	replayed_show(trace, &(struct selection){.kinds = kinds},
		      time_report_visitor(shown.report));
	text = replayed_text(write_report, &shown);
	time_report_free(shown.report);
	trace_free(trace);
	return text;
}

static char *text_of(void (*add)(struct scenario *scenario), unsigned int width)
{
	return text_of_kinds(add, width, 0);
}

static void the_parts_add_up_to_the_whole(void **state)
{
	char *text = text_of(add_second, 120);

	(void)state;
	assert_string_equal(text,
			    "\nwhere did the time go: 1 thread, 1.0 s together\n"
			    "  on CPUs         200.0 ms    20.0 %  compute 20.0 %\n"
			    "  runnable        100.0 ms    10.0 %  holder 10.0 %\n"
			    "  blocked         650.0 ms    65.0 %  read, woken by holder 40.0 %; "
			    "nanosleep, woken by "
			    "an interrupt 25.0 %\n"
			    "  not recorded     50.0 ms     5.0 %  shorter waits for a CPU, and "
			    "what the lines above "
			    "say\n"
			    "  1. 40.0 % blocked in read, woken by holder, 1 time\n"
			    "  2. 25.0 % blocked in nanosleep, woken by an interrupt, 5 times\n"
			    "  3. 20.0 % running in compute, 20 times\n");
	free(text);
}

/* 33.35, 33.35 and 33.30 % of the time. */
static void add_thirds(struct scenario *scenario)
{
	const uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 10, .comm = "busy"});

	scenario_offcpu(scenario,
			(struct dz_offcpu){
				.task = task, .blocked = 667 * MS, .span = 667 * MS, .count = 1});
	scenario->now_ns += 666 * MS;
	scenario_cpu(scenario, (struct dz_cpu){.task = task, .period = MS, .count = 667});
	scenario->now_ns += 666 * MS;
	scenario_offcpu(scenario,
			(struct dz_offcpu){.task = task, .blocked = 1, .span = 1, .count = 1});
}

/* 33.35, 33.35 and 33.30 %, of three parts: rounded each on its own, they were 100.1 %. */
static void add_three_parts(struct scenario *scenario)
{
	const uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 10, .comm = "busy"});
	const struct dz_runq_holder holder = {.task = task, .held = 667 * MS};

	scenario_offcpu(scenario,
			(struct dz_offcpu){
				.task = task, .blocked = 667 * MS, .span = 667 * MS, .count = 1});
	scenario->now_ns += 666 * MS;
	scenario_runq(scenario, (struct dz_runq){.task = task, .waited = 667 * MS}, &holder, 1);
	scenario->now_ns += 665 * MS;
	scenario_cpu(scenario,
		     (struct dz_cpu){.task = task, .period = MS, .count = 666, .span = 666 * MS});
}

/* More than the time that was seen: 66.65 % and 66.65 %, too much by 33.3 %. */
static void add_too_much(struct scenario *scenario)
{
	const uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 10, .comm = "busy"});

	scenario_offcpu(scenario,
			(struct dz_offcpu){
				.task = task, .blocked = 1333 * MS, .span = 2000 * MS, .count = 1});
	scenario_cpu(scenario, (struct dz_cpu){.task = task, .period = MS, .count = 1333});
}

/* The shares of the lines "on CPUs" to "not recorded"; what is too much counts as negative. */
static int sum_of_shares(char *text)
{
	char *rest;
	int tenths = 0, whole, part;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *percent = strstr(line, " %");

		if (!percent || line[2] < 'a')
			continue;
		while (percent > line && percent[-1] != ' ')
			percent--;
		/* NOLINTNEXTLINE(cert-err34-c): the report's own numbers */
		assert_int_equal(sscanf(percent, "%d.%d", &whole, &part), 2);
		tenths += (strstr(line, "too much") ? -1 : 1) * (10 * whole + part);
	}
	return tenths;
}

static void the_printed_shares_are_100_percent(void **state)
{
	static void (*const scenarios[])(struct scenario * scenario) = {add_thirds, add_three_parts,
									add_too_much};

	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		char *text = text_of(scenarios[i], 120);

		assert_int_equal(sum_of_shares(text), 1000);
		free(text);
	}
}

static void lines_are_no_wider_than_the_terminal(void **state)
{
	char *text = text_of(add_second, 80), *rest;

	(void)state;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		assert_true(strlen(line) <= 80);
	free(text);
}

/* The file has samples and waits; a recording with them would not help. */
static void parts_that_are_not_selected_are_named_so(void **state)
{
	const uint64_t blocked = UINT64_C(1) << DZ_KIND_OFFCPU;
	char *selected = text_of_kinds(add_second, 120, blocked);
	char *missing = text_of(add_thirds, 120);

	(void)state;
	assert_non_null(strstr(
		selected, "on CPUs             0 ns     0.0 %  no samples: not selected by -e\n"));
	assert_non_null(strstr(
		selected, "runnable            0 ns     0.0 %  no waits: not selected by -e\n"));
	assert_non_null(strstr(missing, "no waits: record with -e runq, too\n"));
	free(selected);
	free(missing);
}

/* Samples and waits were recorded, but not of the only thread that was blocked. */
static void add_another(struct scenario *scenario)
{
	const struct scenario_task blocked = {.pid = 10, .comm = "blocked"};

	scenario_info(scenario, "recorder.events", "exit,runq,cpu,offcpu");
	scenario_offcpu(scenario, (struct dz_offcpu){.task = scenario_task(scenario, &blocked),
						     .blocked = MS,
						     .span = MS,
						     .count = 1});
}

static void add_another_without_samples(struct scenario *scenario)
{
	add_another(scenario);
	scenario_info(scenario, "recorder.events", "exit,cpus,runq,offcpu");
}

static void parts_that_were_recorded_are_not_asked_for(void **state)
{
	char *recorded = text_of(add_another, 120);
	char *without = text_of(add_another_without_samples, 120);

	(void)state;
	assert_non_null(strstr(recorded, "  no samples of these threads\n"));
	assert_non_null(strstr(recorded, "  no waits of these threads\n"));
	assert_non_null(strstr(without, "  no samples: record with -e cpu, too\n"));
	assert_non_null(strstr(without, "  no waits of these threads\n"));
	free(recorded);
	free(without);
}

static void add_samples(struct scenario *scenario)
{
	scenario_cpu(scenario,
		     (struct dz_cpu){
			     .task = scenario_task(
				     scenario, &(struct scenario_task){.pid = 10, .comm = "busy"}),
			     .period = MS});
}

static void without_blocked_times_there_is_no_whole(void **state)
{
	char *text = text_of(add_samples, 80);

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_add_up_to_the_whole),
		cmocka_unit_test(the_printed_shares_are_100_percent),
		cmocka_unit_test(parts_that_are_not_selected_are_named_so),
		cmocka_unit_test(parts_that_were_recorded_are_not_asked_for),
		cmocka_unit_test(lines_are_no_wider_than_the_terminal),
		cmocka_unit_test(without_blocked_times_there_is_no_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
