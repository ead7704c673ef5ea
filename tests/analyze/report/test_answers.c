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

struct written {
	const struct answers *answers;
	struct answers_style style;
};

static void write_answers(FILE *out, void *context)
{
	const struct written *written = context;

	assert_true(answers_write(written->answers, &written->style, out));
}

static char *answer(void (*add)(struct scenario *scenario), struct answers_style style)
{
	struct trace *trace = replayed_trace(add);
	struct answers *answers;
	struct written written = {.style = style};
	char *text;

	assert_true(answers_new(&answers));
	written.answers = answers;
	replayed_show(trace, NULL, answers_visitor(answers));
	text = replayed_text(write_answers, &written);
	answers_free(answers);
	trace_free(trace);
	return text;
}

static void the_worst_end_comes_first_and_clean_ones_last(void **state)
{
	char *text = answer(scenario_deaths, (struct answers_style){.top = 0});
	const char *last = text;

	(void)state;
	assert_int_equal(strncmp(text, "hog[32000]  killed by SIGKILL", 29), 0);
	for (const char *line = text; line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (*line != '\0')
			last = line;
	assert_int_equal(strncmp(last, "true[36000] and 9 more  clean exit", 34), 0);
	free(text);
}

static void what_is_not_shown_is_counted(void **state)
{
	char *text = answer(scenario_deaths, (struct answers_style){.top = 1});

	(void)state;
	assert_non_null(
		strstr(text, "... and 35 exits more of 22 other kinds; --top 0 shows them\n"));
	assert_null(strstr(text, "parser"));
	free(text);
}

static void stacks_and_colours_come_on_request(void **state)
{
	char *plain = answer(scenario_deaths, (struct answers_style){.top = 0});
	char *rich =
		answer(scenario_deaths, (struct answers_style){.stacks = true, .colour = true});

	(void)state;
	assert_null(strstr(plain, "was in:"));
	assert_null(strchr(plain, 033));
	assert_non_null(strstr(rich, "    was in: parse_line <- parse_file <- main <- _start\n"));
	assert_non_null(strstr(rich, "\033[1mhog[32000]\033[0m"));
	free(plain);
	free(rich);
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

static void exits_beyond_the_last_group_are_counted(void **state)
{
	char *text = answer(add_many_kinds_of_ends, (struct answers_style){.top = 10});

	(void)state;
	assert_non_null(strstr(text, "... and 4,990 exits more of"));
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_end_comes_first_and_clean_ones_last),
		cmocka_unit_test(what_is_not_shown_is_counted),
		cmocka_unit_test(stacks_and_colours_come_on_request),
		cmocka_unit_test(exits_beyond_the_last_group_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
