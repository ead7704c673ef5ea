/* analyze/command/report_main.c - diag-report: explains process deaths, signals and sections */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command/export_report.h"
#include "analyze/command/extra_reports.h"
#include "analyze/command/html_report.h"
#include "analyze/command/newest_recording.h"
#include "analyze/command/option_rules.h"
#include "analyze/command/report_follow.h"
#include "analyze/copy/scrub.h"
#include "analyze/copy/trace_copy.h"
#include "analyze/lines/report_lines.h"
#include "analyze/program/limited_stream.h"
#include "analyze/program/operands.h"
#include "analyze/program/pager.h"
#include "analyze/program/program.h"
#include "analyze/report/report.h"
#include "text/quantity.h"

#define PROGRAM     "diag-report"
#define TOP_DEFAULT 10u

enum {
	OPTION_JSON = 0x200,
	OPTION_FILES_FROM,
	OPTION_EVENTS,
	OPTION_INFO,
	OPTION_VERIFY,
	OPTION_TOP,
	OPTION_STACKS,
	OPTION_NO_STACKS,
	OPTION_REPAIR,
	OPTION_SCRUB,
	OPTION_ADD_LINES,
	OPTION_FORCE,
	OPTION_DEBUG_DIR,
	OPTION_DEBUGINFOD,
	OPTION_FOLLOW,
	OPTION_FOLLOW_SOCKET,
	OPTION_TABLES,
	OPTION_NO_PAGER,
	OPTION_TREE,
	OPTION_HTML,
	OPTION_WITH_COMMAND,
};

static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "What to show (the answers by default):", 2},
	{"tables", OPTION_TABLES, NULL, 0, "Print a table of the events of each kind", 2},
	{"tree", OPTION_TREE, NULL, 0, "Print all processes that ended as a tree", 2},
	{"events", OPTION_EVENTS, NULL, 0, "Print every event in time order, one line each", 2},
	{"json", OPTION_JSON, NULL, 0, "Print every event as a line of JSON, then a summary", 2},
	{"info", OPTION_INFO, NULL, 0,
	 "Print a summary of each recording: machine, time, command, events, filters, failed "
	 "attachments and cost; with --verbose, every info record, and the bytes of each kind",
	 2},
	{"follow", OPTION_FOLLOW, "all", OPTION_ARG_OPTIONAL,
	 "Print ends and signals of FILE while it is being recorded, and then of its next files; "
	 "all: with clean exits and SIGCHLD",
	 2},
	{"follow-socket", OPTION_FOLLOW_SOCKET, "FD", OPTION_HIDDEN, "", 2}, /* of diag-record */
	{"verify", OPTION_VERIFY, NULL, 0, "Check every block of the files", 2},
	{"top", OPTION_TOP, "COUNT", 0, "Print COUNT answers (10)", 2},
	{"stacks", OPTION_STACKS, NULL, 0, "Print whole call stacks, leaf first", 2},
	{"no-stacks", OPTION_NO_STACKS, NULL, 0, "Print no call stacks", 2},
	{NULL, 0, NULL, 0, "Source lines:", 3},
	{"debug-dir", OPTION_DEBUG_DIR, "DIR", 0, "Look for debug files in DIR", 3},
	{"debuginfod", OPTION_DEBUGINFOD, NULL, 0,
	 "Ask the servers in DEBUGINFOD_URLS for debug files", 3},
	{NULL, 0, NULL, 0, "New files:", 4},
	{"repair", OPTION_REPAIR, NULL, 0, "Write the readable part of a damaged file to OUT", 4},
	{"scrub", OPTION_SCRUB, "LIST", OPTION_ARG_OPTIONAL,
	 "Write the trace with names in LIST replaced (all)", 4},
	{"add-lines", OPTION_ADD_LINES, NULL, 0,
	 "Write the trace with its source lines and inlined functions", 4},
	{"output", 'o', "OUT", 0, "Name of the new file", 4},
	{"force", OPTION_FORCE, NULL, 0, "Overwrite an existing OUT", 4},
	{"html", OPTION_HTML, "OUT", 0,
	 "Write a page for a browser: answers, time line, flame graphs, tables", 4},
	{"with-command", OPTION_WITH_COMMAND, NULL, 0,
	 "Show the command line of diag-record in the page", 4},
	{NULL, 0, NULL, 0, "Others:", 5},
	{"no-pager", OPTION_NO_PAGER, NULL, 0, "Do not show the output in a pager", 5},
	{NULL, 'h', NULL, 0, "Give this help list", 5},
	{"files-from", OPTION_FILES_FROM, "FILE", 0,
	 "Read the names of more files from FILE, one on each line; -: from standard input", 5},
	{"version", 'V', NULL, 0, "Print the version", 5},
	{"verbose", 'v', NULL, 0,
	 "Cut nothing; with --version: print how the program is protected from its input; "
	 "with --scrub: print "
	 "each replacement",
	 5},
	{0},
};

