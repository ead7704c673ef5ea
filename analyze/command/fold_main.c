/* analyze/command/fold_main.c - diag-fold: prints stacks as folded lines for flame graphs */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/fold/fold.h"
#include "analyze/fold/fold_svg.h"
#include "analyze/fold/folded_lines.h"
#include "analyze/program/program.h"
#include "text/escape.h"

#define PROGRAM "diag-fold"

enum {
	OPTION_ANNOTATE = 0x200,
};

static const struct argp_option option_table[] = {
	{"annotate", OPTION_ANNOTATE, NULL, 0,
	 "Mark frames at their end: _[k] kernel, _[i] inlined, _[j] JIT", 2},
	{NULL, 0, NULL, 0, "Others:", 3},
	{"version", 'V', NULL, 0, "Print the version", 3},
	{"verbose", 'v', NULL, 0,
	 "With --version: print how the program is protected from its input", 3},
	{0},
};

struct command_line {
	struct fold_request request;
	char **paths; /* in argv */
	size_t path_count;
	bool has_options;
	bool annotate;
	bool version;
	bool verbose;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is argp's */
static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct command_line *line = state->input;

	(void)text;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &line->request;
		return 0;
	case OPTION_ANNOTATE:
		line->annotate = true;
		return 0;
	case 'v':
		line->verbose = true;
		return 0;
	case 'V':
		line->version = true;
		return 0;
	case ARGP_KEY_ARGS:
		line->paths = state->argv + state->next;
		line->path_count = (size_t)(state->argc - state->next);
		/* argp has moved the options before the paths. */
		line->has_options =
			state->next > (state->quoted ? 2 : 1) + (line->annotate ? 1 : 0);
		return 0;
	case ARGP_KEY_END:
		if (line->path_count == 0 && !line->version)
			argp_error(state, "no file given: name a trace, such as trace.dz");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&fold_argp, 0, NULL, 0}, {0}};

static const struct argp parser = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "FILE...\nSVG",
	.doc = "Prints the stacks of traces made by diag-record, or of a flame graph written by "
	       "diag-flame, one line for each different stack: its frames from the root to the "
	       "leaf, and its weight.",
	.children = children,
};

static bool add_stack(void *context, const struct fold_stack *stack)
{
	return folded_lines_add(context, stack);
}

static uint64_t *sum_of_stack(void *context)
{
	return folded_lines_sum(context);
}

static void complain(const char *path, const char *what)
{
	fputs(PROGRAM ": ", stderr);
	escape_write(stderr, ESCAPE_TERMINAL, path, strlen(path));
	fprintf(stderr, ": %s\n", what);
}

/* The open files; -1 if the fold owns the descriptor. */
struct inputs {
	int *fds;
	size_t count;
};

static void close_inputs(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->fds[i] >= 0)
			close(inputs->fds[i]);
	free(inputs->fds);
}

static bool open_inputs(const struct command_line *line, struct inputs *inputs)
{
	inputs->fds = calloc(line->path_count, sizeof(*inputs->fds));
	if (!inputs->fds) {
		fprintf(stderr, "%s: out of memory\n", PROGRAM);
		return false;
	}
	for (; inputs->count < line->path_count; inputs->count++) {
		int fd = program_open_input(PROGRAM, line->paths[inputs->count]);

		if (fd < 0)
			return false;
		inputs->fds[inputs->count] = fd;
	}
	return true;
}

/* Returns the index of the first SVG among the inputs, or their count. */
static size_t find_svg(const struct inputs *inputs)
{
	size_t at = 0;

	while (at < inputs->count && !fold_svg_recognizes(inputs->fds[at]))
		at++;
	return at;
}

static enum program_status print_svg(const struct command_line *line, int fd, const char *path)
{
	const char *reason = NULL;

	if (line->path_count > 1)
		reason = "flame graph: cannot be folded with other files: fold it alone";
	else if (line->has_options)
		reason = "flame graph: options have no effect, its content was selected when it "
			 "was drawn: omit them";
	else
		reason = fold_svg(fd, line->annotate, stdout);
	if (!reason)
		return PROGRAM_OK;
	complain(path, reason);
	return PROGRAM_FAILURE;
}

/* The fold takes ownership of the descriptors. */
static bool add_inputs(const struct command_line *line, struct inputs *inputs, struct fold *fold)
{
	for (size_t i = 0; i < inputs->count; i++) {
		bool added = fold_add(fold, line->paths[i], inputs->fds[i]);

		inputs->fds[i] = -1;
		if (!added) {
			fprintf(stderr, "%s: out of memory\n", PROGRAM);
			return false;
		}
	}
	return true;
}

static const struct input_problem *next_problem(const void *context, size_t number)
{
	return fold_problem(context, number);
}

static enum program_status print_traces(const struct command_line *line, struct fold *fold)
{
	struct folded_lines *lines = NULL;
	enum fold_status status = FOLD_STOPPED;

	if (folded_lines_new(line->annotate, &lines)) {
		const struct fold_sink sink = {
			.context = lines, .stack = add_stack, .sum = sum_of_stack};

		status = fold_run(fold, &sink);
	}
	if (status == FOLD_OK || status == FOLD_INCOMPLETE)
		folded_lines_write(lines, stdout);
	folded_lines_free(lines);
	if (status != FOLD_STOPPED)
		return program_print_problems(PROGRAM, fold, next_problem);
	fprintf(stderr, "%s: out of memory\n", PROGRAM);
	return PROGRAM_FAILURE;
}

static enum program_status fold_inputs(const struct command_line *line, struct inputs *inputs)
{
	enum program_status status = PROGRAM_FAILURE;
	struct fold *fold = NULL;
	size_t svg;

	program_enter_sandbox();
	svg = find_svg(inputs);
	if (svg < inputs->count)
		return print_svg(line, inputs->fds[svg], line->paths[svg]);
	if (!fold_open(&line->request, &fold))
		fprintf(stderr, "%s: out of memory\n", PROGRAM);
	else if (add_inputs(line, inputs, fold))
		status = print_traces(line, fold);
	fold_close(fold);
	return status;
}

static enum program_status fold_files(const struct command_line *line)
{
	enum program_status status = PROGRAM_FAILURE;
	struct inputs inputs = {0};

	if (open_inputs(line, &inputs))
		status = fold_inputs(line, &inputs);
	close_inputs(&inputs);
	return status;
}

int main(int argc, char **argv)
{
	struct command_line line = {.annotate = false};
	enum program_status status = PROGRAM_OK;

	program_begin((char[]){PROGRAM}, argv);
	if (!program_parse(PROGRAM, &parser, argc, argv, &line))
		return PROGRAM_FAILURE;
	if (line.version)
		program_print_version(PROGRAM, line.verbose);
	else
		status = fold_files(&line);
	fold_request_release(&line.request);
	return program_end(PROGRAM, status);
}
