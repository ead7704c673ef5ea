/* tests/analyze/fold/test_fold_root.c - analyze/fold/fold_root.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/fold/fold_root.h"
#include "tests/analyze/replayed.h"

/* A root and its only text. */
struct expectation {
	const char *name;
	const char *text;
	bool met;
};

static bool check(void *context, const struct visitor_event *event)
{
	struct expectation *expectation = context;
	struct fold_root_texts texts;

	fold_root_make(expectation->name, event, event->task, &texts);
	if (texts.count == 1 && texts.texts[0].size == strlen(expectation->text) &&
	    memcmp(texts.texts[0].bytes, expectation->text, texts.texts[0].size) == 0)
		expectation->met = true;
	return !expectation->met;
}

static bool is_met(struct trace *trace, uint32_t kind, const char *name, const char *text)
{
	static const struct selection everything;
	struct expectation expectation = {.name = name, .text = text};
	const struct visitor visitor = {
		.context = &expectation,
		.kinds = VISITOR_KIND(kind),
		.visit = check,
	};
	const struct replay replay = {.trace = trace, .selection = &everything};

	assert_true(fold_root_exists(name));
	assert_int_not_equal(replay_run(&replay, &visitor, 1), REPLAY_FAILED);
	return expectation.met;
}

static void each_root_has_its_text(void **state)
{
	struct trace *deaths = replayed_trace(scenario_deaths);
	struct trace *probes = replayed_trace(scenario_probes);

	(void)state;
	assert_true(is_met(deaths, DZ_KIND_EXIT, "cgroup", "/system.slice/app.service"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "ancestors", "systemd"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "process", "server"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "comm", "worker"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "pid", "pid:34000"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "tid", "tid:34001"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "uid", "uid:1000"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "cpu", "cpu:0"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "kind", "exit"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "signal", "SIGUSR1"));
	assert_true(is_met(deaths, DZ_KIND_EXIT, "cause", "oom"));
	assert_true(is_met(deaths, DZ_KIND_SIGNAL, "receiver", "ceph-osd"));
	assert_true(is_met(probes, DZ_KIND_PROBE, "probe", "kretprobe:vfs_read"));
	assert_true(is_met(probes, DZ_KIND_SECTION, "label", "request"));
	assert_false(is_met(probes, DZ_KIND_PROBE, "label", "request"));
	trace_free(deaths);
	trace_free(probes);
}

static void an_unknown_root_does_not_exist(void **state)
{
	(void)state;
	assert_false(fold_root_exists("colour"));
	assert_false(fold_root_exists(""));
	assert_non_null(strstr(fold_root_list(), "ancestors"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_root_has_its_text),
		cmocka_unit_test(an_unknown_root_does_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