struct command_line {
	struct report_options report;
	struct extra_options extra;
	struct option_rules rules;
	struct trace_copy copy;
	const char **directories; /* copy.places.directories, with room for argc + 1 */
	char **paths;             /* in argv */
	size_t path_count;
	struct report_follow follow;
	struct html_report html;
	const char *files_from; /* NULL: none */
	char *newest;           /* the file that is read if none is named; allocated; NULL: none */
	bool no_pager;
	bool is_paged; /* the output goes to a pager */
	bool version;
	bool verbose;
};

static const struct {
	int key;
	enum report_mode mode;
} modes[] = {
	{OPTION_TABLES, REPORT_TABLES}, {OPTION_EVENTS, REPORT_EVENTS}, {OPTION_JSON, REPORT_JSON},
	{OPTION_INFO, REPORT_INFO},     {OPTION_VERIFY, REPORT_VERIFY},
};

static bool parse_mode(int key, struct argp_state *state)
{
	struct report_options *options = &((struct command_line *)state->input)->report;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (modes[i].key != key)
			continue;
		if (options->mode != REPORT_ANSWERS && options->mode != modes[i].mode)
			argp_error(state, "--tables, --events, --json, --info, --verify: mutually "
					  "exclusive: use one of them");
		options->mode = modes[i].mode;
		return true;
	}
	return false;
}

static void parse_top(const char *text, struct argp_state *state)
{
	struct command_line *line = state->input;
	uint64_t top;

	if (!quantity_parse_count(text, SIZE_MAX, &top))
		argp_error(state, "--top %s: not a number", text);
	line->report.top = (size_t)top;
	line->report.top_given = true;
}

/* diag-record uses the forms for the journal, with a socket. */
static void parse_follow(const char *text, struct argp_state *state)
{
	struct report_follow *follow = &((struct command_line *)state->input)->follow;

	follow->wanted = true;
	if (text && strcmp(text, "journal") == 0)
		follow->journal = true;
	else if (text && strcmp(text, "journal-failed") == 0)
		follow->journal = follow->journal_failed = true;
	else if (text && strcmp(text, "all") != 0)
		argp_error(state, "--follow=%s: not a form of output: use --follow=all", text);
	else
		follow->all = text != NULL;
}

static void parse_follow_socket(const char *text, struct argp_state *state)
{
	struct report_follow *follow = &((struct command_line *)state->input)->follow;
	uint64_t number;

	if (!quantity_parse_count(text, INT32_MAX, &number))
		argp_error(state, "--follow-socket %s: not a number", text);
	follow->socket = (int)number;
	follow->has_socket = true;
}

static void parse_copy(enum trace_copy_kind kind, const char *names, struct argp_state *state)
{
	struct trace_copy *copy = &((struct command_line *)state->input)->copy;

	if (copy->kind != TRACE_COPY_NONE && copy->kind != kind)
		argp_error(state,
			   "--repair, --scrub, --add-lines: mutually exclusive: use one of them");
	copy->kind = kind;
	copy->names = SCRUB_EVERYTHING;
	if (names && !scrub_parse(names, &copy->names))
		argp_error(
			state,
			"--scrub=%s: not a list of names: use hosts, users, paths, cmdlines, comms",
			names);
}

