/* analyze/command/fold_main.c - diag-fold: prints stacks for flame graphs and other viewers */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/fold/fold.h"
#include "analyze/fold/fold_format.h"
#include "analyze/fold/fold_svg.h"
#include "analyze/program/operands.h"
#include "analyze/program/program.h"
#include "text/escape.h"

#define PROGRAM "diag-fold"

enum {
	OPTION_ANNOTATE = 0x200,
	OPTION_FILES_FROM,
	OPTION_FORMAT,
};

static const struct argp_option option_table[] = {
	{"annotate", OPTION_ANNOTATE, NULL, 0,
	 "Mark frames at their end: _[k] kernel, _[i] inlined, _[j] JIT", 2},
	{"format", OPTION_FORMAT, "FORMAT", 0,
	 "Format of the output: folded, pprof, speedscope or perf-script (folded)", 2},
	{NULL, 0, NULL, 0, "Others:", 3},
	{"files-from", OPTION_FILES_FROM, "FILE", 0,
	 "Read the names of more files from FILE, one on each line; -: from standard input", 3},
	{"version", 'V', NULL, 0, "Print the version", 3},
	{"verbose", 'v', NULL, 0,
	 "With --version: print how the program is protected from its input", 3},
	{0},
};

struct command_line {
	struct fold_request request;
	char **paths; /* in argv */
	size_t path_count;
	const char *files_from; /* NULL: none */
	const struct fold_format *format;
	bool has_options;
	bool annotate;
	bool version;
	bool verbose;
};

static void parse_format(struct argp_state *state, struct command_line *line, const char *name)
{
	line->format = fold_format_find(name);
	if (!line->format)
		argp_error(state, "--format %s: not one of %s", name, fold_format_list());
}

/* Refuses options that the format ignores. */
static void check_format(struct argp_state *state, struct command_line *line)
{
	struct fold_shape *shape = &line->request.shape;
	const struct fold_format *format = line->format;

	if (line->annotate && !format->annotates)
		argp_error(state, "--annotate has no effect with --format %s", format->name);
	if (format->has_roots)
		return;
	if (shape->root_count > 0 || shape->no_roots)
		argp_error(state, "--roots has no effect with --format %s", format->name);
	/* The names of threads are not frames there. */
	shape->roots[shape->root_count++] = "comm";
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is argp's */
static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct command_line *line = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &line->request;
		return 0;
	case OPTION_ANNOTATE:
		line->annotate = true;
		return 0;
	case OPTION_FILES_FROM:
		line->files_from = text;
		return 0;
	case OPTION_FORMAT:
		parse_format(state, line, text);
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
		if (line->path_count == 0 && !line->files_from && !line->version)
			argp_error(state, "no file given: name a trace, such as trace.dz");
		check_format(state, line);
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

static void complain(const char *path, const char *what)
{
	fputs(PROGRAM ": ", stderr);
	escape_write(stderr, ESCAPE_TERMINAL, path, strlen(path));
	fprintf(stderr, ": %s\n", what);
}

/* The open files. */
struct inputs {
	struct operands operands;
	const char **paths; /* as shown */
	int *fds;           /* -1: the fold owns the descriptor, or it must be opened again */
	size_t count;
};

static void close_inputs(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->fds[i] >= 0)
			close(inputs->fds[i]);
	free(inputs->fds);
	free(inputs->paths);
	operands_release(&inputs->operands);
}

static bool add_input(void *context, const char *path, int fd)
{
	struct inputs *inputs = context;

	inputs->paths[inputs->count] = path;
	inputs->fds[inputs->count++] = fd;
	return true;
}

static bool open_inputs(const struct command_line *line, struct inputs *inputs)
{
	struct operands *operands = &inputs->operands;

	for (size_t i = 0; i < line->path_count; i++)
		if (!operands_add(operands, PROGRAM, line->paths[i]))
			return false;
	if (line->files_from && !operands_add_list(operands, PROGRAM, line->files_from))
		return false;
	inputs->fds = calloc(operands->count + 1, sizeof(*inputs->fds));
	inputs->paths = calloc(operands->count + 1, sizeof(const char *));
	if (!inputs->fds || !inputs->paths) {
		fprintf(stderr, "%s: out of memory\n", PROGRAM);
		return false;
	}
	return operands_open_all(operands, PROGRAM, add_input, inputs);
}

/* Returns the index of the first SVG among the inputs, or their count. */
static size_t find_svg(const struct inputs *inputs)
{
	size_t at = 0;

	while (at < inputs->count && (inputs->fds[at] < 0 || !fold_svg_recognizes(inputs->fds[at])))
		at++;
	return at;
}

static enum program_status print_svg(const struct command_line *line, const struct inputs *inputs,
				     size_t svg)
{
	const char *reason = NULL;

	if (inputs->count > 1)
		reason = "flame graph: cannot be folded with other files: fold it alone";
	else if (line->has_options)
		reason = "flame graph: options have no effect, its content was selected when it "
			 "was drawn: omit them";
	else
		reason = fold_svg(inputs->fds[svg], line->annotate, stdout);
	if (!reason)
		return PROGRAM_OK;
	complain(inputs->paths[svg], reason);
	return PROGRAM_FAILURE;
}

/* The fold takes ownership of the descriptors. */
static bool add_inputs(struct inputs *inputs, struct fold *fold)
{
	fold_set_opener(fold, operands_open, &inputs->operands);
	for (size_t i = 0; i < inputs->count; i++) {
		bool added = fold_add(fold, inputs->paths[i], inputs->fds[i]);

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

static enum program_status fail_without_memory(void)
{
	fprintf(stderr, "%s: out of memory\n", PROGRAM);
	return PROGRAM_FAILURE;
}

static enum fold_status run(const struct fold_format *format, void *state, struct fold *fold)
{
	const struct fold_sink sink = {
		.context = state,
		.stack = format->stack,
		.sum = format->sum,
		.kept = format->kept,
	};
	enum fold_status status = fold_run(fold, &sink);
	struct fold_description description = fold_describe(fold);

	if (status != FOLD_OK && status != FOLD_INCOMPLETE)
		return status;
	if (format->finish && !format->finish(state, &description, stdout))
		return FOLD_STOPPED;
	return status;
}

static enum program_status print_traces(const struct command_line *line, struct fold *fold)
{
	const struct fold_format *format = line->format;
	void *state = format->open(line->request.shape.unit, line->annotate, stdout);
	enum fold_status status = state ? run(format, state, fold) : FOLD_STOPPED;

	if (fold_describe(fold).duplicates > 0)
		fprintf(stderr, "%s: %" PRIu64 " events are in several files: counted once\n",
			PROGRAM, fold_describe(fold).duplicates);
	format->close(state);
	if (status == FOLD_STOPPED)
		return fail_without_memory();
	return program_print_problems(PROGRAM, fold, next_problem);
}

static enum program_status fold_inputs(const struct command_line *line, struct inputs *inputs)
{
	enum program_status status = PROGRAM_FAILURE;
	struct fold *fold = NULL;
	size_t svg;

	program_enter_sandbox();
	svg = find_svg(inputs);
	if (svg < inputs->count)
		return print_svg(line, inputs, svg);
	if (!fold_open(&line->request, &fold))
		status = fail_without_memory();
	else if (add_inputs(inputs, fold))
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
	struct command_line line = {.format = fold_format_find("folded")};
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
