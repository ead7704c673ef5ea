/* tests/record/options/test_option_rules.c - record/options/option_rules.c
 *
 * Walks every combination of two options with every event. What must be refused is written down
 * here a second time, by event. A sanitizer build, in which fork() takes 5 ms, has each combination
 * with some events, and each event with a seventh of the combinations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/options/options.h"

#define STATUS_PARSED 255 /* parsing did not end the program */

#ifdef __SANITIZE_ADDRESS__
#define EVENT_STEP 7u
#else
#define EVENT_STEP 1u
#endif

#define ANY "xsroptq"

/* Letters for events: x exit, s signal, r section, p kprobe, o kretprobe, t tracepoint and other
 * probes, q wait for a CPU. */
static const struct {
	const char *words; /* NULL: the default events */
	const char *letters;
} events[] = {
	{NULL, "xs"},
	{"exit", "x"},
	{"signal", "s"},
	{"section", "r"},
	{"kprobe:f", "p"},
	{"kretprobe:f", "o"},
	{"tracepoint:c:n", "t"},
	{"uprobe:a:f", "t"},
	{"uretprobe:a:f", "o"},
	{"usdt:a:p:n", "t"},
	{"runq:5", "q"},
	{"section,exit", "rx"},
	{"kprobe:f,signal", "ps"},
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

/* The option has an effect with events of these letters. */
static const struct sample {
	const char *words[3]; /* option and value; the first one is how messages name it */
	const char *letters;
	const char *helped_by; /* an option that gives it an effect with other events, too */
} samples[] = {
	{{"--output", "x.dz"}, ANY, NULL},
	{{"--duration", "1"}, ANY, NULL},
	{{"--max-size", "1M"}, ANY, NULL},
	{{"--rotate", "1M,2"}, ANY, NULL},
	{{"--flight", "60"}, ANY, NULL},
	{{"--min-free", "5%"}, ANY, NULL},
	{{"--live"}, "xs", NULL},
	{{"--directory", "d"}, ANY, NULL},
	{{"--keep", "7d"}, "", "--directory"},
	{{"--trigger", "crashed"}, "", "--flight"},
	{{"--after", "5s"}, "", "--trigger"},
	{{"--cooldown", "5s"}, "", "--trigger"},
	{{"--max-windows", "5"}, "", "--trigger"},
	{{"--tgid", "1"}, ANY, NULL},
	{{"--tid", "1"}, ANY, NULL},
	{{"--comm", "a"}, ANY, NULL},
	{{"--cpu", "0"}, ANY, NULL},
	{{"--cgroup", "/a"}, ANY, NULL},
	{{"--uid", "0"}, ANY, NULL},
	{{"--signals", "KILL"}, "s", NULL},
	{{"--failed"}, "x", NULL},
	{{"--threads"}, "x", NULL},
	{{"--sender-tgid", "1"}, "s", NULL},
	{{"--sender-comm", "a"}, "s", NULL},
	{{"--ring-size", "1M"}, ANY, NULL},
	{{"--user-stack", "8K"}, "xsr", "--call-graph"},
	{{"--unwind-cpu", "5"}, "xsr", "--call-graph"},
	{{"--cmdline"}, ANY, NULL},
	{{"--call-graph"}, "pot", NULL},
	{{"--every", "2"}, "potq", NULL},
	{{"--max-per-second", "2"}, "potq", NULL},
	{{"--min-latency", "2"}, "o", NULL},
	{{"--threshold", "2"}, "r", NULL},
	{{"--threshold-us", "2"}, "r", NULL},
	{{"--slowest", "1%"}, "r", NULL},
	{{"--timer-us", "20"}, "r", NULL},
	{{"--buf-size-k", "100"}, "r", NULL},
	{{"--set-syscall", "1 read 1"}, "r", NULL},
	{{"--uprobe", "start-file=/bin/true start-offset=1 stop-offset=2"}, "r", NULL},
	{{"--usdt-in", "a"}, "r", NULL},
	{{"--control", "s"}, ANY, NULL},
	{{"--journal"}, "x", NULL},
	{{"--force"}, ANY, NULL},
	{{"--quiet"}, ANY, NULL},
	{{"--verbose"}, ANY, NULL},
	{{"--check"}, ANY, NULL},
	{{"--self-test"}, ANY, NULL},
	{{"--all-processes"}, "", "COMMAND"},
	{{"--kill-after", "1s"}, "", "COMMAND"},
	{{"COMMAND"}, ANY, NULL}, /* the last one, as it ends the options */
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* Each combination here is refused, and those with --check below. */
static const char *const excluded[][2] = {
	{"--max-size", "--rotate"},  {"--max-size", "--flight"},     {"--rotate", "--flight"},
	{"--live", "--flight"},      {"--live", "--max-size"},       {"--live", "--rotate"},
	{"--live", "--min-free"},    {"--output", "--directory"},    {"--trigger", "--after"},
	{"--trigger", "--cooldown"}, {"--trigger", "--max-windows"}, /* both without --flight */
};

static const char *const accepted_alone[] = {"--force", "--quiet", "--verbose"};

static bool is_called(const struct sample *sample, const char *name)
{
	return strcmp(sample->words[0], name) == 0;
}

static bool is_pair(const struct sample *a, const struct sample *b, const char *const pair[2])
{
	return (is_called(a, pair[0]) && is_called(b, pair[1])) ||
	       (is_called(a, pair[1]) && is_called(b, pair[0]));
}

static bool records_nothing(const struct sample *sample)
{
	return is_called(sample, "--check") || is_called(sample, "--self-test");
}

static bool is_refused_by_check(const struct sample *sample, const struct sample *check)
{
	const bool is_self_test = is_called(check, "--self-test");

	if (!records_nothing(check))
		return false;
	for (size_t i = 0; i < sizeof(accepted_alone) / sizeof(accepted_alone[0]); i++) {
		if (is_called(sample, accepted_alone[i]))
			return false;
	}
	/* The words after --self-test are kinds. */
	return sample != check && !(is_self_test && is_called(sample, "COMMAND"));
}

static bool has_effect(const struct sample *sample, const struct sample *other, const char *letters)
{
	if (strpbrk(sample->letters, letters))
		return true;
	if (!sample->helped_by || !is_called(other, sample->helped_by))
		return false;
	if (is_called(sample, "--trigger"))
		return strpbrk("x", letters);
	return strcmp(sample->helped_by, "--call-graph") != 0 || strpbrk("pot", letters);
}

static bool must_be_refused(const struct sample *a, const struct sample *b, const char *letters,
			    bool names_event)
{
	for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++) {
		if (is_pair(a, b, excluded[i]))
			return true;
	}
	if (is_refused_by_check(a, b) || is_refused_by_check(b, a))
		return true;
	if (names_event && (records_nothing(a) || records_nothing(b)))
		return true;
	return !has_effect(a, b, letters) || !has_effect(b, a, letters);
}

struct words {
	char copies[12][80];
	char *words[13];
	int count;
};

static void add(struct words *words, const char *word)
{
	char *copy = words->copies[words->count];

	assert_true(strlen(word) < sizeof(words->copies[0]));
	memcpy(copy, word, strlen(word) + 1);
	words->words[words->count++] = copy;
	words->words[words->count] = NULL;
}

static void add_sample(struct words *words, const struct sample *sample)
{
	if (is_called(sample, "COMMAND"))
		return;
	for (size_t i = 0; i < 3 && sample->words[i]; i++)
		add(words, sample->words[i]);
}

/* Parses in a child. Sets `said` to what it writes, and returns its status. */
static int parse(struct words *words, char said[static 1024])
{
	int status = 0, ends[2];
	ssize_t got = 0;
	size_t used = 0;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct options options;

		(void)dup2(ends[1], STDERR_FILENO);
		options_parse(words->count, words->words, &options);
		_exit(STATUS_PARSED);
	}
	(void)close(ends[1]);
	while (used < 1023 && (got = read(ends[0], said + used, 1023 - used)) > 0)
		used += (size_t)got;
	said[used] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void check_pair(const struct sample *a, const struct sample *b, size_t event)
{
	const bool refused =
		must_be_refused(a, b, events[event].letters, events[event].words != NULL);
	struct words words = {.count = 0};
	char said[1024];
	int status;

	add(&words, "diag-record");
	if (events[event].words) {
		add(&words, "-e");
		add(&words, events[event].words);
	}
	add_sample(&words, a);
	if (a != b)
		add_sample(&words, b);
	if (is_called(a, "COMMAND") || is_called(b, "COMMAND"))
		add(&words, "true");
	status = parse(&words, said);
	if (status == (refused ? 2 : STATUS_PARSED) &&
	    (!refused || strstr(said, a->words[0]) || strstr(said, b->words[0]) ||
	     strstr(said, "--event")) &&
	    (!refused || strstr(said, "no effect") || strstr(said, "cannot be combined")))
		return;
	fail_msg("-e %s %s %s: status %d: %s", events[event].letters, a->words[0], b->words[0],
		 status, said);
}

static void every_combination_of_two_works_or_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		for (size_t j = i; j < SAMPLES; j++) {
			for (size_t event = (i + j) % EVENT_STEP; event < EVENTS;
			     event += EVENT_STEP)
				check_pair(&samples[i], &samples[j], event);
		}
	}
}

