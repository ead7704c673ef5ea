/* tests/record/output/test_trigger.c - record/output/trigger.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "record/output/trigger.h"

#define SECOND UINT64_C(1000000000)

static struct trigger trigger_of(const char *first, const char *second)
{
	struct trigger trigger = {
		.after_ns = 5 * SECOND, .cooldown_ns = 60 * SECOND, .windows_max = 3};

	assert_null(trigger_add(&trigger, first));
	if (second)
		assert_null(trigger_add(&trigger, second));
	return trigger;
}

static struct event_exit exit_of(const char *comm, uint32_t status, uint64_t time_ns)
{
	struct event_exit exit = {
		.header = {.kind = EVENT_EXIT, .time_ns = time_ns},
		.task = {.pid = 42},
		.status = (uint16_t)status,
	};

	(void)snprintf(exit.task.comm, sizeof(exit.task.comm), "%s", comm);
	(void)snprintf(exit.task.process_comm, sizeof(exit.task.process_comm), "%s", comm);
	return exit;
}

/* Whether a trigger takes an exit. */
static bool takes(const struct trigger *trigger, const struct event_exit *exit, const char *cgroup)
{
	struct trigger_state state = {0};

	trigger_see(trigger, &state, &exit->header, cgroup);
	return state.event_ns != 0;
}

static void classes_are_those_of_the_kernel(void **state)
{
	static const struct {
		const char *words;
		uint32_t status;
		bool taken;
	} cases[] = {
		{"failed", 3 << 8, true},           {"failed", 0, false},
		{"failed", SIGKILL, false},         {"crashed", SIGSEGV | 0x80, true},
		{"crashed", SIGABRT, true},         {"crashed", SIGSYS, true},
		{"crashed", SIGKILL, false},        {"crashed", 139 << 8, false},
		{"killed", SIGKILL, true},          {"killed", SIGTERM, true},
		{"killed", SIGSEGV, false},         {"killed", 143 << 8, false},
		{"signal=TERM", SIGTERM, true},     {"signal=TERM", SIGKILL, false},
		{"killed,signal=9", SIGKILL, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct trigger trigger = trigger_of(cases[i].words, NULL);
		const struct event_exit exit = exit_of("app", cases[i].status, SECOND);

		assert_int_equal(takes(&trigger, &exit, NULL), cases[i].taken);
	}
}

static void a_thread_is_no_death(void **state)
{
	const struct trigger trigger = trigger_of("crashed", NULL);
	struct event_exit exit = exit_of("app", SIGSEGV, SECOND);

	(void)state;
	exit.thread = 1;
	assert_false(takes(&trigger, &exit, NULL));
}

static void all_conditions_of_an_alternative_must_hold(void **state)
{
	const struct trigger trigger = trigger_of("crashed,comm=nginx", "failed,cgroup=/a/b/");
	struct event_exit exit = exit_of("nginx", SIGSEGV, SECOND);

	(void)state;
	assert_true(takes(&trigger, &exit, NULL));
	exit = exit_of("app", SIGSEGV, SECOND);
	assert_false(takes(&trigger, &exit, "/a/b"));
	memcpy(exit.task.process_comm, "nginx", 6);
	assert_true(takes(&trigger, &exit, NULL));
	exit = exit_of("app", 1 << 8, SECOND);
	assert_true(takes(&trigger, &exit, "/a/b"));
	assert_true(takes(&trigger, &exit, "/a/b/c"));
	assert_false(takes(&trigger, &exit, "/a/bc"));
	assert_false(takes(&trigger, &exit, "/a"));
	assert_false(takes(&trigger, &exit, NULL));
}

static void the_victim_of_the_oom_killer_counts(void **state)
{
	const struct trigger trigger = trigger_of("oom,comm=mysqld", NULL);
	struct event_oom oom = {.header = {.kind = EVENT_OOM, .time_ns = SECOND},
				.task = {.comm = "mysqld", .pid = 1},
				.victim = {.comm = "java", .pid = 2}};
	struct trigger_state seen = {0};

	(void)state;
	trigger_see(&trigger, &seen, &oom.header, NULL);
	assert_int_equal(seen.event_ns, 0);
	memcpy(oom.victim.comm, "mysqld", 7);
	trigger_see(&trigger, &seen, &oom.header, NULL);
	assert_int_equal(seen.event_ns, SECOND);
	assert_string_equal(seen.reason, "oom,comm=mysqld: oom, mysqld[2]");
}

static void a_window_is_due_after_the_event(void **state)
{
	const struct trigger trigger = trigger_of("crashed", NULL);
	struct event_exit exit = exit_of("app", SIGSEGV, 10 * SECOND);
	struct trigger_state seen = {0};

	(void)state;
	assert_false(trigger_is_due(&trigger, &seen, 100 * SECOND));
	trigger_see(&trigger, &seen, &exit.header, NULL);
	assert_string_equal(seen.reason, "crashed: crashed, app[42], SIGSEGV");
	exit.header.time_ns = 12 * SECOND;
	trigger_see(&trigger, &seen, &exit.header, NULL);
	assert_false(trigger_is_due(&trigger, &seen, 15 * SECOND - 1));
	assert_true(trigger_is_due(&trigger, &seen, 15 * SECOND));
	trigger_wrote(&seen, 15 * SECOND);
	assert_false(trigger_is_due(&trigger, &seen, 100 * SECOND));
}

/* A crash each second for two hours: a window each 66 s until three were written in an hour. */
static void cooldown_and_maximum_hold(void **state)
{
	const struct trigger trigger = trigger_of("crashed", NULL);
	struct trigger_state seen = {0};
	uint64_t written = 0, left_out = 0, in_windows = 0;

	(void)state;
	for (uint64_t second = 1; second <= 7200; second++) {
		struct event_exit exit = exit_of("app", SIGSEGV, second * SECOND);
		uint64_t before = seen.left_out;

		trigger_see(&trigger, &seen, &exit.header, NULL);
		in_windows += seen.left_out == before;
		if (!trigger_is_due(&trigger, &seen, second * SECOND))
			continue;
		written++;
		left_out += seen.left_out;
		trigger_wrote(&seen, second * SECOND);
	}
	left_out += seen.left_out;
	assert_int_equal(written, 6);
	assert_int_equal(in_windows + left_out, 7200);
	assert_int_equal(in_windows, 6 * 6);
}

static void wrong_words_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"crash",
		"crashed,killed",
		"signal=NOPE",
		"comm=",
		"comm=a-name-of-16-byt",
		"cgroup=a/b",
		"failed,signal=TERM",
		"crashed,,",
		"section,signal=9",
	};
	struct trigger trigger = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(trigger_add(&trigger, wrong[i]));
	assert_int_equal(trigger.count, 0);
	for (size_t i = 0; i < TRIGGER_ALTERNATIVES_MAX; i++)
		assert_null(trigger_add(&trigger, "failed"));
	assert_non_null(trigger_add(&trigger, "failed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_those_of_the_kernel),
		cmocka_unit_test(a_thread_is_no_death),
		cmocka_unit_test(all_conditions_of_an_alternative_must_hold),
		cmocka_unit_test(the_victim_of_the_oom_killer_counts),
		cmocka_unit_test(a_window_is_due_after_the_event),
		cmocka_unit_test(cooldown_and_maximum_hold),
		cmocka_unit_test(wrong_words_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
