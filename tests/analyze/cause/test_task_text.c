/* tests/analyze/cause/test_task_text.c - tasks and stacks as text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "tests/analyze/replayed.h"

static void write_tabbed(FILE *out, void *context)
{
	const char *text = context;

	task_text_column(out, (struct trace_text){text, strlen(text)}, 6);
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

static void write_counts(FILE *out, void *context)
{
	const uint64_t *count = context;

	task_text_count(out, *count, "hit");
}

static void what_is_counted_is_in_the_plural_unless_it_is_one(void **state)
{
	(void)state;
	assert_written(write_counts, &(uint64_t){0}, "0 hits");
	assert_written(write_counts, &(uint64_t){1}, "1 hit");
	assert_written(write_counts, &(uint64_t){24058}, "24,058 hits");
}

static void write_lineage(FILE *out, void *context)
{
	const struct replayed_exit *exit = context;

	task_text_task(out, exit->file, exit->task);
	fputs(" of ", out);
	task_text_ancestors(out, exit->file, exit->task);
	fputs(", ", out);
	task_text_task(out, exit->file, NULL);
}

static void write_contained(FILE *out, void *context)
{
	const struct replayed_exit *exit = context;

	task_text_task(out, exit->file, exit->task);
}

static void add_contained(struct scenario *scenario)
{
	const struct scenario_task task = {.pid = 4711, .comm = "app", .ns_pid = 7};

	scenario_exit(scenario, (struct dz_exit){.task = scenario_task(scenario, &task)});
}

static void both_numbers_are_written_where_they_differ(void **state)
{
	struct trace *trace = replayed_trace(add_contained);
	struct replayed_exit exit = replayed_exit(trace, 4711, false);

	(void)state;
	assert_written(write_contained, &exit, "app[4711/7]");
	trace_free(trace);
}

static void write_stacks(FILE *out, void *context)
{
	const struct replayed_exit *exit = context;
	struct cause_stack stack = exit->cause.user;

	task_text_stack(out, stack.file, stack.stack, 2);
	fputc('\n', out);
	task_text_stack_lines(out, stack.file, stack.stack, "  ");
	task_text_stack(out, stack.file, 0, 2);
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

	cause_text_write(out, &exit->cause);
}

static void causes_read_as_sentences(void **state)
{
	static const struct {
		uint32_t pid;
		const char *words;
	} cases[] = {
		{20305, "SIGUSR1 sent by bash[22222] uid 0 with kill()"},
		{20306, "SIGRTMIN+3 sent by bash[22222] uid 0 with sigqueue()"},
		{30001, "SIGSEGV reading 0x10 in parse_line of "
			"program, core dumped"},
		{31003, "SIGSYS, its seccomp filter forbids socket()"},
		{31005, "SIGPIPE, wrote to a pipe or socket that nobody reads"},
		{33000, "SIGTERM sent by bash[22222] uid 0 with kill(), pending for "
			"00:10:00"},
		{30002, "SIGABRT, abort() called by libthird.so: third_check_failed "
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
		char *text = cause_text_string(&exit.cause);

		assert_written(write_cause, &exit, cases[i].words);
		assert_string_equal(text, cases[i].words);
		free(text);
	}
	trace_free(trace);
}

/* A task, and how it is called before it and its ancestors. */
struct ancestor_lines {
	const char *label;
	const struct trace_file *file;
	const struct dz_task *task;
	bool is_written;
};

static void write_ancestor_lines(FILE *out, void *context)
{
	struct ancestor_lines *lines = context;

	lines->is_written = task_text_ancestor_lines(out, lines->label, lines->file, lines->task);
}

static void ancestors_have_their_command_lines_below_each_other(void **state)
{
	struct trace *trace = replayed_trace(scenario_commands);
	struct replayed_exit server = replayed_exit(trace, 500, false);
	struct ancestor_lines itself = {"served", server.file, server.task, false};
	struct ancestor_lines sender = {"sender", server.file, cause_sender(&server.cause), false};

	(void)state;
	assert_written(write_ancestor_lines, &itself,
		       "    served: server[500]: server --port 80\n"
		       "         <- systemd[1]: /sbin/init\n");
	assert_true(itself.is_written);
	assert_written(write_ancestor_lines, &sender,
		       "    sender: bash[22222]: bash -c for file in a b c d e f g h; do rm -f "
		       "\"$file\"; kill -USR1 $(pidof server); done \\x1b[31m; ec ...\n"
		       "         <- sshd[901]\n"
		       "         <- systemd[1]: /sbin/init\n");
	trace_free(trace);
}

static void without_any_command_line_there_are_no_lines_of_ancestors(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit wild = replayed_exit(trace, 30003, false);
	struct ancestor_lines known = {"parents", wild.file, wild.task, true};
	struct ancestor_lines unknown = {"parents", wild.file, NULL, true};

	(void)state;
	assert_written(write_ancestor_lines, &known, "");
	assert_false(known.is_written);
	assert_written(write_ancestor_lines, &unknown, "");
	assert_false(unknown.is_written);
	trace_free(trace);
}

/* Text is truncated by characters, not by bytes, and never inside an escape. */
static void add_long_command_lines(struct scenario *scenario)
{
	char exact[101] = {0};
	char over[102] = {0};
	char wide[206] = {0};
	const char *const texts[] = {exact, over, wide, "\xff\n"};

	memset(exact, 'x', 100);
	memset(over, 'x', 101);
	for (size_t i = 0; i < 97; i++)
		memcpy(wide + 2 * i, "\xc3\xa4", 2);
	memcpy(wide + 2 * 97, "\n", 1);
	for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		scenario_exit(scenario,
			      (struct dz_exit){.task = scenario_task(
						       scenario, &(struct scenario_task){
									 .pid = i + 1,
									 .comm = "p",
									 .command_line = texts[i],
								 })});
}

static char *descent_of(struct trace *trace, uint32_t pid)
{
	struct replayed_exit exit = replayed_exit(trace, pid, false);
	struct ancestor_lines lines = {"x", exit.file, exit.task, false};

	return replayed_text(write_ancestor_lines, &lines);
}

static void long_command_lines_are_truncated_between_characters(void **state)
{
	struct trace *trace = replayed_trace(add_long_command_lines);
	char *texts[4];

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		texts[i] = descent_of(trace, i + 1);
	assert_int_equal(strlen(texts[0]), strlen("    x: p[1]: \n") + 100);
	assert_null(strstr(texts[0], "..."));
	assert_int_equal(strlen(texts[1]), strlen("    x: p[2]:  ...\n") + 100);
	assert_non_null(strstr(texts[1], "x ...\n"));
	assert_int_equal(strlen(texts[2]), strlen("    x: p[3]:  ...\n") + 2 * 97);
	assert_non_null(strstr(texts[2], "\xc3\xa4 ...\n"));
	assert_string_equal(texts[3], "    x: p[4]: \\xff\\x0a\n");
	for (size_t i = 0; i < 4; i++)
		free(texts[i]);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_padded_by_characters_and_escaped),
		cmocka_unit_test(what_is_counted_is_in_the_plural_unless_it_is_one),
		cmocka_unit_test(both_numbers_are_written_where_they_differ),
		cmocka_unit_test(tasks_and_stacks_read_from_the_inside_out),
		cmocka_unit_test(causes_read_as_sentences),
		cmocka_unit_test(ancestors_have_their_command_lines_below_each_other),
		cmocka_unit_test(without_any_command_line_there_are_no_lines_of_ancestors),
		cmocka_unit_test(long_command_lines_are_truncated_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
