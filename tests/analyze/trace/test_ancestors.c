/* tests/analyze/trace/test_ancestors.c - parent, grandparent and so on of a task */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/trace/ancestors.h"
#include "tests/analyze/replayed.h"

static void add_generations(struct scenario *scenario)
{
	uint64_t task = 0;

	for (uint32_t pid = 1; pid <= 40; pid++)
		task = scenario_task(
			scenario, &(struct scenario_task){.parent = task, .pid = pid, .comm = "p"});
	scenario_exit(scenario, (struct dz_exit){.task = task});
}

/* Of the first task with this pid; an empty list if there is none. */
static struct ancestor_list ancestors_of_pid(const struct trace_file *file, uint64_t pid)
{
	const struct dz_task *task = dz_reader_task(file->reader, 1);

	for (uint64_t id = 2; task && task->pid != pid; id++)
		task = dz_reader_task(file->reader, id);
	return ancestors_of(file, task);
}

static void ancestors_come_parent_first(void **state)
{
	struct trace *trace = replayed_trace(scenario_probes);
	const struct trace_file *file = trace_file(trace, 0);
	struct ancestor_list none = ancestors_of(file, NULL);
	struct ancestor_list ancestor_list = ancestors_of_pid(file, 22222);

	(void)state;
	assert_int_equal(none.count, 0);
	assert_int_equal(ancestor_list.count, 2);
	assert_int_equal(ancestor_list.tasks[0]->pid, 901);
	assert_int_equal(ancestor_list.tasks[1]->pid, 1);
	trace_free(trace);
}

static void the_oldest_of_many_ancestors_are_dropped(void **state)
{
	struct trace *trace = replayed_trace(add_generations);
	struct replayed_exit last = replayed_exit(trace, 40, false);
	struct ancestor_list ancestor_list = ancestors_of(last.file, last.task);

	(void)state;
	assert_int_equal(ancestor_list.count, ANCESTORS_MAX);
	assert_int_equal(ancestor_list.tasks[0]->pid, 39);
	trace_free(trace);
}

static void add_command(struct scenario *scenario)
{
	static const struct scenario_task recorder = {.pid = 5, .comm = "diag-record"};
	struct scenario_task command = {.pid = 6, .comm = "make", .age_ns = UINT64_C(1000000000)};
	struct scenario_task child = {.pid = 7, .comm = "cc"};

	scenario_info(scenario, "command.pid", "6");
	/* Half a second before the end. */
	scenario_info(scenario, "command.start_ns", "691199500000000");
	command.parent = scenario_task(scenario, &recorder);
	child.parent = scenario_task(scenario, &command);
	scenario_exit(scenario, (struct dz_exit){.task = scenario_task(scenario, &child)});
	scenario_exit(scenario, (struct dz_exit){.task = child.parent});
}

static void the_command_is_the_last_ancestor(void **state)
{
	struct trace *trace = replayed_trace(add_command);
	struct replayed_exit child = replayed_exit(trace, 7, false);
	struct replayed_exit command = replayed_exit(trace, 6, false);
	struct ancestor_list of_child = ancestors_of(child.file, child.task);

	(void)state;
	assert_int_equal(of_child.count, 1);
	assert_int_equal(of_child.tasks[0]->pid, 6);
	assert_int_equal(ancestors_of(command.file, command.task).count, 0);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ancestors_come_parent_first),
		cmocka_unit_test(the_oldest_of_many_ancestors_are_dropped),
		cmocka_unit_test(the_command_is_the_last_ancestor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
