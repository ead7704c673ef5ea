/* tests/record/test_options.c - record/options.c; what is refused is in tests/live/output */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/options.h"

#define WORDS_MAX 16

#define BIT(signal) (1ull << ((signal)-1))

/* Parses "diag-record" and the words, which end with NULL. */
static void parse(struct options *options, const char *const words[])
{
	static char copies[WORDS_MAX][64];
	static char *arguments[WORDS_MAX + 1];
	int count = 0;

	memcpy(copies[0], "diag-record", sizeof("diag-record"));
	arguments[count++] = copies[0];
	for (size_t i = 0; words[i]; i++) {
		assert_true(count < WORDS_MAX && strlen(words[i]) < sizeof(copies[0]));
		memcpy(copies[count], words[i], strlen(words[i]) + 1);
		arguments[count] = copies[count];
		count++;
	}
	arguments[count] = NULL;
	options_parse(count, arguments, options);
}

#define PARSE(options, ...) parse(options, (const char *const[]){__VA_ARGS__, NULL})

static void exits_and_signals_are_recorded_by_default(void **state)
{
	struct options options;

	(void)state;
	parse(&options, (const char *const[]){NULL});
	assert_int_equal(options.events, OPTIONS_EXIT | OPTIONS_SIGNAL);
	assert_int_equal(options.filter.signals, UINT64_MAX);
	assert_null(options.command);
	options_release(&options);
	PARSE(&options, "-e", "exit");
	assert_int_equal(options.events, OPTIONS_EXIT);
	options_release(&options);
	PARSE(&options, "-e", "exit,signal");
	assert_int_equal(options.events, OPTIONS_EXIT | OPTIONS_SIGNAL);
	options_release(&options);
}

static void lists_of_several_options_are_joined(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "-p", "9,3-4", "--tgid", "5", "-C", "0-16,23");
	assert_int_equal(options.filter.tgids.count, 2);
	assert_int_equal(options.filter.tgids.ranges[0].first, 3);
	assert_int_equal(options.filter.tgids.ranges[0].last, 5);
	assert_int_equal(options.filter.tgids.ranges[1].first, 9);
	assert_string_equal(options.texts[OPTIONS_TEXT_TGID], "9,3-4,5");
	assert_int_equal(options.filter.cpus.ranges[1].last, 23);
	options_release(&options);
}

static void a_thread_that_is_named_is_recorded_when_it_ends(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "-t", "77");
	assert_int_equal(options.filter.threads, 1);
	options_release(&options);
	PARSE(&options, "-p", "77");
	assert_int_equal(options.filter.threads, 0);
	options_release(&options);
}

static void signals_are_chosen_or_left_out(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "--signals", "KILL,15,SIGUSR1");
	assert_int_equal(options.filter.signals, BIT(9) | BIT(15) | BIT(10));
	options_release(&options);
	PARSE(&options, "--signals", "^CHLD,^RTMIN+3");
	assert_int_equal(options.filter.signals, ~(BIT(17) | BIT(37)));
	options_release(&options);
	PARSE(&options, "--signals", "1-9", "--signals", "^KILL");
	assert_int_equal(options.filter.signals, 0xff);
	options_release(&options);
}

static void names_are_padded_as_the_kernel_pads_them(void **state)
{
	static const char padded[EVENT_COMM_BYTES] = "java";
	struct options options;

	(void)state;
	PARSE(&options, "-c", "java", "-c", "fifteen bytes!!");
	assert_int_equal(options.filter.comms.count, 2);
	assert_memory_equal(options.filter.comms.names[0], padded, sizeof(padded));
	assert_string_equal(options.filter.comms.names[1], "fifteen bytes!!");
	options_release(&options);
}

static void everything_after_the_first_word_is_the_command(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "-q", "--", "ls", "-o", "x");
	assert_true(options.quiet);
	assert_null(options.output);
	assert_string_equal(options.command[0], "ls");
	assert_string_equal(options.command[2], "x");
	assert_null(options.command[3]);
	options_release(&options);
	PARSE(&options, "ls", "-q");
	assert_false(options.quiet);
	assert_string_equal(options.command[1], "-q");
	options_release(&options);
}

static void quantities_have_units(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "-d", "1.5m", "--ring-size", "5M");
	assert_int_equal(options.duration_ns, 90000000000);
	/* The next power of two. */
	assert_int_equal(options.ring_bytes, 8u << 20);
	options_release(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exits_and_signals_are_recorded_by_default),
		cmocka_unit_test(lists_of_several_options_are_joined),
		cmocka_unit_test(a_thread_that_is_named_is_recorded_when_it_ends),
		cmocka_unit_test(signals_are_chosen_or_left_out),
		cmocka_unit_test(names_are_padded_as_the_kernel_pads_them),
		cmocka_unit_test(everything_after_the_first_word_is_the_command),
		cmocka_unit_test(quantities_have_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