static bool parse_copying(int key, char *text, struct argp_state *state)
{
	struct command_line *line = state->input;
	struct trace_copy *copy = &line->copy;

	switch (key) {
	case OPTION_REPAIR:
		parse_copy(TRACE_COPY_REPAIR, NULL, state);
		return true;
	case OPTION_SCRUB:
		parse_copy(TRACE_COPY_SCRUB, text, state);
		return true;
	case OPTION_ADD_LINES:
		parse_copy(TRACE_COPY_ADD_LINES, NULL, state);
		return true;
	case OPTION_DEBUG_DIR:
		line->directories[copy->places.directory_count++] = text;
		return true;
	case OPTION_DEBUGINFOD:
		copy->places.debuginfod = true;
		return true;
	case 'o':
		copy->output = text;
		return true;
	case OPTION_FORCE:
		copy->force = true;
		return true;
	default:
		return false;
	}
}

static error_t parse_other(int key, char *text, struct argp_state *state)
{
	struct command_line *line = state->input;

	switch (key) {
	case OPTION_TOP:
		parse_top(text, state);
		return 0;
	case OPTION_TREE:
		line->report.tree = true;
		return 0;
	case OPTION_STACKS:
		line->report.stacks = true;
		return 0;
	case OPTION_NO_STACKS:
		line->report.no_stacks = true;
		return 0;
	case OPTION_HTML:
		line->html.output = text;
		return 0;
	case OPTION_WITH_COMMAND:
		line->html.with_command = true;
		return 0;
	case OPTION_FOLLOW:
		parse_follow(text, state);
		return 0;
	case OPTION_FOLLOW_SOCKET:
		parse_follow_socket(text, state);
		return 0;
	case 'v':
		line->verbose = true;
		line->report.verbose = true;
		line->copy.verbose = true;
		return 0;
	case OPTION_NO_PAGER:
		line->no_pager = true;
		return 0;
	case OPTION_FILES_FROM:
		line->files_from = text;
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case 'V':
		line->version = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool wants_lines(const struct command_line *line)
{
	return line->copy.places.directory_count > 0 || line->copy.places.debuginfod;
}

/* A copy is of a whole file: options that select or show events would have no effect. */
static void check_copy(const struct command_line *line, struct argp_state *state)
{
	char *selected = selection_describe(&line->report.selection);

	if (line->path_count != 1)
		argp_error(state, "--repair, --scrub, --add-lines: not possible for several files: "
				  "name one FILE");
	if (!line->copy.output)
		argp_error(state,
			   "--repair, --scrub, --add-lines: no output file: add --output OUT");
	if (line->copy.kind == TRACE_COPY_ADD_LINES && !wants_lines(line))
		argp_error(state,
			   "--add-lines: no debug files: add --debug-dir DIR or --debuginfod");
	if (line->report.mode != REPORT_ANSWERS || (selected && selected[0] != '\0'))
		argp_error(state, "--repair, --scrub, --add-lines: a whole file is copied: omit "
				  "options that select or show events");
	free(selected);
}

static enum option_mode find_mode(const struct command_line *line)
{
	static const enum option_mode of_report[] = {
		[REPORT_ANSWERS] = OPTION_MODE_ANSWERS, [REPORT_TABLES] = OPTION_MODE_TABLES,
		[REPORT_EVENTS] = OPTION_MODE_EVENTS,   [REPORT_JSON] = OPTION_MODE_JSON,
		[REPORT_INFO] = OPTION_MODE_INFO,       [REPORT_VERIFY] = OPTION_MODE_VERIFY,
	};
	static const enum option_mode of_extra[] = {
		[EXTRA_BY] = OPTION_MODE_BY,
		[EXTRA_DIFF] = OPTION_MODE_DIFF,
		[EXTRA_ROWS] = OPTION_MODE_ROWS,
		[EXTRA_PERFETTO] = OPTION_MODE_PERFETTO,
	};

	if (line->follow.wanted)
		return OPTION_MODE_FOLLOW;
	if (line->version)
		return OPTION_MODE_VERSION;
	if (line->html.output)
		return OPTION_MODE_HTML;
	if (line->copy.kind != TRACE_COPY_NONE)
		return OPTION_MODE_COPY;
	return line->extra.mode != EXTRA_NONE ? of_extra[line->extra.mode]
					      : of_report[line->report.mode];
}

/* Refuses options that cannot do what they ask for. */
static void check_rules(const struct command_line *line, struct argp_state *state)
{
	enum option_mode mode = find_mode(line);
	const char *refused = option_rules_refused(&line->rules, mode);

	if (refused)
		argp_error(state, "--%s has no effect with %s", refused,
			   option_rules_mode_name(mode));
	if (mode == OPTION_MODE_ROWS && line->report.selection.failed &&
	    line->extra.table->kind != DZ_KIND_EXIT)
		argp_error(state, "--failed has no effect with --rows %s", line->extra.table->name);
}

/* Takes the newest recording here if no file is named. */
static void find_newest(struct command_line *line, struct argp_state *state)
{
	line->newest = newest_recording();
	if (!line->newest)
		argp_error(state, "no file given: name a trace, such as trace.dz");
	line->paths = &line->newest;
	line->path_count = 1;
}

/* Whether a report, not a copy, is written to a file. */
static bool is_export(const struct command_line *line)
{
	return line->copy.kind == TRACE_COPY_NONE &&
	       (line->extra.mode == EXTRA_PERFETTO ||
		(line->extra.mode == EXTRA_ROWS && line->copy.output));
}

static void check(struct command_line *line, struct argp_state *state)
{
	if (line->version) {
		check_rules(line, state);
		return;
	}
	if (line->follow.journal && !line->follow.has_socket)
		argp_error(state, "--follow=journal: use diag-record --journal");
	if (line->follow.wanted && line->files_from)
		argp_error(state, "--files-from has no effect with --follow: name one FILE");
	if (line->follow.wanted && !line->follow.has_socket && line->path_count != 1)
		argp_error(state, "--follow has no effect with several files: name one FILE");
	if (line->path_count == 0 && !line->follow.has_socket && !line->files_from)
		find_newest(line, state);
	if (line->report.stacks && line->report.no_stacks)
		argp_error(state, "--stacks, --no-stacks: mutually exclusive: use one of them");
	if (line->copy.kind != TRACE_COPY_NONE)
		check_copy(line, state);
	else if ((line->copy.output || line->copy.force) && !is_export(line) && !line->html.output)
		argp_error(
			state,
			"--output, --force: no effect here: add --repair, --scrub or --add-lines");
	if (line->extra.jobs > 0 && !is_export(line))
		argp_error(state, "--jobs has no effect without --rows and --output");
	check_rules(line, state);
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct command_line *line = state->input;

	option_rules_note(&line->rules, option_table, key);
	if (parse_mode(key, state) || parse_copying(key, text, state))
		return 0;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = line;
		state->child_inputs[1] = line;
		return 0;
	case ARGP_KEY_ARGS:
		line->paths = state->argv + state->next;
		line->path_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		check(line, state);
		return 0;
	default:
		return parse_other(key, text, state);
	}
}

/* The parsers of other folders, with the options noted for the rules. */
static error_t parse_selection(int key, char *text, struct argp_state *state)
{
	struct command_line *line = state->input;
	error_t result;

	option_rules_note(&line->rules, selection_argp.options, key);
	state->input = &line->report.selection;
	result = selection_argp.parser(key, text, state);
	state->input = line;
	return result;
}

static error_t parse_extra(int key, char *text, struct argp_state *state)
{
	struct command_line *line = state->input;
	error_t result;

	option_rules_note(&line->rules, extra_argp.options, key);
	state->input = &line->extra;
	result = extra_argp.parser(key, text, state);
	state->input = line;
	return result;
}

static struct argp selection_parser = {.parser = parse_selection};
static struct argp extra_parser = {.parser = parse_extra};

static const struct argp_child children[] = {
	{&selection_parser, 0, NULL, 0}, {&extra_parser, 0, NULL, 0}, {0}};

static const struct argp parser = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "FILE...\n--repair -o OUT FILE\n--scrub[=LIST] -o OUT FILE\n--add-lines -o OUT "
		    "FILE",
	.doc = "Explains process deaths, signals and sections in traces made by diag-record.",
	.children = children,
};

