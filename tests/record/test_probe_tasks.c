/* tests/record/test_probe_tasks.c - record/probe_tasks.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/probe_tasks.h"

static bool learn(struct probe_tasks *tasks, uint32_t tid, uint64_t start_ns, uint32_t uid)
{
	const struct event_task task = {.tid = tid, .start_ns = start_ns, .uid = uid};
	const struct event_ancestor parent = {.pid = 1};

	return probe_tasks_learn(tasks, &task, &parent, 1);
}

static void a_task_is_found_by_number_and_start(void **state)
{
	struct probe_tasks *tasks = probe_tasks_new();
	struct probe_task *found;

	(void)state;
	assert_true(learn(tasks, 7, 100, 1));
	assert_true(learn(tasks, 7, 200, 2));
	found = probe_tasks_find(tasks, 7, 200);
	assert_non_null(found);
	assert_int_equal(found->task.uid, 2);
	assert_int_equal(found->ancestor_count, 1);
	assert_int_equal(found->ancestors[0].pid, 1);
	assert_null(probe_tasks_find(tasks, 7, 300));
	assert_null(probe_tasks_find(tasks, 8, 100));
	probe_tasks_free(tasks);
}

static void what_is_told_again_replaces_what_was_known(void **state)
{
	struct probe_tasks *tasks = probe_tasks_new();

	(void)state;
	assert_true(learn(tasks, 7, 100, 1));
	probe_tasks_find(tasks, 7, 100)->reference = 99;
	assert_true(learn(tasks, 7, 100, 5));
	assert_int_equal(probe_tasks_find(tasks, 7, 100)->task.uid, 5);
	assert_int_equal(probe_tasks_find(tasks, 7, 100)->reference, 0);
	probe_tasks_free(tasks);
}

static void the_longest_unused_gives_way(void **state)
{
	struct probe_tasks *tasks = probe_tasks_new();

	(void)state;
	for (uint32_t tid = 0; tid < PROBE_TASKS_MAX; tid++)
		assert_true(learn(tasks, tid, 1, 0));
	assert_non_null(probe_tasks_find(tasks, 0, 1));
	assert_true(learn(tasks, PROBE_TASKS_MAX, 1, 0));
	assert_non_null(probe_tasks_find(tasks, 0, 1));
	assert_null(probe_tasks_find(tasks, 1, 1));
	assert_non_null(probe_tasks_find(tasks, 2, 1));
	probe_tasks_free(tasks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_is_found_by_number_and_start),
		cmocka_unit_test(what_is_told_again_replaces_what_was_known),
		cmocka_unit_test(the_longest_unused_gives_way),
	};

	return cmocka_run_group_tests_name("record/probe_tasks", tests, NULL, NULL);
}
