/* tests/record/options/test_options.c - record/options/options.c
 *
 * tests/live/output has most wrong uses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/options/options.h"

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

/* Returns the status with which parsing ends the program; -1 if it does not. */
static int status_of(const char *const words[])
{
	struct options options;
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		(void)close(STDERR_FILENO);
		parse(&options, words);
		options_release(&options);
		_exit(255);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

#define STATUS_OF(...) status_of((const char *const[]){__VA_ARGS__, NULL})

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

static void waits_have_a_threshold(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "-e", "runq");
	assert_int_equal(options.events, OPTIONS_RUNQ);
	assert_int_equal(options.profile.runq_ns, 10000000);
	assert_int_equal(options.user_stack_bytes, 0);
	options_release(&options);
	PARSE(&options, "-e", "exit,runq:250us");
	assert_int_equal(options.events, OPTIONS_EXIT | OPTIONS_RUNQ);
	assert_int_equal(options.profile.runq_ns, 250000);
	assert_int_equal(options.profile.cpu_period_ns, 0);
	assert_int_not_equal(options.user_stack_bytes, 0);
	options_release(&options);
}

static void blocked_times_have_a_threshold(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "-e", "offcpu");
	assert_int_equal(options.events, OPTIONS_OFFCPU);
	assert_int_equal(options.profile.offcpu_ns, 1000000);
	assert_int_not_equal(options.user_stack_bytes, 0);
	options_release(&options);
	PARSE(&options, "-e", "offcpu:20");
	assert_int_equal(options.profile.offcpu_ns, 20000000);
	options_release(&options);
	PARSE(&options, "-e", "offcpu:20,offcpu", "-e", "offcpu:20ms");
	assert_int_equal(options.profile.offcpu_ns, 20000000);
	options_release(&options);
}

static void samples_have_a_frequency(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "-e", "cpu");
	assert_int_equal(options.events, OPTIONS_CPU);
	assert_int_equal(options.profile.cpu_period_ns, 10101010);
	assert_int_not_equal(options.user_stack_bytes, 0);
	options_release(&options);
	PARSE(&options, "-F", "500", "-a", "-g");
	assert_int_equal(options.events, OPTIONS_CPU);
	assert_int_equal(options.profile.cpu_period_ns, 2000000);
	options_release(&options);
	PARSE(&options, "-e", "cpu:1000,runq", "--user-stack", "0");
	assert_int_equal(options.events, OPTIONS_CPU | OPTIONS_RUNQ);
	assert_int_equal(options.profile.cpu_period_ns, 1000000);
	assert_int_equal(options.user_stack_bytes, 0);
	options_release(&options);
}

static void samples_are_of_a_clock_or_of_an_event(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "-e", "cpu:cycles");
	assert_string_equal(options.profile.cpu_event.name, "cycles");
	assert_int_equal(options.profile.cpu_hertz, 99);
	options_release(&options);
	PARSE(&options, "-F", "500", "-e", "cpu:LLC-loads");
	assert_string_equal(options.profile.cpu_event.name, "LLC-loads");
	assert_int_equal(options.profile.cpu_hertz, 500);
	options_release(&options);
	PARSE(&options, "-e", "cpu:task-clock:1000");
	assert_int_equal(options.profile.cpu_hertz, 1000);
	assert_int_equal(options.profile.cpu_period_ns, 1000000);
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

static void signals_are_selected_or_excluded(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "--signals", "KILL,15,SIGUSR1");
	assert_int_equal(options.filter.signals, BIT(9) | BIT(15) | BIT(10));
	assert_int_equal(options.filter.child_stacks, 0);
	options_release(&options);
	PARSE(&options, "--signals", "^CHLD,^RTMIN+3");
	assert_int_equal(options.filter.signals, ~(BIT(17) | BIT(37)));
	assert_int_equal(options.filter.child_stacks, 0);
	options_release(&options);
	PARSE(&options, "--signals", "1-31");
	assert_int_equal(options.filter.child_stacks, 1);
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

static void nothing_limits_a_recording_but_the_room_on_its_disk(void **state)
{
	struct options options;

	(void)state;
	parse(&options, (const char *const[]){NULL});
	assert_int_equal(options.duration_ns, 0);
	assert_int_equal(options.max_bytes, 0);
	assert_int_equal(options.rotate_bytes, 0);
	assert_int_equal(options.rotate_count, 0);
	assert_int_equal(options.min_free.bytes, 64u << 20);
	assert_int_equal(options.min_free.percent, 5);
	options_release(&options);
}

