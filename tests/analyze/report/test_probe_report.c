/* tests/analyze/report/test_probe_report.c - analyze/report/probe_report.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/probe_report.h"
#include "tests/analyze/replayed.h"

static void write_report(FILE *out, void *context)
{
	assert_true(probe_report_write(context, out));
}

/* Frees the trace. */
static char *report_of(struct trace *trace, size_t top)
{
	struct probe_report *report = probe_report_new(top);
	char *text;

	assert_non_null(report);
	replayed_show(trace, NULL, probe_report_visitor(report));
	text = replayed_text(write_report, report);
	probe_report_free(report);
	trace_free(trace);
	return text;
}

static char *report(void (*add)(struct scenario *scenario), size_t top)
{
	return report_of(replayed_trace(add), top);
}

static void each_probe_has_its_hits_names_stacks_and_latencies(void **state)
{
	char *text = report(scenario_probes, 0);

	(void)state;
	assert_non_null(strstr(text, "\nkprobe:vfs_read  6 hits within 5.0 ms, 1,000 a second\n"
				     "             6  bash\n"
				     "             3  vfs_read <- ksys_read <- entry_SYSCALL_64"));
	assert_non_null(strstr(text, "\nkretprobe:vfs_read  4 hits within 3.0 ms, 1,000 a second\n"
				     "    latency: 1.5 us to 6.0 us, mean 3.7 us, 50 % within "));
	assert_non_null(strstr(text, " <- entry_SYSCALL_64 <- read <- load <- main\n"));
	free(text);
}

static void add_hit(struct scenario *scenario, const char *frames)
{
	const uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 7, .comm = "seven"});

	scenario_probe(scenario,
		       (struct dz_probe){.task = task,
					 .probe = scenario_text(scenario, "kprobe:f"),
					 .kernel_stack = scenario_stack(scenario, frames)});
}

/* Two begin in different functions, beyond what is shown. */
static void add_similar_stacks(struct scenario *scenario)
{
	add_hit(scenario, "alone");
	add_hit(scenario, "alone");
	add_hit(scenario, "first;6;5;4;3;2;f");
	add_hit(scenario, "other;6;5;4;3;2;f");
	add_hit(scenario, "other;6;5;4;3;2;f");
}

static void stacks_that_look_alike_are_one(void **state)
{
	char *text = report(add_similar_stacks, 0);

	(void)state;
	assert_non_null(strstr(text, "             5  seven\n"
				     "             3  f <- 2 <- 3 <- 4 <- 5 <- 6 <- ...\n"
				     "             2  alone\n"));
	assert_null(strstr(strstr(text, "f <- 2") + 1, "f <- 2"));
	free(text);
}

static void what_is_not_shown_is_counted(void **state)
{
	char *text = report(add_similar_stacks, 1);

	(void)state;
	assert_non_null(strstr(text, "    ... and 1 stack more; --top 0 shows it\n"));
	assert_null(strstr(text, "alone"));
	free(text);
}

static void add_latencies(struct scenario *scenario)
{
	static const uint64_t latencies_ns[] = {600, 700, 5000};
	const uint64_t probe = scenario_text(scenario, "kretprobe:f");

	for (size_t i = 0; i < sizeof(latencies_ns) / sizeof(latencies_ns[0]); i++)
		scenario_probe(scenario,
			       (struct dz_probe){.probe = probe, .latency = latencies_ns[i]});
}

static void gaps_between_latencies_are_shown(void **state)
{
	char *text = report(add_latencies, 0);

	(void)state;
	assert_non_null(strstr(text, "99 % within 5.0 us\n"
				     "      512 ns to   1.0 us           2  "
				     "########################################\n"
				     "      1.0 us to   2.0 us           0\n"
				     "      2.0 us to   4.0 us           0\n"
				     "      4.0 us to   8.1 us           1  ####################\n"
				     "             3  ?\n"
				     "             3  no stack\n"));
	free(text);
}

