/* analyze/fold_main.c - diag-fold: stacks as folded lines, for flame graphs */
#include <argp.h>
#include <stdlib.h>

#include "analyze/fold.h"
#include "analyze/folded_lines.h"
#include "analyze/program.h"

#define PROGRAM "diag-fold"

enum {
	OPTION_ANNOTATE = 0x200,
};

static const struct argp_option option_table[] = {
	{"annotate", OPTION_ANNOTATE, NULL, 0,
	 "Mark frames: _[k] of the kernel, _[i] inlined, _[j] made at run time", 2},
	{"verbose", 'v', NULL, 0, "With --version: tell what protects the program from its input",
	 3},
	{"version", 'V', NULL, 0, "Print the version", 3},
	{0},
};

struct command_line {
	struct fold_request request;
	char **paths; /* in argv */
	size_t path_count;
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
		return 0;
	case ARGP_KEY_END:
		if (line->path_count == 0 && !line->version)
			argp_error(state, "no file given; try: diag-fold trace.dz");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&fold_argp, 0, NULL, 0}, {0}};

static const struct argp parser = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "FILE...",
	.doc = "Prints the stacks of what diag-record recorded, one line for each that is "
	       "different: "
	       "its frames from the root to the leaf, and its weight.",
	.children = children,
};

static bool add_stack(void *context, const struct fold_stack *stack)
{
	return folded_lines_add(context, stack);
}

static bool open_inputs(const struct command_line *line, struct fold *fold)
{
	for (size_t i = 0; i < line->path_count; i++) {
		int fd = program_open_input(PROGRAM, line->paths[i]);

		if (fd < 0)
			return false;
		if (!fold_add(fold, line->paths[i], fd)) {
			fprintf(stderr, "%s: out of memory\n", PROGRAM);
			return false;
		}
	}
	return true;
}

static const struct problem *next_problem(const void *context, size_t number)
{
	return fold_problem(context, number);
}

static enum program_status run(const struct command_line *line, struct fold *fold,
			       struct folded_lines *lines)
{
	const struct fold_sink sink = {.context = lines, .stack = add_stack};
	enum fold_status status;

	if (!open_inputs(line, fold))
		return PROGRAM_FAILURE;
	program_lock_in();
	status = fold_run(fold, &sink);
	if (status == FOLD_STOPPED) {
		fprintf(stderr, "%s: out of memory\n", PROGRAM);
		return PROGRAM_FAILURE;
	}
	if (status != FOLD_FAILED)
		folded_lines_write(lines, stdout);
	return program_print_problems(PROGRAM, fold, next_problem);
}

static enum program_status fold_files(const struct command_line *line)
{
	struct fold *fold = NULL;
	struct folded_lines *lines = NULL;
	enum program_status status = PROGRAM_FAILURE;

	if (fold_open(&line->request, &fold) && folded_lines_new(line->annotate, &lines))
		status = run(line, fold, lines);
	else
		fprintf(stderr, "%s: out of memory\n", PROGRAM);
	folded_lines_free(lines);
	fold_close(fold);
	return status;
}

int main(int argc, char **argv)
{
	struct command_line line = {.annotate = false};
	enum program_status status = PROGRAM_OK;

	program_begin((char[]){PROGRAM}, argv);
	if (argp_parse(&parser, argc, argv, 0, NULL, &line) != 0)
		return PROGRAM_USAGE;
	if (line.version)
		program_print_version(PROGRAM, line.verbose);
	else
		status = fold_files(&line);
	fold_request_release(&line.request);
	if (!program_close_output(PROGRAM))
		return PROGRAM_FAILURE;
	return (int)status;
}