static void limits_of_a_file_are_sizes(void **state)
{
	struct options options;

	(void)state;
	PARSE(&options, "--max-size", "64K", "--min-free", "1G");
	assert_int_equal(options.max_bytes, 65536);
	assert_int_equal(options.min_free.bytes, 1u << 30);
	assert_int_equal(options.min_free.percent, 100);
	options_release(&options);
	PARSE(&options, "--min-free", "10%");
	assert_int_equal(options.min_free.percent, 10);
	options_release(&options);
	assert_int_equal(STATUS_OF("--max-size", "65535"), 2);
	assert_int_equal(STATUS_OF("--max-size", "-1"), 2);
	assert_int_equal(STATUS_OF("--min-free", "101%"), 2);
	assert_int_equal(STATUS_OF("--min-free", "much"), 2);
}

static void a_rotation_has_a_size_and_perhaps_a_count(void **state)
{
	static const char *const wrong[] = {"",      "65535",  "64K,",    "64K,1",
					    "64K,0", "64K,-1", "64K,2,3", "64K,10001",
					    ",2",    "much,2", "64K, 2",  "64K,4294967298"};
	struct options options;

	(void)state;
	PARSE(&options, "--rotate", "64K");
	assert_int_equal(options.rotate_bytes, 65536);
	assert_int_equal(options.rotate_count, 0);
	options_release(&options);
	PARSE(&options, "--rotate", "1.5G,10000");
	assert_int_equal(options.rotate_bytes, 3u << 29);
	assert_int_equal(options.rotate_count, 10000);
	options_release(&options);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(STATUS_OF("--rotate", wrong[i]), 2);
}

static void a_flight_recorder_has_a_time_and_a_size(void **state)
{
	static const char *const wrong[] = {"",       "0",       "0.5",     "60,",     "60,255K",
					    "60,65G", "60,1M,1", "60,much", "forever", "-1"};
	struct options options;

	(void)state;
	PARSE(&options, "--flight", "60");
	assert_int_equal(options.flight_ns, 60000000000);
	assert_int_equal(options.flight_bytes, 64u << 20);
	options_release(&options);
	PARSE(&options, "--flight", "5m,256K");
	assert_int_equal(options.flight_ns, 300000000000);
	assert_int_equal(options.flight_bytes, 256u << 10);
	options_release(&options);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(STATUS_OF("--flight", wrong[i]), 2);
}

static void limits_of_which_one_would_never_be_reached_are_refused(void **state)
{
	(void)state;
	assert_int_equal(STATUS_OF("--rotate", "1M,4", "--max-size", "8M"), 2);
	assert_int_equal(STATUS_OF("--max-size", "8M", "--rotate", "1M"), 2);
	assert_int_equal(STATUS_OF("--flight", "60", "--max-size", "8M"), 2);
	assert_int_equal(STATUS_OF("--flight", "60", "--rotate", "1M"), 2);
	assert_int_equal(STATUS_OF("--flight", "60", "--min-free", "5%", "-d", "5"), -1);
	assert_int_equal(STATUS_OF("--rotate", "1M,4", "--min-free", "5%", "-d", "5"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exits_and_signals_are_recorded_by_default),
		cmocka_unit_test(waits_have_a_threshold),
		cmocka_unit_test(blocked_times_have_a_threshold),
		cmocka_unit_test(samples_have_a_frequency),
		cmocka_unit_test(samples_are_of_a_clock_or_of_an_event),
		cmocka_unit_test(lists_of_several_options_are_joined),
		cmocka_unit_test(a_thread_that_is_named_is_recorded_when_it_ends),
		cmocka_unit_test(signals_are_selected_or_excluded),
		cmocka_unit_test(names_are_padded_as_the_kernel_pads_them),
		cmocka_unit_test(everything_after_the_first_word_is_the_command),
		cmocka_unit_test(quantities_have_units),
		cmocka_unit_test(nothing_limits_a_recording_but_the_room_on_its_disk),
		cmocka_unit_test(limits_of_a_file_are_sizes),
		cmocka_unit_test(a_rotation_has_a_size_and_perhaps_a_count),
		cmocka_unit_test(a_flight_recorder_has_a_time_and_a_size),
		cmocka_unit_test(limits_of_which_one_would_never_be_reached_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
