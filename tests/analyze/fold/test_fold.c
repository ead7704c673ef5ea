/* tests/analyze/fold/test_fold.c - analyze/fold/fold.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyze/fold/fold.h"
#include "tests/analyze/scenario.h"

#define LINE_MAX_BYTES 512u
#define LINES_MAX      128u

struct seen {
	char lines[LINES_MAX][LINE_MAX_BYTES]; /* "a;b;c 5" */
	size_t count;
	uint64_t total;
	size_t stop_after;  /* 0: never */
	unsigned int types; /* bit: enum fold_frame_type */
};

static bool see(void *context, const struct fold_stack *stack)
{
	struct seen *seen = context;
	char *line = seen->lines[seen->count];
	size_t used = 0;

	assert_true(stack->count > 0 && seen->count < LINES_MAX);
	for (size_t i = 0; i < stack->count; i++) {
		const struct fold_frame *frame = &stack->frames[i];

		assert_true(frame->name.size > 0);
		seen->types |= 1u << frame->type;
		used += (size_t)snprintf(line + used, LINE_MAX_BYTES - used, "%s%.*s", i ? ";" : "",
					 (int)frame->name.size, frame->name.bytes);
	}
	snprintf(line + used, LINE_MAX_BYTES - used, " %lu", (unsigned long)stack->weight);
	seen->total += stack->weight;
	return ++seen->count != seen->stop_after;
}

static struct fold *open_fold(const struct fold_request *request,
			      void (*add)(struct scenario *scenario))
{
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, 1);
	struct fold *fold;

	add(&scenario);
	scenario_close(&scenario);
	assert_true(fold_open(request, &fold));
	assert_true(fold_add(fold, "test.dz", fd));
	return fold;
}

static struct seen run(const struct fold_request *request, void (*add)(struct scenario *scenario))
{
	struct seen seen = {.count = 0};
	const struct fold_sink sink = {.context = &seen, .stack = see};
	struct fold *fold = open_fold(request, add);

	assert_int_equal(fold_run(fold, &sink), FOLD_OK);
	assert_null(fold_problem(fold, 0));
	fold_close(fold);
	return seen;
}

static bool has_line(const struct seen *seen, const char *line)
{
	for (size_t i = 0; i < seen->count; i++)
		if (strcmp(seen->lines[i], line) == 0)
			return true;
	return false;
}

static void exits_are_folded_by_process_and_without_a_stack_as_their_task(void **state)
{
	const struct fold_request request = {.shape.unit = FOLD_EVENTS};
	struct seen seen = run(&request, scenario_deaths);

	(void)state;
	assert_int_equal(seen.count, 38);
	assert_int_equal(seen.total, 38);
	assert_true(has_line(&seen, "parser;_start;main;parse_file;parse_line 1"));
	assert_true(has_line(&seen, "batch 1"));
}

static void kernel_frames_are_above_user_frames(void **state)
{
	const struct fold_request request = {.shape.no_roots = true};
	struct seen seen = run(&request, scenario_probes);

	(void)state;
	assert_true(has_line(&seen, "main;load;read;entry_SYSCALL_64;ksys_read;vfs_read 1"));
	assert_true(has_line(&seen, "entry_SYSCALL_64;ksys_read;vfs_read 1"));
}

static void lost_events_are_a_separate_frame(void **state)
{
	const struct fold_request request = {.shape.unit = FOLD_EVENTS};
	struct seen seen = run(&request, scenario_probes);

	(void)state;
	assert_true(has_line(&seen, "[lost] 5"));
	assert_false(has_line(&seen, "[lost] 7"));
	assert_true(seen.types & 1u << FOLD_LOST);
	assert_int_equal(seen.total, 15);
}

static void roots_are_in_the_order_of_the_option(void **state)
{
	const struct fold_request request = {
		.shape = {.roots = {"cgroup", "ancestors", "process", "pid"}, .root_count = 4}};
	struct seen seen = run(&request, scenario_probes);

	(void)state;
	assert_true(has_line(&seen, "/user.slice/user-0.slice;systemd;sshd;bash;pid:22222;"
				    "entry_SYSCALL_64;ksys_read;vfs_read 1"));
}

static void time_weighs_probes_and_sections_and_nothing_else(void **state)
{
	const struct fold_request request = {
		.shape = {.unit = FOLD_NANOSECONDS, .no_user = true, .no_kernel = true}};
	struct seen seen = run(&request, scenario_probes);

	(void)state;
	assert_int_equal(seen.count, 5);
	assert_int_equal(seen.total, 1500 + 3000 + 4500 + 6000 + 800000000);
}

/* A section, a sample, a blocked time and a wait of one thread: the section is part of the others.
 */
static void add_all_times(struct scenario *scenario)
{
	const uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 10, .comm = "busy"});

	scenario_probes(scenario);
	scenario_cpu(scenario, (struct dz_cpu){.task = task, .period = 3000, .count = 2});
	scenario_offcpu(scenario,
			(struct dz_offcpu){.task = task, .blocked = 500, .span = 500, .count = 1});
	scenario_runq(scenario, (struct dz_runq){.task = task, .waited = 70}, NULL, 0);
}