static bool add_input(void *trace, const char *path, int fd)
{
	return trace_add(trace, path, fd);
}

static bool open_inputs(const struct command_line *line, struct operands *operands,
			struct trace *trace)
{
	for (size_t i = 0; i < line->path_count; i++)
		if (!operands_add(operands, PROGRAM, line->paths[i]))
			return false;
	if (line->files_from && !operands_add_list(operands, PROGRAM, line->files_from))
		return false;
	trace_set_opener(trace, operands_open, operands);
	return operands_open_all(operands, PROGRAM, add_input, trace);
}

static const struct input_problem *next_problem(const void *context, size_t number)
{
	return trace_problem(context, number);
}

static const struct input_problem *next_failure(const void *context, size_t number)
{
	const struct input_problem *problem;

	for (size_t i = 0; (problem = trace_problem(context, i)); i++)
		if (problem->failure && number-- == 0)
			return problem;
	return NULL;
}

/* Prints what the report has not said. */
static enum program_status print_problems(const struct command_line *line,
					  const struct trace *trace)
{
	enum report_mode mode = line->report.mode;
	enum program_status status;

	if ((mode != REPORT_ANSWERS && mode != REPORT_TABLES) || line->extra.mode != EXTRA_NONE ||
	    !trace_is_readable(trace))
		return program_print_problems(PROGRAM, trace, next_problem);
	status = program_print_problems(PROGRAM, trace, next_failure);
	return status == PROGRAM_OK && trace_problem(trace, 0) ? PROGRAM_INCOMPLETE : status;
}

