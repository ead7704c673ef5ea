/* tests/analyze/report/test_answers.c - analyze/report/answers.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/answers.h"
#include "tests/analyze/replayed.h"
#include <dz/enums.h>

static void write_answers(FILE *out, void *context)
{
	assert_true(answers_write(context, &(struct answers_part){.lines = 0}, out));
}

static void write_few_lines(FILE *out, void *context)
{
	assert_true(answers_write(context, &(struct answers_part){.lines = 6}, out));
}

static char *answer_as(void (*add)(struct scenario *scenario), struct answers_style style,
		       void (*write)(FILE *out, void *context))
{
	struct trace *trace = replayed_trace(add);
	struct answers *answers;
	char *text;

	style.utc = true;
	style.layout.width = style.layout.width != 0 ? style.layout.width : 120;
	answers = answers_new(&style);
	assert_non_null(answers);
	replayed_show(trace, NULL, answers_visitor(answers));
	text = replayed_text(write, answers);
	answers_free(answers);
	trace_free(trace);
	return text;
}

static char *answer(void (*add)(struct scenario *scenario), struct answers_style style)
{
	return answer_as(add, style, write_answers);
}

#define MIB (UINT64_C(1) << 20)

static void add_oom(struct scenario *scenario, struct dz_oom row)
{
	uint64_t hog = scenario_task(scenario, &(struct scenario_task){.pid = 700, .comm = "hog"});

	row.task = hog;
	row.victim = hog;
	scenario_oom(scenario, row);
	scenario_signal(scenario, (struct dz_signal){.task = hog,
						     .receiver = hog,
						     .signal = 9,
						     .group = 1,
						     .source = DZ_SIGNAL_SOURCE_OUT_OF_MEMORY,
						     .system_call = UINT64_MAX});
	scenario_exit(scenario, (struct dz_exit){.task = hog, .signal = 9});
}

static void add_at_limit(struct scenario *scenario)
{
	add_oom(scenario, (struct dz_oom){.limit_cgroup = scenario_text(scenario, "/web"),
					  .limit = 64 * MIB,
					  .usage = 63 * MIB,
					  .memory_total = 1024 * MIB,
					  .limits_read = 1});
}

/* The names of the group were lost. */
static void add_at_some_limit(struct scenario *scenario)
{
	add_oom(scenario, (struct dz_oom){.limit = MIB, .usage = MIB - 4096, .limits_read = 1});
}

static void add_without_limit(struct scenario *scenario)
{
	add_oom(scenario, (struct dz_oom){.memory_total = 1024 * MIB, .limits_read = 1});
}

static void add_full_machine(struct scenario *scenario)
{
	add_oom(scenario, (struct dz_oom){.memory_total = 1024 * MIB,
					  .memory_free = 24 * MIB,
					  .limits_read = 1});
}

/* As in a file of an earlier version. */
static void add_unread_limits(struct scenario *scenario)
{
	add_oom(scenario, (struct dz_oom){.memory_total = 1024 * MIB});
}

