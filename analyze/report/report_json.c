/* analyze/report/report_json.c - every event as a line of JSON, then a summary */
#include "analyze/report/report_json.h"

#include "analyze/json/json_report.h"
#include "analyze/replay/replay.h"
#include "analyze/replay/totals.h"
#include "analyze/report/process_tree.h"
#include "analyze/report/recorded_command.h"

static bool write_json_lines(const struct report *report, struct json_report *json)
{
	struct totals totals = {0};
	const struct visitor visitors[] = {totals_visitor(&totals), json_report_visitor(json)};
	enum replay_status status = report_replay(report, visitors, 2);

	if (json->out_of_memory || !trace_collect_problems(report->trace))
		return false;
	if (status == REPLAY_STOPPED)
		return true;
	if (status == REPLAY_FAILED && !trace_has_failed(report->trace))
		return false;
	return json_report_summary(json, report->trace, &totals,
				   !trace_problem(report->trace, 0)) ||
	       !json->out_of_memory;
}

/* Sets the first failure of a tree. */
static bool find_failure(struct process_tree *tree, uint64_t command,
			 struct json_first_failure *failure)
{
	const struct process_node *node;
	size_t found;

	if (!process_tree_link(tree, PROCESS_TREE_COMMAND, command))
		return false;
	if (!process_tree_is_complete(tree) || process_tree_root(tree) == PROCESS_TREE_NONE)
		return true;
	found = process_tree_first_failure(tree, process_tree_root(tree));
	failure->is_known = found == PROCESS_TREE_NONE || !process_tree_is_uncertain(tree, found);
	if (found == PROCESS_TREE_NONE)
		return true;
	node = process_tree_node(tree, found);
	failure->boot = node->boot;
	failure->pid = node->pid;
	failure->start = node->start_ns;
	return true;
}

/* Looks for the first failure of the COMMAND in all events, selected or not. */
static bool look_for_failure(const struct report *report, struct json_first_failure *failure)
{
	const struct trace_file *command = recorded_command_file(report->trace);
	const struct selection everything = {.kinds = 0};
	const struct replay replay = {.trace = report->trace, .selection = &everything};
	struct process_tree *tree;
	struct visitor visitor;
	bool ok;

	if (!command)
		return true;
	tree = process_tree_new();
	if (!tree)
		return false;
	visitor = process_tree_visitor(tree);
	ok = replay_run(&replay, &visitor, 1) == REPLAY_OK ||
	     (trace_collect_problems(report->trace) && trace_has_failed(report->trace));
	ok = ok && find_failure(tree, recorded_command_pid(command), failure);
	process_tree_free(tree);
	return ok;
}

bool report_json_write(const struct report *report)
{
	struct json_report json = json_report_new(report->out, !report->options->no_stacks);
	bool written =
		look_for_failure(report, &json.first_failure) && write_json_lines(report, &json);

	json_report_release(&json);
	return written;
}
