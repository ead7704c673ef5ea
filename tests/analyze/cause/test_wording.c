/* tests/analyze/cause/test_wording.c - tasks and stacks in words */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/cause/wording.h"
#include "tests/analyze/replayed.h"

static void write_tabbed(FILE *out, void *context)
{
	const char *text = context;

	wording_column(out, (struct trace_text){text, strlen(text)}, 6);
	fputc('|', out);
}

static void assert_written(void (*write)(FILE *out, void *context), void *context,
			   const char *expected)
{
	char *text = replayed_text(write, context);

	assert_string_equal(text, expected);
	free(text);
}

static void columns_are_padded_by_characters_and_escaped(void **state)
{
	(void)state;
	assert_written(write_tabbed, (char[]){"ab"}, "ab    |");
	assert_written(write_tabbed, (char[]){"\xc3\xa4\xc3\xb6"}, "\xc3\xa4\xc3\xb6    |");
	assert_written(write_tabbed, (char[]){"\033"}, "\\x1b  |");
	assert_written(write_tabbed, (char[]){"longer than that"}, "longer than that|");
	assert_written(write_tabbed, (char[]){""}, "      |");
}

static void write_lineage(FILE *out, void *context)
{
	const struct replayed_exit *exit = context;

	wording_task(out, exit->file, exit->task);
	fputs(" of ", out);
	wording_ancestors(out, exit->file, exit->task);
	fputs(", ", out);
	wording_task(out, exit->file, NULL);
}

static void write_stacks(FILE *out, void *context)
{
	const struct replayed_exit *exit = context;
	struct cause_stack stack = exit->cause.user;

	wording_stack(out, stack.file, stack.stack, 2);
	fputc('\n', out);
	wording_stack_lines(out, stack.file, stack.stack, "  ");
	wording_stack(out, stack.file, 0, 2);
}

static void tasks_and_stacks_read_from_the_inside_out(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit wild = replayed_exit(trace, 30003, false);

	(void)state;
	assert_written(write_lineage, &wild, "wild[30003] of systemd[1], ?");
	assert_written(write_stacks, &wild,
		       "program+0x30 <- main <- ...\n"
		       "  program+0x30 (/usr/bin/program)\n"
		       "  main+0x20 (/usr/bin/program)\n"
		       "  _start+0x10 (/usr/bin/program)\n");
	trace_free(trace);
}

static void write_cause(FILE *out, void *context)
{
	const struct replayed_exit *exit = context;

	wording_cause(out, &exit->cause);
}

static void causes_read_as_sentences(void **state)
{
	static const struct {
		uint32_t pid;
		const char *words;
	} cases[] = {
		{20305, "killed by SIGUSR1 (10), sent by bash[22222] uid 0 with kill()"},
		{20306, "killed by SIGRTMIN+3 (37), sent by bash[22222] uid 0 with sigqueue()"},
		{30001, "killed by SIGSEGV (11), segmentation fault reading 0x10 in parse_line of "
			"program, core dumped"},
		{31003, "killed by SIGSYS (31), its seccomp filter forbids socket()"},
		{31005, "killed by SIGPIPE (13), wrote to a pipe or socket that nobody reads"},
		{33000,
		 "killed by SIGTERM (15), sent by bash[22222] uid 0 with kill(), pending for "
		 "00:10:00"},
		{30002, "killed by SIGABRT (6), abort() called by libthird.so: third_check_failed "
			"<- third_init <- main, core dumped"},
		{34000,
		 "exit code 3, exit(3) called by program: give_up <- run, in thread worker[34001]"},
		{35000, "exit code 1"},
		{36000, "clean exit"},
	};
	struct trace *trace = replayed_trace(scenario_deaths);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct replayed_exit exit = replayed_exit(trace, cases[i].pid, false);
		char *text = wording_cause_text(&exit.cause);

		assert_written(write_cause, &exit, cases[i].words);
		assert_string_equal(text, cases[i].words);
		free(text);
	}
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_padded_by_characters_and_escaped),
		cmocka_unit_test(tasks_and_stacks_read_from_the_inside_out),
		cmocka_unit_test(causes_read_as_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