static void the_limit_that_memory_was_at_has_a_line(void **state)
{
	static const struct {
		void (*add)(struct scenario *scenario);
		const char *where; /* NULL: no such line */
	} cases[] = {
		{add_at_limit, "where    /web at its limit: 63.0 of 64.0 MiB\n"},
		{add_at_some_limit,
		 "where    a group above it at its limit: 1020.0 KiB of 1.0 MiB\n"},
		{add_without_limit, "where    no group above it was at its limit of memory; the "
				    "machine has 1.0 GiB\n"},
		{add_full_machine, "where    no group above it was at its limit of memory; the "
				   "machine had used 1000.0 MiB of 1.0 GiB\n"},
		{add_unread_limits, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = answer(cases[i].add, (struct answers_style){.top = 0});

		assert_non_null(strstr(text, "OOM      hog[700]"));
		if (cases[i].where)
			assert_non_null(strstr(text, cases[i].where));
		else
			assert_null(strstr(text, "where"));
		free(text);
	}
}

static void add_with_memory(struct scenario *scenario)
{
	add_oom(scenario, (struct dz_oom){.anon_rss = 57 * MIB, .shmem_rss = 6 * MIB});
}

static void what_the_victim_had_has_a_line(void **state)
{
	char *own = answer(add_with_memory, (struct answers_style){.top = 0});
	char *other = answer(scenario_deaths, (struct answers_style){.top = 1});

	(void)state;
	assert_non_null(strstr(own, "SIGKILL by the out-of-memory killer\n"));
	assert_non_null(strstr(
		own, "note     it had 57.0 MiB anonymous, 6.0 MiB shared; it asked itself\n"));
	assert_non_null(strstr(other, "note     it had 1.0 GiB anonymous, 4.0 KiB file; "
				      "bash[22222] asked; score adjustment -100\n"));
	free(own);
	free(other);
}

static void the_worst_end_comes_first_and_clean_ones_never(void **state)
{
	char *text = answer(scenario_deaths, (struct answers_style){.top = 0});

	(void)state;
	assert_int_equal(strncmp(text, "12:00:00.076  OOM      hog[32000]  SIGKILL", 42), 0);
	assert_true(strstr(text, "CRASHED") < strstr(text, "KILLED "));
	assert_true(strstr(text, "KILLED ") < strstr(text, "FAILED "));
	assert_non_null(strstr(text, "FAILED   batch[35000] x5 until 12:00:00.008  exit code 1\n"));
	assert_null(strstr(text, "clean"));
	free(text);
}

static void what_is_not_shown_is_counted(void **state)
{
	char *text = answer(scenario_deaths, (struct answers_style){.top = 1});

	(void)state;
	assert_non_null(strstr(text, "25 more exits of 21 kinds: 4 crashed, 15 killed, 6 failed "
				     "(--top 0 shows them)\n"));
	assert_null(strstr(text, "parser"));
	free(text);
}

static void stacks_and_colours_come_on_request(void **state)
{
	const struct answers_style style = {.stacks = true, .layout = {.colour = true}};
	char *plain = answer(scenario_deaths, (struct answers_style){.top = 0});
	char *rich = answer(scenario_deaths, style);

	(void)state;
	assert_null(strstr(plain, "stack  "));
	assert_null(strchr(plain, 033));
	assert_non_null(strstr(
		rich, "              stack    parse_line <- parse_file <- main <- _start\n"));
	assert_non_null(strstr(rich, "  \033[31mOOM\033[0m      \033[1mhog[32000]\033[0m  "));
	free(plain);
	free(rich);
}

static void parents_are_printed_once_in_a_row(void **state)
{
	char *text = answer(scenario_deaths, (struct answers_style){.top = 4});
	const char *first = strstr(text, "parents  systemd[1]\n");

	(void)state;
	assert_non_null(first);
	assert_null(strstr(first + 1, "parents"));
	free(text);
}

/* Details are the first to go, then answers. */
static void few_lines_hold_the_worst_deaths(void **state)
{
	const struct answers_style style = {.stacks = true, .top = 10};
	char *text = answer_as(scenario_deaths, style, write_few_lines);

	(void)state;
	assert_int_equal(strncmp(text, "12:00:00.076  OOM ", 18), 0);
	assert_non_null(strstr(text, "CRASHED  parser"));
	assert_null(strstr(text, "stack  "));
	assert_null(strstr(text, "KILLED "));
	assert_non_null(strstr(text, "more details"));
	free(text);
}

static void add_many_kinds_of_ends(struct scenario *scenario)
{
	for (uint32_t i = 0; i < 5000; i++) {
		char comm[16];

		snprintf(comm, sizeof(comm), "p%u", i);
		scenario_exit(
			scenario,
			(struct dz_exit){.task = scenario_task(
						 scenario, &(struct scenario_task){.pid = i + 1,
										   .comm = comm}),
					 .exit_code = 1});
	}
}

static void names_that_differ_in_numbers_are_one_kind(void **state)
{
	char *text = answer(add_many_kinds_of_ends, (struct answers_style){.top = 10});

	(void)state;
	assert_int_equal(strncmp(text,
				 "12:00:00.000  FAILED   p0..p4999 x5,000 until 12:00:04.999"
				 "  exit code 1\n",
				 70),
			 0);
	free(text);
}

/* 5,000 kinds that differ in letters, and one crash at their end. */
static void add_too_many_kinds(struct scenario *scenario)
{
	uint64_t task;

	for (uint32_t i = 0; i < 5000; i++) {
		char comm[16];

		snprintf(comm, sizeof(comm), "%c%c%c", 'a' + i / 676, 'a' + i / 26 % 26,
			 'a' + i % 26);
		task = scenario_task(scenario, &(struct scenario_task){.pid = i + 1, .comm = comm});
		scenario_exit(scenario, (struct dz_exit){.task = task, .exit_code = 1});
	}
	task = scenario_task(scenario, &(struct scenario_task){.pid = 6000, .comm = "crash"});
	scenario_signal(scenario, (struct dz_signal){.task = task,
						     .receiver = task,
						     .signal = 11,
						     .source = DZ_SIGNAL_SOURCE_FAULT});
	scenario_exit(scenario, (struct dz_exit){.task = task, .signal = 11});
}

static void a_crash_after_too_many_kinds_comes_first(void **state)
{
	char *text = answer(add_too_many_kinds, (struct answers_style){.top = 2});

	(void)state;
	assert_non_null(strstr(text, "  CRASHED  crash[6000]  SIGSEGV"));
	assert_true(strstr(text, "CRASHED") < strstr(text, "FAILED"));
	assert_non_null(strstr(text,
			       "4,999 more exits of kinds that rank after these: 4,999 failed "
			       "(--by comm,cause counts them all)\n"));
	free(text);
}

static void add_death_without_its_signal(struct scenario *scenario)
{
	const uint64_t task = scenario_task(
		scenario, &(struct scenario_task){.pid = 7, .comm = "seven", .age_ns = SECOND});

	scenario_lost(scenario, "signal", "ring full", 16);
	scenario_exit(scenario, (struct dz_exit){.task = task, .signal = 15});
}

static void lost_signals_are_noted_where_the_sender_is_unknown(void **state)
{
	char *text = answer(add_death_without_its_signal, (struct answers_style){.top = 0});

	(void)state;
	assert_non_null(strstr(text, "KILLED   seven[7]  SIGTERM"));
	assert_non_null(strstr(text, "              note     16 signals were lost while it lived: "
				     "sender unknown\n"));
	free(text);
}

static void add_death_in_container(struct scenario *scenario)
{
	const struct scenario_task task = {
		.pid = 7,
		.comm = "seven",
		.cgroup = "/system.slice/"
			  "docker-3f2a9c1b7d043f2a9c1b7d043f2a9c1b7d043f2a9c1b7d043f2a9c1b"
			  "7d04abcd.scope",
	};
	const struct scenario_task other = {
		.pid = 8,
		.comm = "eight",
		.cgroup = "/system.slice/web.service",
	};

	scenario_exit(scenario,
		      (struct dz_exit){.task = scenario_task(scenario, &task), .exit_code = 1});
	scenario_exit(scenario,
		      (struct dz_exit){.task = scenario_task(scenario, &other), .exit_code = 1});
}

static void containers_and_services_are_named(void **state)
{
	char *text = answer(add_death_in_container, (struct answers_style){.top = 0});

	(void)state;
	assert_non_null(strstr(text, "              where    container 3f2a9c1b7d04 (docker)\n"));
	assert_non_null(strstr(text, "              where    web.service\n"));
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limit_that_memory_was_at_has_a_line),
		cmocka_unit_test(what_the_victim_had_has_a_line),
		cmocka_unit_test(the_worst_end_comes_first_and_clean_ones_never),
		cmocka_unit_test(what_is_not_shown_is_counted),
		cmocka_unit_test(stacks_and_colours_come_on_request),
		cmocka_unit_test(parents_are_printed_once_in_a_row),
		cmocka_unit_test(few_lines_hold_the_worst_deaths),
		cmocka_unit_test(names_that_differ_in_numbers_are_one_kind),
		cmocka_unit_test(lost_signals_are_noted_where_the_sender_is_unknown),
		cmocka_unit_test(containers_and_services_are_named),
		cmocka_unit_test(a_crash_after_too_many_kinds_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