static void no_time_is_counted_twice(void **state)
{
	static const struct {
		enum fold_time time;
		uint64_t kinds;
		uint64_t total;
	} cases[] = {
		{FOLD_TIME_ALL, 0, 6570},
		{FOLD_TIME_ON_CPU, 0, 6000},
		{FOLD_TIME_OFF_CPU, 0, 570},
		{FOLD_TIME_OFF_CPU, UINT64_C(1) << DZ_KIND_RUNQ, 70},
		{FOLD_TIME_ALL, UINT64_C(1) << DZ_KIND_SECTION, 800000000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fold_request request = {
			.selection.kinds = cases[i].kinds,
			.shape = {.unit = FOLD_NANOSECONDS, .time = cases[i].time}};
		struct seen seen = run(&request, add_all_times);

		assert_int_equal(seen.total, cases[i].total);
	}
}

static void signals_fold_as_their_senders(void **state)
{
	const struct fold_request request = {
		.selection.kinds = UINT64_C(1) << DZ_KIND_SIGNAL | UINT64_C(1) << DZ_KIND_DELIVERY,
		.shape = {.roots = {"receiver", "signal", "comm"}, .root_count = 3}};
	struct seen seen = run(&request, scenario_deaths);

	(void)state;
	assert_true(has_line(&seen, "ceph-osd;SIGUSR1;bash;main;execute;kill 1"));
	assert_int_equal(seen.count, 23);
}

static void frames_without_a_symbol_are_unknown_and_libraries_have_a_type(void **state)
{
	const struct fold_request request = {.shape.no_roots = true};
	struct seen seen = run(&request, scenario_deaths);

	(void)state;
	assert_true(has_line(&seen, "_start;main;program+0x30 1"));
	assert_true(seen.types & 1u << FOLD_UNKNOWN);
	assert_true(seen.types & 1u << FOLD_LIBRARY);
	assert_true(seen.types & 1u << FOLD_USER);
	assert_false(seen.types & 1u << FOLD_ROOT);
}

static void an_event_without_a_frame_is_still_counted(void **state)
{
	const struct fold_request request = {
		.shape = {.no_roots = true, .no_user = true, .no_kernel = true}};
	struct seen seen = run(&request, scenario_deaths);

	(void)state;
	assert_int_equal(seen.count, 38);
	assert_string_equal(seen.lines[0], "[no stack] 1");
}

static void the_description_names_the_source_of_the_stacks(void **state)
{
	const struct fold_request request = {.shape.unit = FOLD_EVENTS};
	struct seen seen = {.count = 0};
	const struct fold_sink sink = {.context = &seen, .stack = see};
	struct fold *fold = open_fold(&request, scenario_probes);
	struct fold_description description;

	(void)state;
	assert_int_equal(fold_run(fold, &sink), FOLD_OK);
	description = fold_describe(fold);
	assert_string_equal(description.host, "osd7");
	assert_string_equal(description.kernel, "6.1.0-49-amd64");
	assert_string_equal(description.command, "diag-record -o deaths.dz");
	assert_string_equal(description.kinds, "probe");
	assert_string_equal(description.selection, "");
	assert_int_equal(description.start_ns, SCENARIO_START_UNIX_NS);
	assert_int_equal(description.stacks, 10);
	assert_int_equal(description.total_weight, 10);
	assert_int_equal(description.lost, 5);
	fold_close(fold);
}

static void a_sink_can_stop_it(void **state)
{
	const struct fold_request request = {.shape.unit = FOLD_EVENTS};
	struct seen seen = {.stop_after = 3};
	const struct fold_sink sink = {.context = &seen, .stack = see};
	struct fold *fold = open_fold(&request, scenario_deaths);

	(void)state;
	assert_int_equal(fold_run(fold, &sink), FOLD_STOPPED);
	assert_int_equal(seen.count, 3);
	fold_close(fold);
}

static void a_truncated_file_is_incomplete_and_other_files_fail(void **state)
{
	const struct fold_request request = {.shape.unit = FOLD_EVENTS};
	struct seen seen = {.count = 0};
	const struct fold_sink sink = {.context = &seen, .stack = see};
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, 1);
	struct fold *fold;

	(void)state;
	scenario_deaths(&scenario);
	scenario_abandon(&scenario);
	assert_true(fold_open(&request, &fold));
	assert_true(fold_add(fold, "cut.dz", fd));
	assert_int_equal(fold_run(fold, &sink), FOLD_INCOMPLETE);
	assert_int_equal(seen.count, 38);
	assert_false(fold_problem(fold, 0)->failure);
	fold_close(fold);

	assert_true(fold_open(&request, &fold));
	fd = scenario_unnamed_file();
	assert_int_equal(write(fd, "a;b 1\na;b 2\na;b 3\n", 18), 18);
	assert_true(fold_add(fold, "text", fd));
	assert_int_equal(fold_run(fold, &sink), FOLD_FAILED);
	assert_true(fold_problem(fold, 0)->failure);
	fold_close(fold);
}

static void a_trace_is_recognized_by_its_first_bytes(void **state)
{
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, 1);
	char bytes[16];

	(void)state;
	scenario_close(&scenario);
	assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_true(fold_recognizes(bytes, sizeof(bytes)));
	assert_false(fold_recognizes(bytes, sizeof(bytes) - 1));
	assert_false(fold_recognizes("main;parse;read 12", 16));
	close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(exits_are_folded_by_process_and_without_a_stack_as_their_task),
		cmocka_unit_test(kernel_frames_are_above_user_frames),
		cmocka_unit_test(lost_events_are_a_separate_frame),
		cmocka_unit_test(roots_are_in_the_order_of_the_option),
		cmocka_unit_test(time_weighs_probes_and_sections_and_nothing_else),
		cmocka_unit_test(no_time_is_counted_twice),
		cmocka_unit_test(signals_fold_as_their_senders),
		cmocka_unit_test(frames_without_a_symbol_are_unknown_and_libraries_have_a_type),
		cmocka_unit_test(an_event_without_a_frame_is_still_counted),
		cmocka_unit_test(the_description_names_the_source_of_the_stacks),
		cmocka_unit_test(a_sink_can_stop_it),
		cmocka_unit_test(a_truncated_file_is_incomplete_and_other_files_fail),
		cmocka_unit_test(a_trace_is_recognized_by_its_first_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