static void add_single_latency(struct scenario *scenario)
{
	scenario_probe(scenario, (struct dz_probe){.latency = 600});
}

static void a_single_call_has_one_latency_and_one_without_a_name_a_question_mark(void **state)
{
	char *text = report(add_single_latency, 0);

	(void)state;
	assert_string_equal(text, "\nprobes: hits, by whom, from where\n"
				  "?  1 hit\n"
				  "    latency: 600 ns\n"
				  "             1  ?\n"
				  "             1  no stack\n");
	free(text);
}

static void add_many(struct scenario *scenario)
{
	const struct dz_probe hit = {.probe = scenario_text(scenario, "kprobe:f")};

	for (uint32_t i = 0; i < 1234; i++) {
		scenario_probe(scenario, hit);
		scenario->now_ns += SECOND / 2;
	}
}

static void large_numbers_have_commas_and_small_rates_a_fraction(void **state)
{
	char *text = report(add_many, 0);

	(void)state;
	assert_non_null(strstr(text, "kprobe:f  1,234 hits within 10m 17s, 2.0 a second\n"
				     "         1,234  ?\n"));
	free(text);
}

static void add_skipped(struct scenario *scenario)
{
	add_hit(scenario, "f");
	scenario_info(scenario, "probe.hits.kprobe:f", "10");
	scenario_info(scenario, "probe.skipped_every.kprobe:f", "9");
	scenario_info(scenario, "probe.hits.kprobe:other", "10");
}

static void skipped_hits_are_reported_for_the_probes_that_are_shown(void **state)
{
	char *text = report(add_skipped, 0);

	(void)state;
	assert_non_null(strstr(text, "kprobe:f  1 hit\n"
				     "    skipped: 9 by --every; of 10 hits since the recording "
				     "began\n"));
	assert_null(strstr(text, "other"));
	free(text);
}

/* The ids of the second file are others, and so is its time. */
static int hits_file(uint8_t seed, uint32_t start_s, const char *first_probe)
{
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, seed);
	const struct scenario_task task = {.pid = 7, .comm = "seven"};
	const char *const probes[] = {first_probe, "kprobe:f", "kprobe:f"};

	scenario.now_ns += start_s * SECOND;
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		const struct dz_probe hit = {
			.probe = scenario_text(&scenario, probes[i]),
			.task = scenario_task(&scenario, &task),
			.kernel_stack = scenario_stack(&scenario, "main;f"),
			.latency = 1000,
		};

		scenario_probe(&scenario, hit);
	}
	scenario_close(&scenario);
	return fd;
}

static void several_files_are_one_and_what_is_hit_most_comes_first(void **state)
{
	struct trace *trace;
	char *text;

	(void)state;
	assert_true(trace_new(&trace));
	assert_true(trace_add(trace, "second.dz", hits_file(2, 1, "kprobe:f")));
	assert_true(trace_add(trace, "first.dz", hits_file(1, 0, "kprobe:a")));
	assert_true(trace_load(trace));
	text = report_of(trace, 0);
	assert_non_null(strstr(text, "\nkprobe:f  5 hits within 1.0 s, "));
	assert_non_null(strstr(text, "             5  seven"));
	assert_non_null(strstr(text, "             5  f <- main\n"
				     "kprobe:a  1 hit\n"));
	assert_null(strstr(strstr(text, "kprobe:f") + 1, "kprobe:f"));
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_probe_has_its_hits_names_stacks_and_latencies),
		cmocka_unit_test(stacks_that_look_alike_are_one),
		cmocka_unit_test(what_is_not_shown_is_counted),
		cmocka_unit_test(gaps_between_latencies_are_shown),
		cmocka_unit_test(
			a_single_call_has_one_latency_and_one_without_a_name_a_question_mark),
		cmocka_unit_test(large_numbers_have_commas_and_small_rates_a_fraction),
		cmocka_unit_test(skipped_hits_are_reported_for_the_probes_that_are_shown),
		cmocka_unit_test(several_files_are_one_and_what_is_hit_most_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