/* The reports about the files themselves have no stacks. */
static bool shows_lines(const struct command_line *line)
{
	return wants_lines(line) && line->report.mode != REPORT_INFO &&
	       line->report.mode != REPORT_VERIFY;
}

/* The report that is written, and what came of it. */
struct reporting {
	struct trace *trace;
	struct trace *before;      /* NULL without --diff */
	struct progress *progress; /* NULL: none */
	bool is_worse;             /* of --diff */
	bool is_over_limit;        /* the report is not complete */
};

/* Writes one of the reports, from loaded traces. */
static bool write_to(const struct command_line *line, struct reporting *reporting, FILE *out)
{
	const struct report report = {.options = &line->report,
				      .trace = reporting->trace,
				      .progress = reporting->progress,
				      .out = out};
	const struct extra_report extra = {
		.options = &line->extra,
		.selection = &line->report.selection,
		.trace = reporting->trace,
		.before = reporting->before,
		.progress = reporting->progress,
		.top = line->report.top_given ? line->report.top : 0,
		.json = line->report.mode == REPORT_JSON,
		.out = out,
	};

	if (line->extra.mode == EXTRA_NONE)
		return report_write(&report);
	return extra_write(&extra, &reporting->is_worse);
}

/* The same, to standard output. The length of a report has a limit. */
static bool write_report(const struct command_line *line, struct reporting *reporting)
{
	uint64_t input_bytes = trace_size_bytes(reporting->trace);
	struct limited_stream limited;
	bool ok;

	if (reporting->before)
		input_bytes += trace_size_bytes(reporting->before);
	if (!limited_stream_open(&limited, stdout, limited_stream_limit(input_bytes)))
		return false;
	ok = write_to(line, reporting, limited.out);
	limited_stream_close(&limited);
	reporting->is_over_limit = limited.is_over_limit;
	return ok;
}

/* Prints the problems of both traces. */
static enum program_status find_status(const struct command_line *line,
				       const struct reporting *reporting)
{
	enum program_status status = print_problems(line, reporting->trace);
	enum program_status other = PROGRAM_OK;

	if (reporting->before)
		other = program_print_problems(PROGRAM, reporting->before, next_problem);
	if (reporting->is_over_limit)
		fprintf(stderr, "%s: %s\n", PROGRAM, LIMITED_STREAM_PROBLEM);
	if (status == PROGRAM_FAILURE || other == PROGRAM_FAILURE || reporting->is_over_limit)
		return PROGRAM_FAILURE;
	if (reporting->is_worse)
		return PROGRAM_WORSE;
	return status == PROGRAM_OK ? other : status;
}

static enum program_status run(const struct command_line *line, struct operands *operands,
			       struct trace *trace, struct trace *before)
{
	struct progress progress;
	struct report_lines lines = {.count = 0};
	struct reporting reporting = {
		.trace = trace,
		.before = before,
		.progress = line->is_paged ? NULL : &progress,
	};
	bool ok;

