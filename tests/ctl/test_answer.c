/* tests/ctl/test_answer.c - ctl/answer.c: an answer as text and as JSON */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ctl/answer.h"

static const struct sample {
	const char *answer;
	const char *text;
	const char *json;
} samples[] = {
	{"ok\n", "", "{\"ok\": true}\n"},
	{"ok 2\n", "2\n", "{\"ok\": true, \"count\": 2}\n"},
	{"lost-events 0\ncpu-percent 1.5\nok\n", "lost-events 0\ncpu-percent 1.5\n",
	 "{\"ok\": true, \"lost_events\": 0, \"cpu_percent\": 1.5}\n"},
	{"trigger failed\ntrigger oom\npid 7\nok\n", "trigger failed\ntrigger oom\npid 7\n",
	 "{\"ok\": true, \"trigger\": [\"failed\", \"oom\"], \"pid\": 7}\n"},
	{"trigger failed\npid 7\ntrigger oom\ntrig 1\ntrigger 2\nok\n",
	 "trigger failed\npid 7\ntrigger oom\ntrig 1\ntrigger 2\n",
	 "{\"ok\": true, \"trigger\": [\"failed\", \"oom\", 2], \"pid\": 7, \"trig\": 1}\n"},
	{"output a \"b\\c\nversion 0.1.0\nok\n", "output a \"b\\c\nversion 0.1.0\n",
	 "{\"ok\": true, \"output\": \"a \\\"b\\\\c\", \"version\": \"0.1.0\"}\n"},
	{"output 007\nok\n", "output 007\n", "{\"ok\": true, \"output\": \"007\"}\n"},
	{"output 1.\nok\n", "output 1.\n", "{\"ok\": true, \"output\": \"1.\"}\n"},
	{"output \x1b[2J\xff\nok\n", "output \\x1b[2J\\xff\n",
	 "{\"ok\": true, \"output\": \"\\\\x1b[2J\\\\xff\"}\n"},
};

static void print_json(const char *answer, FILE *out)
{
	assert_true(answer_print_json(answer, out));
}

static void assert_prints(void (*print)(const char *answer, FILE *out), const char *answer,
			  const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	print(answer, stream);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void answers_are_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char answer[128];

		(void)snprintf(answer, sizeof(answer), "%s", samples[i].answer);
		assert_null(answer_error(answer));
		assert_string_equal(answer, samples[i].answer);
		assert_prints(answer_print_text, answer, samples[i].text);
		assert_prints(print_json, answer, samples[i].json);
	}
}

static void a_refusal_is_its_reason(void **state)
{
	char answer[] = "error: no \"flight\" window\n";
	char late[] = "pid 7\nerror: none\n";

	(void)state;
	assert_string_equal(answer_error(answer), "no \"flight\" window");
	assert_string_equal(answer_error(late), "none");
	assert_prints(answer_print_error_json, "no \"x\"",
		      "{\"ok\": false, \"error\": \"no \\\"x\\\"\"}\n");
}

/* A line without a value, and a key that no other line has; the largest answer has as many. */
static char *make_answer(size_t lines)
{
	char *answer = malloc(lines * 8 + 4);
	size_t size = 0;

	assert_non_null(answer);
	for (size_t i = 0; i < lines; i++)
		size += (size_t)sprintf(answer + size, "%07zx\n", i * 0x9e3779 % 0xfffffff);
	(void)memcpy(answer + size, "ok\n", 4);
	return answer;
}

static double json_seconds(size_t lines)
{
	char *answer = make_answer(lines);
	FILE *out = fopen("/dev/null", "w");
	struct timespec begin, end;

	assert_non_null(out);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	print_json(answer, out);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	(void)fclose(out);
	free(answer);
	return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/* Counting the keys of each line in the whole answer took 3 s for 16,000 lines. */
static void the_largest_answer_takes_little_time(void **state)
{
	(void)state;
	assert_true(json_seconds((1u << 20) / 8) < 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_printed),
		cmocka_unit_test(a_refusal_is_its_reason),
		cmocka_unit_test(the_largest_answer_takes_little_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
