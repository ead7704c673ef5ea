/* flame/command/main.c - diag-flame: reads stacks, draws a flame graph */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyze/program/program.h"
#include "flame/command/inputs.h"
#include "flame/command/message.h"
#include "flame/command/options.h"
#include "flame/command/output.h"
#include "flame/style/text_table.h"
#include "flame/style/title_lines.h"
#include "flame/svg/layout.h"
#include "flame/svg/svg.h"
#include "text/svg_data_format.h"

/* The state of the program. */
struct run {
	struct options options;
	struct view view;
	struct inputs inputs;
	struct output output;
};

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t power = 1;

	for (; exponent > 0; exponent--)
		power *= 10;
	return power;
}

/* Returns --total in the unit of the tree, or 0 if it does not fit 64 bits. */
static uint64_t wanted_total(const struct run *run)
{
	struct decimal total = run->options.total;
	uint64_t scaled;

	for (; total.decimals > run->view.tree.decimals; total.decimals--)
		total.mantissa /= 10;
	if (__builtin_mul_overflow(total.mantissa,
				   power_of_ten(run->view.tree.decimals - total.decimals), &scaled))
		return 0;
	return scaled;
}

static struct flame_graph_options flame_graph_options(const struct run *run)
{
	const struct options *options = &run->options;
	uint64_t inner_px = options->presentation.width - 2 * LAYOUT_MARGIN;

	return (struct flame_graph_options){
		.order = options->order,
		.least = options->least.mantissa,
		.whole = (options->least_is_percent ? 100 : inner_px) *
			 power_of_ten(options->least.decimals),
		.total = wanted_total(run),
	};
}

static enum flame_status write_graph(FILE *stream, const struct tree *tree,
				     const struct flame_graph *graph,
				     const struct presentation *presentation)
{
	struct svg_data data;
	enum flame_status status = svg_data_open(&data, tree, graph);

	if (status != FLAME_OK)
		return status;
	status = svg_write(stream, graph, &data, presentation);
	svg_data_close(&data);
	return status;
}

/* As flamegraph.pl, which ignores such a total. */
static void report_total(const struct run *run, uint64_t sum)
{
	uint64_t total = wanted_total(run);

	if (run->options.total.mantissa > 0 && total < sum)
		message(NULL, "--total: less than the sum of the input: the sum is used");
}

static enum flame_status draw(struct run *run)
{
	const struct flame_graph_options options = flame_graph_options(run);
	const struct tree *callers = run->options.view.focus ? &run->view.callers : NULL;
	struct flame_graph graph;
	enum flame_status status = flame_graph_open(&graph, &run->view.tree, callers, &options);

	if (status != FLAME_OK)
		return status;
	report_total(run, run->view.tree.totals[SIDE_NEW]);
	status = write_graph(run->output.stream, &run->view.tree, &graph,
			     &run->options.presentation);
	flame_graph_close(&graph);
	return status;
}

struct view_texts {
	const char *name;  /* in the picture data */
	const char *title; /* without --title */
};

static struct view_texts texts_of_view(const struct view_options *view)
{
	if (view->two_sides)
		return (struct view_texts){SVG_DATA_VIEW_DIFF, "Flame graph of a difference"};
	if (view->focus)
		return (struct view_texts){SVG_DATA_VIEW_FOCUS, "Callers and callees"};
	if (view->in_time_order)
		return (struct view_texts){SVG_DATA_VIEW_CHART, "Flame chart"};
	if (view->reverse)
		return (struct view_texts){SVG_DATA_VIEW_REVERSE,
					   "Flame graph, merged from the leaf"};
	return (struct view_texts){SVG_DATA_VIEW_FLAME, "Flame graph"};
}

/* Periods of perf script are of the event; without them, each sample counts 1. */
static const char *unit_of_samples(const struct run *run)
{
	const char *event = run->inputs.event;

	if (!event[0] || run->view.tree.totals[SIDE_NEW] == run->inputs.stacks)
		return "samples";
	return strncmp(event, "cpu-clock", 9) == 0 || strncmp(event, "task-clock", 10) == 0 ? "ns"
											    : event;
}

/* Sets what the command line did not. */
static void complete_presentation(struct run *run, const struct title_lines *origin)
{
	struct presentation *presentation = &run->options.presentation;
	struct view_texts texts = texts_of_view(&run->options.view);

	presentation->view = texts.name;
	presentation->weight_decimals = run->view.tree.decimals;
	presentation->scale.decimals += run->view.tree.decimals;
	if (!presentation->scale.unit &&
	    (run->inputs.folds[SIDE_NEW] || run->inputs.folds[SIDE_OLD]))
		presentation->scale.unit = run->inputs.is_timed ? "ns" : "events";
	if (!presentation->scale.unit)
		presentation->scale.unit =
			run->inputs.unit ? run->inputs.unit : unit_of_samples(run);
	if (!presentation->title)
		presentation->title = texts.title;
	if (!presentation->subtitle && origin->count > 0)
		presentation->subtitle = origin->lines[0];
}

/* The number of samples, if their weights are of another unit; or 0. */
static uint64_t count_samples(const struct run *run)
{
	bool are_samples = run->inputs.event[0] &&
			   strcmp(run->options.presentation.scale.unit, "samples") != 0;

	return are_samples && !run->view.options.two_sides ? run->inputs.stacks : 0;
}

