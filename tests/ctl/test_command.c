/* tests/ctl/test_command.c - ctl/command.c: the line of a command, and wrong usage */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/command.h"

#define WORDS_MAX 6

static const struct good {
	const char *words[WORDS_MAX];
	const char *line;
} good[] = {
	{{"status"}, "status\n"},
	{{"settings"}, "settings\n"},
	{{"flight", "write"}, "flight write\n"},
	{{"rotate"}, "rotate\n"},
	{{"section", "start", "7"}, "section start 7\n"},
	{{"section", "start", "7", "250us"}, "section start 7 250us\n"},
	{{"section", "stop", "7"}, "section stop 7\n"},
	{{"set-syscall", "7", "read", "10"}, "set-syscall 7 read 10\n"},
	{{"set-syscall", "7 read 10"}, "set-syscall 7 read 10\n"},
	{{"clear-syscall", "7"}, "clear-syscall 7\n"},
	{{"stop"}, "stop\n"},
};

static const struct bad {
	const char *words[WORDS_MAX];
	const char *problem;
} bad[] = {
	{{NULL}, "no command: use for example status"},
	{{"stopp"}, "stopp: no such command"},
	{{"flight"}, "flight: no such command"},
	{{"section"}, "section: no such command"},
	{{""}, ": no such command"},
	{{"activate", "exit"}, "activate: no such command: events are chosen when"},
	{{"--deactivate"}, "--deactivate: no such command: events are chosen when"},
	{{"stop", "now"}, "usage: diag-ctl stop"},
	{{"section", "start"}, "usage: diag-ctl section start TID [MS]"},
	{{"section", "start", "1", "2", "3"}, "usage: diag-ctl section start TID [MS]"},
	{{"section", "stop"}, "usage: diag-ctl section stop TID"},
	{{"set-syscall", "1", "read"}, "usage: diag-ctl set-syscall PID SYSCALL MS"},
	{{"clear-syscall"}, "usage: diag-ctl clear-syscall PID|*"},
	{{"status\nstop"}, "the command is too long, or has line breaks"},
	{{"clear-syscall", "1\nstop"}, "the command is too long, or has line breaks"},
};

static bool make_line(const char *const *words, char *line, struct problem *ret_problem)
{
	char *copies[WORDS_MAX];
	size_t count = 0;

	for (; count < WORDS_MAX && words[count]; count++)
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): command_line() only reads them */
		copies[count] = (char *)(uintptr_t)words[count];
	return command_line(copies, count, line, ret_problem);
}

static void each_command_becomes_a_line(void **state)
{
	struct problem problem;
	char line[COMMAND_LINE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(make_line(good[i].words, line, &problem));
		assert_string_equal(line, good[i].line);
	}
}

static void wrong_usage_is_reported(void **state)
{
	struct problem problem;
	char line[COMMAND_LINE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(make_line(bad[i].words, line, &problem));
		assert_int_equal(strncmp(problem.text, bad[i].problem, strlen(bad[i].problem)), 0);
	}
}

/* A line has at most 512 bytes, its newline included. */
static void the_longest_line_fits(void **state)
{
	char operand[COMMAND_LINE_MAX] = "";
	const char *words[WORDS_MAX] = {"clear-syscall", operand};
	struct problem problem;
	char line[COMMAND_LINE_MAX + 1];

	(void)state;
	memset(operand, '1', COMMAND_LINE_MAX - strlen("clear-syscall \n"));
	assert_true(make_line(words, line, &problem));
	assert_int_equal(strlen(line), COMMAND_LINE_MAX);
	operand[strlen(operand)] = '1';
	assert_false(make_line(words, line, &problem));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_becomes_a_line),
		cmocka_unit_test(wrong_usage_is_reported),
		cmocka_unit_test(the_longest_line_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
