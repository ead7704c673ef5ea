/* tests/analyze/report/test_process_tree.c - analyze/report/process_tree.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/report/process_tree.h"
#include "tests/analyze/replayed.h"

#define MS UINT64_C(1000000)

/* A process, in ms since the recording began. */
struct process {
	const char *name;
	uint32_t pid;
	uint32_t parent; /* process id; 0: none */
	uint64_t start;
	uint64_t end;
	uint32_t exit_code;
	uint32_t signal;
};

static uint64_t task_of(struct scenario *scenario, const struct process *processes, uint32_t pid)
{
	const struct process *one = processes;

	while (one->name && one->pid != pid)
		one++;
	return one->name
		       ? scenario_task(scenario,
				       &(struct scenario_task){
					       .pid = one->pid,
					       .comm = one->name,
					       .parent = one->parent ? task_of(scenario, processes,
									       one->parent)
								     : 0,
					       .age_ns = scenario->now_ns - SCENARIO_START_NS -
							 one->start * MS,
				       })
		       : 0;
}

static const struct process *added;

/* The processes are in the order of their ends. */
static void add_processes(struct scenario *scenario)
{
	for (const struct process *one = added; one->name; one++) {
		scenario->now_ns = SCENARIO_START_NS + one->end * MS;
		scenario_exit(scenario, (struct dz_exit){.task = task_of(scenario, added, one->pid),
							 .exit_code = one->exit_code,
							 .signal = one->signal});
	}
}

static struct process_tree *make_tree(struct trace **ret_trace, const struct process *processes,
				      enum process_tree_root root)
{
	struct process_tree *tree = process_tree_new();

	added = processes;
	*ret_trace = replayed_trace(add_processes);
	assert_non_null(tree);
	replayed_show(*ret_trace, NULL, process_tree_visitor(tree));
	assert_true(process_tree_link(tree, root, 0));
	return tree;
}

/* Returns the process id of the first failure; 0: none. */
static uint64_t first_failure(const struct process *processes)
{
	struct trace *trace;
	struct process_tree *tree = make_tree(&trace, processes, PROCESS_TREE_COMMAND);
	size_t index = process_tree_first_failure(tree, process_tree_root(tree));
	uint64_t pid = index == PROCESS_TREE_NONE ? 0 : process_tree_node(tree, index)->pid;

	process_tree_free(tree);
	trace_free(trace);
	return pid;
}