/* The name of the first option in an argp table that no sample has; NULL: all are there. Those that
 * choose events are no samples. */
static const char *unwalked(const struct argp *argp)
{
	for (const struct argp_option *option = argp->options; option->name || option->doc;
	     option++) {
		char name[64];
		bool found = !option->name || strcmp(option->name, "event") == 0 ||
			     strcmp(option->name, "freq") == 0;

		(void)snprintf(name, sizeof(name), "--%s", option->name ? option->name : "");
		for (size_t i = 0; i < SAMPLES && !found; i++)
			found = is_called(&samples[i], name);
		if (!found)
			return option->name;
	}
	return NULL;
}

static void every_option_is_walked(void **state)
{
	(void)state;
	assert_null(unwalked(&section_options_argp));
	assert_null(unwalked(&probe_options_argp));
	assert_null(unwalked(&options_argp));
	assert_null(unwalked(&output_options_argp));
}

static void user_stacks_that_are_off_already_are_no_mistake(void **state)
{
	struct words off = {.count = 0}, wanted = {.count = 0};
	char said[1024];

	(void)state;
	add(&off, "diag-record");
	add(&off, "-ekprobe:f");
	add(&off, "--user-stack=0");
	assert_int_equal(parse(&off, said), STATUS_PARSED);
	add(&wanted, "diag-record");
	add(&wanted, "-ekprobe:f");
	add(&wanted, "--user-stack=0");
	add(&wanted, "-g");
	assert_int_equal(parse(&wanted, said), 2);
	assert_non_null(strstr(said, "--call-graph has no effect with --user-stack 0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination_of_two_works_or_is_refused),
		cmocka_unit_test(every_option_is_walked),
		cmocka_unit_test(user_stacks_that_are_off_already_are_no_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