static enum flame_status write_view(struct run *run)
{
	struct presentation *presentation = &run->options.presentation;
	struct title_lines origin = {0};
	struct title_lines lines = {0};
	struct title_lines total = {0};
	enum flame_status status = FLAME_NO_MEMORY;
	bool described = inputs_title(&run->inputs, &origin);

	complete_presentation(run, &origin);
	if (described && inputs_describe(&run->inputs, &lines) &&
	    title_lines_add_totals(&total, &run->view, &presentation->scale, count_samples(run))) {
		presentation->summary = total.lines[0];
		presentation->title_lines = lines.lines;
		presentation->title_line_count = lines.count;
		status = run->options.text
				 ? text_table_write(run->output.stream, &run->view, presentation)
				 : draw(run);
	}
	title_lines_release(&total);
	title_lines_release(&lines);
	title_lines_release(&origin);
	return status;
}

static void report_no_stacks(uint64_t clean_exits, bool is_timed)
{
	if (clean_exits > 0)
		message(NULL,
			"no deaths in the selected events, and %" PRIu64
			" exits with code 0: draw them with --clean-exits",
			clean_exits);
	else if (is_timed)
		message(NULL, "no stacks with a time in the selected events");
	else
		message(NULL, "no stacks in the selected events: for sections without samples, use "
			      "--weight time");
}

static enum program_status report_empty(const struct run *run)
{
	if (run->view.left_out > 0)
		message(NULL, "no stack contains the function of --focus or --base");
	else if (run->inputs.left_out > 0)
		message(NULL, "the options select none of %" PRIu64 " stacks",
			run->inputs.left_out);
	else if (run->inputs.folds[SIDE_NEW])
		report_no_stacks(fold_describe(run->inputs.folds[SIDE_NEW]).clean_exits,
				 run->inputs.is_timed);
	else
		message_status(NULL, FLAME_EMPTY);
	if (!run->options.text)
		svg_write_message(run->output.stream, "There are no stacks to draw.");
	return PROGRAM_FAILURE;
}

static enum program_status work(struct run *run)
{
	enum flame_status status;

	if (!inputs_read(&run->inputs))
		return run->inputs.misused ? PROGRAM_USAGE : PROGRAM_FAILURE;
	status = view_finish(&run->view);
	if (status == FLAME_EMPTY)
		return report_empty(run);
	if (status == FLAME_OK)
		status = write_view(run);
	if (status != FLAME_OK) {
		message_status(NULL, status);
		return PROGRAM_FAILURE;
	}
	return run->inputs.damaged ? PROGRAM_INCOMPLETE : PROGRAM_OK;
}

/* Everything that reads untrusted input, in the sandbox. */
static enum program_status work_locked_in(struct run *run)
{
	enum program_status status = PROGRAM_FAILURE;

	if (output_start(&run->output)) {
		inputs_start_thread(&run->inputs);
		inputs_enter_sandbox(&run->inputs);
		status = work(run);
	}
	if (!run->output.stream || !output_finish(&run->output)) {
		message(run->output.path ? run->output.path : "standard output", "cannot write: %s",
			strerror(errno));
		return PROGRAM_FAILURE;
	}
	return status;
}

/*
 * A complete file is renamed, which the sandbox forbids to the process that reads the inputs. So a
 * child reads them, and the parent, which renames, sees none of their bytes.
 */
static enum program_status work_in_child(struct run *run)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit((int)work_locked_in(run));
	if (child < 0 || waitpid(child, &status, 0) != child) {
		message(NULL, "cannot start a process: %s", strerror(errno));
		return PROGRAM_FAILURE;
	}
	if (!WIFEXITED(status)) {
		message(NULL, "ended by signal %d", WTERMSIG(status));
		return PROGRAM_FAILURE;
	}
	return (enum program_status)WEXITSTATUS(status);
}

static enum program_status run_to_output(struct run *run)
{
	enum program_status status;

	if (!output_open(&run->output, run->options.output, run->options.force))
		return PROGRAM_FAILURE;
	if (!output_is_new_file(&run->output))
		return work_locked_in(run);
	status = work_in_child(run);
	if (status != PROGRAM_FAILURE && status != PROGRAM_USAGE && !output_publish(&run->output))
		status = PROGRAM_FAILURE;
	output_close(&run->output);
	return status;
}

static enum program_status run_inputs(struct run *run)
{
	enum flame_status status = view_open(&run->view, &run->options.view);
	enum program_status result = PROGRAM_FAILURE;

	if (status != FLAME_OK) {
		message_status(NULL, status);
		return result;
	}
	if (inputs_open(&run->inputs, &run->options, &run->view))
		result = run_to_output(run);
	inputs_close(&run->inputs);
	view_close(&run->view);
	return result;
}

int main(int argc, char **argv)
{
	struct run run = {0};
	enum program_status status = PROGRAM_OK;

	program_begin((char[]){MESSAGE_PROGRAM}, argv);
	options_parse(&run.options, argc, argv);
	for (size_t i = 0; i < run.options.note_count && !run.options.quiet; i++)
		message(NULL, "%s", run.options.notes[i]);
	if (run.options.version)
		program_print_version(MESSAGE_PROGRAM, run.options.verbose);
	else
		status = run_inputs(&run);
	options_release(&run.options);
	return (int)status;
}