static void a_failure_is_tolerated_if_another_child_follows(void **state)
{
	static const struct process processes[] = {
		{"grep", 11, 10, 1, 2, 1, 0}, {"good", 12, 10, 3, 4, 0, 0},
		{"bad", 13, 10, 5, 6, 2, 0},  {"script", 10, 0, 0, 7, 2, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};

	(void)state;
	assert_int_equal(first_failure(processes), 13);
}

static void a_parent_that_ends_with_0_tolerates_everything(void **state)
{
	static const struct process processes[] = {
		{"bad", 11, 10, 1, 2, 1, 0},
		{"script", 10, 0, 0, 7, 0, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};

	(void)state;
	assert_int_equal(first_failure(processes), 0);
}

static void the_same_status_counts_more_than_an_earlier_end(void **state)
{
	static const struct process processes[] = {
		{"first", 11, 10, 1, 3, 1, 0},
		{"second", 12, 10, 2, 4, 0, 13},
		{"script", 10, 0, 0, 7, 141, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};

	(void)state;
	assert_int_equal(first_failure(processes), 12);
}

static void a_program_that_goes_on_has_the_first_failed_child(void **state)
{
	static const struct process shell[] = {
		{"bad", 11, 10, 1, 2, 1, 0},
		{"good", 12, 10, 3, 4, 0, 0},
		{"sh", 10, 0, 0, 7, 2, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};
	static const struct process make[] = {
		{"bad", 11, 10, 1, 2, 1, 0},
		{"good", 12, 10, 3, 4, 0, 0},
		{"make", 10, 0, 0, 7, 2, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};

	(void)state;
	assert_int_equal(first_failure(shell), 10);
	assert_int_equal(first_failure(make), 11);
}

/* Checks the first failure, and whether it is one perhaps. */
static void check_uncertain(const struct process *processes, uint64_t pid, bool is_uncertain)
{
	struct trace *trace;
	struct process_tree *tree = make_tree(&trace, processes, PROCESS_TREE_COMMAND);
	size_t index = process_tree_first_failure(tree, process_tree_root(tree));

	assert_int_not_equal(index, PROCESS_TREE_NONE);
	assert_int_equal(process_tree_node(tree, index)->pid, pid);
	assert_int_equal(process_tree_is_uncertain(tree, index), is_uncertain);
	process_tree_free(tree);
	trace_free(trace);
}

static void the_status_of_the_last_pipeline_is_perhaps_passed_up(void **state)
{
	/* bad | good | good, and bad ends before the others start. */
	static const struct process early[] = {
		{"bad", 11, 10, 1, 2, 4, 0},  {"good", 12, 10, 3, 5, 0, 0},
		{"good", 13, 10, 4, 6, 0, 0}, {"bash", 10, 0, 0, 7, 4, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};
	/* The same, and bad ends later. */
	static const struct process late[] = {
		{"good", 12, 10, 3, 5, 0, 0}, {"bad", 11, 10, 1, 5, 4, 0},
		{"good", 13, 10, 4, 6, 0, 0}, {"bash", 10, 0, 0, 7, 4, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};
	/* bad || true; good; good; exit 4 */
	static const struct process sequence[] = {
		{"bad", 11, 10, 1, 2, 4, 0},  {"good", 12, 10, 3, 4, 0, 0},
		{"good", 13, 10, 5, 6, 0, 0}, {"bash", 10, 0, 0, 7, 4, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};
	/* bad || true; good; exit 5 */
	static const struct process other[] = {
		{"bad", 11, 10, 1, 2, 4, 0},
		{"good", 12, 10, 3, 4, 0, 0},
		{"bash", 10, 0, 0, 7, 5, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};

	(void)state;
	check_uncertain(early, 11, true);
	check_uncertain(late, 11, false);
	check_uncertain(sequence, 10, false);
	check_uncertain(other, 10, false);
}

static void children_that_end_after_their_parent_do_not_count(void **state)
{
	static const struct process processes[] = {
		{"script", 10, 0, 0, 7, 2, 0},
		{"late", 11, 10, 1, 9, 2, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};

	(void)state;
	assert_int_equal(first_failure(processes), 10);
}

static void without_a_command_there_are_several_trees(void **state)
{
	static const struct process processes[] = {
		{"child", 12, 11, 3, 4, 1, 0},
		{"second", 11, 0, 2, 5, 0, 0},
		{"first", 10, 0, 1, 6, 0, 0},
		{NULL, 0, 0, 0, 0, 0, 0},
	};
	struct trace *trace;
	struct process_tree *tree = make_tree(&trace, processes, PROCESS_TREE_FOREST);
	size_t top = process_tree_next_top(tree, PROCESS_TREE_NONE);

	(void)state;
	assert_int_equal(process_tree_root(tree), PROCESS_TREE_NONE);
	assert_string_equal(process_tree_node(tree, top)->name, "first");
	top = process_tree_next_top(tree, top);
	assert_string_equal(process_tree_node(tree, top)->name, "second");
	assert_int_equal(process_tree_node(tree, top)->children, 1);
	assert_int_equal(process_tree_next_top(tree, top), PROCESS_TREE_NONE);
	process_tree_free(tree);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_tolerated_if_another_child_follows),
		cmocka_unit_test(a_parent_that_ends_with_0_tolerates_everything),
		cmocka_unit_test(the_same_status_counts_more_than_an_earlier_end),
		cmocka_unit_test(a_program_that_goes_on_has_the_first_failed_child),
		cmocka_unit_test(the_status_of_the_last_pipeline_is_perhaps_passed_up),
		cmocka_unit_test(children_that_end_after_their_parent_do_not_count),
		cmocka_unit_test(without_a_command_there_are_several_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
