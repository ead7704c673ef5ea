/* tests/analyze/lines/test_line_broker.c - analyze/lines/line_broker.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/analyze/lines/own_lines.h"

/* A broker, which each test stops, and a question that it can answer. */
struct broker_test {
	struct own_lines own;
	struct line_broker broker;
};

static int start(void **state)
{
	static struct broker_test test;
	struct line_broker_places places;

	own_lines_make(&test.own);
	places = own_lines_places(&test.own);
	*state = &test;
	return line_broker_start("test", &places, &test.broker) ? 0 : -1;
}

static int clean_up(void **state)
{
	struct broker_test *test = *state;

	own_lines_remove(&test->own);
	return 0;
}

/* Asks for the line of one address. */
static enum symbols_status ask(const struct broker_test *test, struct debug_lines *ret_lines)
{
	const struct debug_lines_query query = {
		.build_id = test->own.build_id,
		.build_id_bytes = test->own.build_id_bytes,
		.addresses = &test->own.address,
		.address_count = 1,
	};

	return line_broker_ask(&test->broker, &query, ret_lines);
}

static void it_answers_one_question_after_the_other(void **state)
{
	struct broker_test *test = *state;

	for (int i = 0; i < 3; i++) {
		struct debug_lines lines;

		assert_int_equal(ask(test, &lines), SYMBOLS_OK);
		assert_int_equal(lines.count, 1);
		assert_int_equal(lines.lines[0].address_index, 0);
		assert_int_equal(lines.lines[0].line, test->own.line);
		assert_string_equal(lines.lines[0].function, "own_lines_function");
		debug_lines_release(&lines);
	}
	line_broker_stop(&test->broker, true);
}

static void a_missing_build_id_is_not_found_and_the_next_one_is(void **state)
{
	struct broker_test *test = *state;
	struct debug_lines lines;

	test->own.build_id[0] ^= 1;
	assert_int_equal(ask(test, &lines), SYMBOLS_NOT_FOUND);
	test->own.build_id[0] ^= 1;
	assert_int_equal(ask(test, &lines), SYMBOLS_OK);
	debug_lines_release(&lines);
	line_broker_stop(&test->broker, true);
}

static void it_ends_at_the_end_of_the_questions(void **state)
{
	struct broker_test *test = *state;

	line_broker_stop(&test->broker, true);
	/* It has been waited for. */
	assert_int_equal(waitpid(test->broker.process, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_broker_that_has_ended_fails_the_question_and_not_the_program(void **state)
{
	struct broker_test *test = *state;
	struct debug_lines lines;

	assert_int_equal(kill(test->broker.process, SIGKILL), 0);
	assert_int_equal(waitpid(test->broker.process, NULL, 0), test->broker.process);
	assert_int_equal(ask(test, &lines), SYMBOLS_IO);
	assert_int_equal(ask(test, &lines), SYMBOLS_IO);
	line_broker_stop(&test->broker, false);
}

static void a_question_beyond_the_limits_is_not_sent(void **state)
{
	static const uint8_t long_id[ELF_IMAGE_BUILD_ID_MAX + 1] = {1};
	static const uint64_t address = 1;
	const struct debug_lines_query queries[] = {
		{.build_id = long_id,
		 .build_id_bytes = sizeof(long_id),
		 .addresses = &address,
		 .address_count = 1},
		{.build_id = long_id,
		 .build_id_bytes = 20,
		 .addresses = &address,
		 .address_count = DEBUG_LINES_ADDRESSES_MAX + 1},
	};
	const struct line_broker none = {.fd = -1};

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct debug_lines lines;

		assert_int_equal(line_broker_ask(&none, &queries[i], &lines), SYMBOLS_LIMIT);
	}
}

static void a_missing_directory_is_refused(void **state)
{
	struct line_broker_places places;
	struct line_broker broker;
	struct own_lines own;

	(void)state;
	own_lines_make(&own);
	own_lines_remove(&own);
	places = own_lines_places(&own);
	assert_false(line_broker_start("test", &places, &broker));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, clean_up)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(it_answers_one_question_after_the_other),
		TEST(a_missing_build_id_is_not_found_and_the_next_one_is),
		TEST(it_ends_at_the_end_of_the_questions),
		TEST(a_broker_that_has_ended_fails_the_question_and_not_the_program),
		cmocka_unit_test(a_question_beyond_the_limits_is_not_sent),
		cmocka_unit_test(a_missing_directory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