	if (!open_inputs(line, operands, trace) ||
	    (shows_lines(line) &&
	     !report_lines_open(PROGRAM, &line->copy.places, operands->count, &lines)))
		return PROGRAM_FAILURE;
	program_enter_sandbox();
	ok = trace_load(trace) && (!before || trace_load(before)) &&
	     (!lines.copies || report_lines_add(&lines, trace));
	if (!line->is_paged)
		progress_begin(&progress, stderr, PROGRAM, trace_size_bytes(trace));
	ok = ok && write_report(line, &reporting);
	if (!line->is_paged)
		progress_end(&progress);
	report_lines_close(&lines);
	if (!ok) {
		fprintf(stderr, "%s: out of memory\n", PROGRAM);
		return PROGRAM_FAILURE;
	}
	return find_status(line, &reporting);
}

static enum program_status copy(struct command_line *line)
{
	line->copy.program = PROGRAM;
	line->copy.input = line->paths[0];
	return trace_copy_make(&line->copy);
}

static enum program_status follow(struct command_line *line)
{
	line->follow.path = line->path_count ? line->paths[0] : NULL;
	return report_follow_run(PROGRAM, &line->follow, &line->report);
}

static enum program_status html(struct command_line *line)
{
	line->html.force = line->copy.force;
	line->html.paths = line->paths;
	line->html.path_count = line->path_count;
	line->html.files_from = line->files_from;
	line->html.options = &line->report;
	return html_report_run(PROGRAM, &line->html);
}

static enum program_status export_files(const struct command_line *line)
{
	const struct export_report request = {
		.program = PROGRAM,
		.output = line->extra.mode == EXTRA_PERFETTO ? line->extra.perfetto
							     : line->copy.output,
		.force = line->copy.force,
		.jobs = line->extra.jobs,
		.extra = &line->extra,
		.selection = &line->report.selection,
		.paths = line->paths,
		.path_count = line->path_count,
		.files_from = line->files_from,
	};

	return export_report_run(&request);
}

/* JSON and rows are for programs. */
static bool wants_pager(const struct command_line *line)
{
	return !line->no_pager && line->report.mode != REPORT_JSON &&
	       line->extra.mode != EXTRA_ROWS;
}

static enum program_status report(struct command_line *line)
{
	struct operands operands = {.paths = NULL};
	struct trace *trace, *before;
	enum program_status status;

	if (wants_pager(line))
		line->is_paged = pager_begin();
	if (line->newest)
		fprintf(stderr, "%s: %s: the newest recording here\n", PROGRAM, line->newest);
	if (!extra_open(PROGRAM, &line->extra, &before))
		return PROGRAM_FAILURE;
	if (!trace_new(&trace)) {
		fprintf(stderr, "%s: out of memory\n", PROGRAM);
		trace_free(before);
		return PROGRAM_FAILURE;
	}
	status = run(line, &operands, trace, before);
	trace_free(before);
	trace_free(trace);
	operands_release(&operands);
	return status;
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && value[0] != '\0' && strcmp(value, "0") != 0;
}

int main(int argc, char **argv)
{
	struct command_line line = {.report.top = TOP_DEFAULT};
	enum program_status status = PROGRAM_OK;

	program_begin((char[]){PROGRAM}, argv);
	line.directories = calloc((size_t)argc + 1, sizeof(*line.directories));
	if (!line.directories) {
		fprintf(stderr, "%s: out of memory\n", PROGRAM);
		return PROGRAM_FAILURE;
	}
	selection_parser.options = selection_argp.options;
	extra_parser.options = extra_argp.options;
	line.copy.places.directories = line.directories;
	line.copy.places.debuginfod = is_set("DIAG_DEBUGINFOD");
	if (!program_parse(PROGRAM, &parser, argc, argv, &line))
		return PROGRAM_FAILURE;
	line.report.layout = layout_of(stdout);
	line.report.layout.colour = program_wants_colour(stdout);
	if (line.version)
		program_print_version(PROGRAM, line.verbose);
	else if (line.copy.kind != TRACE_COPY_NONE)
		status = copy(&line);
	else if (line.follow.wanted)
		status = follow(&line);
	else if (line.html.output)
		status = html(&line);
	else if (is_export(&line))
		status = export_files(&line);
	else
		status = report(&line);
	selection_release(&line.report.selection);
	extra_release(&line.extra);
	free(line.directories);
	free(line.newest);
	return program_end(PROGRAM, status);
}
