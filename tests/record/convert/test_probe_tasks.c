/* tests/record/convert/test_probe_tasks.c - record/convert/probe_tasks.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/convert/probe_tasks.h"

static bool learn(struct probe_tasks *tasks, uint32_t number, uint32_t uid)
{
	const struct event_probe_task event = {.number = number, .task = {.tid = 7, .uid = uid}};
	const struct event_ancestor parent = {.pid = 1};

	return probe_tasks_learn(tasks, &event, &parent, 1);
}

static void a_task_is_found_by_its_number(void **state)
{
	struct probe_tasks *tasks = probe_tasks_new();
	struct probe_task *found;

	(void)state;
	assert_true(learn(tasks, 1, 1000));
	assert_true(learn(tasks, 2, 0));
	found = probe_tasks_find(tasks, 1);
	assert_non_null(found);
	assert_int_equal(found->task.uid, 1000);
	assert_int_equal(found->ancestor_count, 1);
	assert_int_equal(found->ancestors[0].pid, 1);
	assert_int_equal(probe_tasks_find(tasks, 2)->task.uid, 0);
	assert_null(probe_tasks_find(tasks, 3));
	probe_tasks_free(tasks);
}

static void a_description_is_kept_until_a_later_one_replaces_it(void **state)
{
	struct probe_tasks *tasks = probe_tasks_new();

	(void)state;
	for (uint32_t i = 0; i < PROBE_TASKS_MAX; i++)
		assert_true(learn(tasks, UINT32_MAX - 5 + i, 0));
	assert_non_null(probe_tasks_find(tasks, UINT32_MAX - 5));
	probe_tasks_find(tasks, UINT32_MAX - 5)->reference = 99;
	assert_true(learn(tasks, UINT32_MAX - 5 + PROBE_TASKS_MAX, 0));
	assert_null(probe_tasks_find(tasks, UINT32_MAX - 5));
	assert_int_equal(probe_tasks_find(tasks, UINT32_MAX - 5 + PROBE_TASKS_MAX)->reference, 0);
	probe_tasks_free(tasks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_is_found_by_its_number),
		cmocka_unit_test(a_description_is_kept_until_a_later_one_replaces_it),
	};

	return cmocka_run_group_tests_name("record/probe_tasks", tests, NULL, NULL);
}
