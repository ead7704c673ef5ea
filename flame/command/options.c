/* flame/command/options.c - the command line of diag-flame */
#include "flame/command/options.h"

#include <argp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyze/program/program.h"
#include "flame/command/message.h"
#include "flame/command/option_values.h"
#include "text/escape.h"

#define WIDTH_MIN 200

/* Options without a letter. */
enum key {
	KEY_INPUT = 0x100,
	KEY_FILES_FROM,
	KEY_FORCE,
	KEY_FORMAT,
	KEY_EVENT,
	KEY_TWO_COLUMNS,
	KEY_DIFF,
	KEY_NORMALIZE,
	KEY_TEXT,
	KEY_NO_SCRIPT,
	KEY_TITLE,
	KEY_SUBTITLE,
	KEY_NOTES,
	KEY_WIDTH,
	KEY_HEIGHT,
	KEY_MINWIDTH,
	KEY_COUNTNAME,
	KEY_NAMETYPE,
	KEY_COLORS,
	KEY_BGCOLORS,
	KEY_SEARCH_COLOR,
	KEY_STROKE_COLOR,
	KEY_FONTTYPE,
	KEY_FONTSIZE,
	KEY_FONTWIDTH,
	KEY_FACTOR,
	KEY_TOTAL,
	KEY_REVERSE,
	KEY_CHART,
	KEY_NEGATE,
	KEY_BASE,
	KEY_FOCUS,
	KEY_SORT,
	KEY_NO_SORT,
	KEY_CLEAN_EXITS,
	KEY_WHOLE_STACKS,
	KEY_WITH_COMMAND,
	KEY_ENCODING,
	KEY_OBSOLETE, /* and the keys after it: see obsolete[] */
};

/* Options of other flame graph programs, which are accepted and have no effect. */
struct obsolete {
	const char *name;
	const char *argument; /* metavariable, or NULL */
	const char *note;
};

static const struct obsolete obsolete[] = {
	{"hash", NULL, "--hash: no effect: colours always follow the name"},
	{"deterministic", NULL, "--deterministic: no effect: colours always follow the name"},
	{"random", NULL,
	 "--random: no effect: colours always follow the name, so that flame graphs compare"},
	{"cp", NULL, "--cp: no effect: colours always follow the name, without a palette file"},
	{"nameattr", "FILE", "--nameattr: no effect: frames have no links and no attributes"},
	{"uicolor", "COLOR", "--uicolor: no effect: controls follow the light or dark page"},
	{"colordiffusion", NULL, "--colordiffusion: no effect: use --colors"},
	{"color-diffusion", NULL, "--color-diffusion: no effect: use --colors"},
	{"truncate-text-right", NULL,
	 "--truncate-text-right: no effect: labels keep the name of the function"},
	{"pretty-xml", NULL, "--pretty-xml: no effect: to read a flame graph, use diag-fold"},
};

#define OBSOLETE_COUNT (sizeof(obsolete) / sizeof(obsolete[0]))

static const struct argp_option described[] = {
	{NULL, 0, NULL, 0, "Input and output", 1},
	{"output", 'o', "FILE", 0, "Write to FILE instead of standard output", 1},
	{"force", KEY_FORCE, NULL, 0,
	 "Replace an existing FILE that is not a flame graph of diag-flame", 1},
	{"input", KEY_INPUT, "FILE", 0, "Same as FILE as an argument", 1},
	{"files-from", KEY_FILES_FROM, "FILE", 0,
	 "Read the names of more files from FILE, one on each line; -: from standard input", 1},
	{"input-format", KEY_FORMAT, "NAME", 0,
	 "Format of the input: folded, diagnose, perf, bpftrace, bcc, pprof, pprof-raw or "
	 "threads (detected)",
	 1},
	{"perf-event", KEY_EVENT, "NAME", 0,
	 "Event of perf script, map of bpftrace or column of pprof to count (the first)", 1},
	{"two-columns", KEY_TWO_COLUMNS, NULL, 0,
	 "Draw the difference of two counts on each folded line", 1},
	{"text", KEY_TEXT, NULL, 0, "Print the top functions and hottest paths, no flame graph", 1},
	{"no-script", KEY_NO_SCRIPT, NULL, 0, "Omit the script from the flame graph", 1},
	{"no-javascript", KEY_NO_SCRIPT, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 1},
	{NULL, 0, NULL, 0, "What is shown", 2},
	{"reverse", KEY_REVERSE, NULL, 0,
	 "Merge from the leaf, to show the callers of hot functions", 2},
	{"inverted", 'i', NULL, 0, "Draw the root at the top (icicle graph)", 2},
	{"chart", KEY_CHART, NULL, 0, "Keep time order, and merge only neighbours", 2},
	{"flamechart", KEY_CHART, NULL, OPTION_ALIAS, NULL, 2},
	{"flame-chart", KEY_CHART, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 2},
	{"focus", KEY_FOCUS, "FUNCTION", 0, "Merge all calls of FUNCTION, with callees and callers",
	 2},
	{"base", KEY_BASE, "FUNCTION", 0,
	 "Start every stack at the outermost frame FUNCTION; may be repeated", 2},
	{"diff", KEY_DIFF, NULL, 0, "Compare two inputs, OLD and NEW", 2},
	{"normalize", KEY_NORMALIZE, NULL, 0,
	 "In a difference, compare shares: scale OLD to the total of NEW", 2},
	{"negate", KEY_NEGATE, NULL, 0, "With --diff: swap the two colours", 2},
	{"minwidth", KEY_MINWIDTH, "WIDTH", 0, "Merge frames narrower than WIDTH pixels (0.1)", 2},
	{"total", KEY_TOTAL, "NUM", 0, "Value of 100 %, if more than the sum of the input", 2},
	{"factor", KEY_FACTOR, "NUM", 0, "Multiply the counts that are shown", 2},
	{"sort", KEY_SORT, "ORDER", 0, "Order of siblings: name, width or input (name)", 2},
	{"no-sort", KEY_NO_SORT, NULL, 0, "Same as --sort=input", 2},
	{"clean-exits", KEY_CLEAN_EXITS, NULL, 0, "Also draw exits with code 0", 2},
	{"whole-stacks", KEY_WHOLE_STACKS, NULL, 0,
	 "For exits, also draw the kernel's frames and those of the runtime", 2},
	{"with-command", KEY_WITH_COMMAND, NULL, 0,
	 "Include the command line of diag-record in the flame graph", 2},
	{NULL, 0, NULL, 0, "What it looks like", 3},
	{"title", KEY_TITLE, "TEXT", 0, "Title", 3},
	{"subtitle", KEY_SUBTITLE, "TEXT", 0, "Second line", 3},
	{"notes", KEY_NOTES, "TEXT", 0, "Text that is stored in the file and not drawn", 3},
	{"countname", KEY_COUNTNAME, "TEXT", 0, "Unit of the counts (samples; for traces, events)",
	 3},
	{"nametype", KEY_NAMETYPE, "TEXT", 0, "Word for a frame (Function)", 3},
	{"colors", KEY_COLORS, "NAME", 0, "Colours: type, hot, mem, io, blue, ... (type)", 3},
	{"color", KEY_COLORS, "NAME", OPTION_HIDDEN, NULL, 3},
	{"bgcolors", KEY_BGCOLORS, "COLOR", 0, "Colour of the background", 3},
	{"search-color", KEY_SEARCH_COLOR, "COLOR", 0, "Colour of search matches", 3},
	{"stroke-color", KEY_STROKE_COLOR, "COLOR", 0, "Colour of outlines", 3},
	{"width", KEY_WIDTH, "PX", 0, "Fixed width", 3},
	{"height", KEY_HEIGHT, "PX", 0, "Height of a frame (17)", 3},
	{"fonttype", KEY_FONTTYPE, "NAME", 0, "Font of the frames", 3},
	{"fontsize", KEY_FONTSIZE, "PX", 0, "Font size of the frames (12)", 3},
	{"fontwidth", KEY_FONTWIDTH, "NUM", 0,
	 "Width of a character, relative to the font size (0.602)", 3},
	{NULL, 0, NULL, 0, "Others", -1},
	{"version", 'V', NULL, 0, "Print the version", -1},
	{NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1},
	{"encoding", KEY_ENCODING, "NAME", OPTION_HIDDEN, NULL, -1},
	{"quiet", 'q', NULL, 0, "Print no notes and no progress", -1},
	{"verbose", 'v', NULL, 0,
	 "With --version: print how the program is protected from its input", -1},
};

#define DESCRIBED_COUNT (sizeof(described) / sizeof(described[0]))

/* Options that set one field. */
struct text_field {
	int key;
	size_t offset; /* of a const char * in struct options */
};

static const struct text_field text_fields[] = {
	{'o', offsetof(struct options, output)},
	{KEY_EVENT, offsetof(struct options, input.event)},
	{KEY_TITLE, offsetof(struct options, presentation.title)},
	{KEY_SUBTITLE, offsetof(struct options, presentation.subtitle)},
	{KEY_NOTES, offsetof(struct options, presentation.notes)},
	{KEY_COUNTNAME, offsetof(struct options, presentation.scale.unit)},
	{KEY_NAMETYPE, offsetof(struct options, presentation.name_type)},
	{KEY_FOCUS, offsetof(struct options, view.focus)},
};

static const struct text_field flag_fields[] = {
	{KEY_TWO_COLUMNS, offsetof(struct options, input.two_columns)},
	{KEY_FORCE, offsetof(struct options, force)},
	{KEY_WITH_COMMAND, offsetof(struct options, with_command)},
	{KEY_TEXT, offsetof(struct options, text)},
	{KEY_REVERSE, offsetof(struct options, view.reverse)},
	{KEY_CHART, offsetof(struct options, view.in_time_order)},
	{'i', offsetof(struct options, presentation.inverted)},
	{KEY_NEGATE, offsetof(struct options, presentation.negate)},
	{KEY_DIFF, offsetof(struct options, diff)},
	{KEY_NORMALIZE, offsetof(struct options, view.normalize)},
	{'q', offsetof(struct options, quiet)},
	{'v', offsetof(struct options, verbose)},
	{'V', offsetof(struct options, version)},
};

static const struct text_field *find_field(const struct text_field *fields, size_t count, int key)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].key == key)
			return &fields[i];
	return NULL;
}

#define FIND_FIELD(fields, key) find_field(fields, sizeof(fields) / sizeof((fields)[0]), key)

static void parse_minwidth(struct options *options, const char *text,
			   const struct argp_state *state)
{
	options->least_is_percent = strchr(text, '%') != NULL;
	if (!option_decimal(text, options->least_is_percent ? "%" : "", &options->least))
		argp_error(state,
			   "--minwidth %s: not a width: use pixels, or a percentage such as 0.5%%",
			   text);
}

static void parse_factor(struct options *options, const char *text, const struct argp_state *state)
{
	struct decimal factor = {.mantissa = 1};

	if (!option_decimal(text, "", &factor) || factor.mantissa == 0)
		argp_error(state, "--factor %s: not a number above 0 with at most %u decimals",
			   text, STACK_DECIMALS_MAX);
	options->presentation.scale.factor = factor.mantissa;
	options->presentation.scale.decimals = factor.decimals;
}

static void parse_colors(struct options *options, const char *text, const struct argp_state *state)
{
	options->presentation.palette = colour_find(text);
	if (!options->presentation.palette)
		argp_error(state, "--colors %s: unknown palette: use one of %s", text,
			   colour_list());
}

static const struct option_choice formats[] = {
	{"detect", INPUT_DETECT},     {"folded", INPUT_FOLDED},
	{"diagnose", INPUT_DIAGNOSE}, {"perf", INPUT_PERF},
	{"bpftrace", INPUT_BPFTRACE}, {"bcc", INPUT_BCC},
	{"pprof", INPUT_PPROF},       {"pprof-raw", INPUT_PPROF_RAW},
	{"threads", INPUT_THREADS},   {NULL, 0},
};

static const struct option_choice orders[] = {
	{"name", ORDER_NAME},
	{"width", ORDER_WIDTH},
	{"input", ORDER_INPUT},
	{NULL, 0},
};

static void add_base(struct options *options, const char *text, const struct argp_state *state)
{
	if (options->view.base_count == OPTIONS_BASES_MAX)
		argp_error(state, "--base %s: more than %u functions", text, OPTIONS_BASES_MAX);
	else
		options->bases[options->view.base_count++] = text;
}

/* There is room for every word of the command line. */
static void add_input(struct options *options, const char *text)
{
	options->inputs[options->input_count++] = text;
}

static error_t parse_appearance(struct options *options, int key, const char *text,
				const struct argp_state *state)
{
	struct presentation *presentation = &options->presentation;

	switch (key) {
	case KEY_WIDTH:
		presentation->fluid = false;
		option_size(&presentation->width, text, "width", WIDTH_MIN, state);
		return 0;
	case KEY_HEIGHT:
		option_size(&presentation->frame_height, text, "height", 4, state);
		return 0;
	case KEY_FONTSIZE:
		option_number(&presentation->font_size, text, "fontsize", 100, state);
		return 0;
	case KEY_FONTWIDTH:
		option_number(&presentation->font_width, text, "fontwidth", 10, state);
		return 0;
	case KEY_FONTTYPE:
		option_font(&presentation->font_type, text, state);
		return 0;
	case KEY_COLORS:
		parse_colors(options, text, state);
		return 0;
	case KEY_BGCOLORS:
		option_background(&presentation->background, text, state);
		return 0;
	case KEY_SEARCH_COLOR:
		option_colour(&presentation->search_colour, text, "search-color", state);
		return 0;
	case KEY_STROKE_COLOR:
		option_colour(&presentation->stroke_colour, text, "stroke-color", state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_content(struct options *options, int key, char *text,
			     const struct argp_state *state)
{
	switch (key) {
	case KEY_FILES_FROM:
		options->files_from = text;
		return 0;
	case ARGP_KEY_ARG:
	case KEY_INPUT:
		add_input(options, text);
		return 0;
	case KEY_FORMAT:
		options->input.format =
			(enum input_format)option_choice(formats, text, "input-format", state);
		return 0;
	case KEY_SORT:
		options->order = (enum flame_graph_order)option_choice(orders, text, "sort", state);
		return 0;
	case KEY_NO_SORT:
		options->order = ORDER_INPUT;
		return 0;
	case KEY_CLEAN_EXITS:
		options->request.shape.only_deaths = false;
		return 0;
	case KEY_WHOLE_STACKS:
		options->request.shape.brief_exits = false;
		return 0;
	case KEY_NO_SCRIPT:
		options->presentation.script = false;
		return 0;
	case KEY_MINWIDTH:
		parse_minwidth(options, text, state);
		return 0;
	case KEY_FACTOR:
		parse_factor(options, text, state);
		return 0;
	case KEY_TOTAL:
		if (!option_decimal(text, "", &options->total))
			argp_error(state, "--total %s: not a number", text);
		return 0;
	case KEY_ENCODING:
		if (strcasecmp(text, "UTF-8") != 0)
			argp_error(state, "--encoding %s: the output is always UTF-8", text);
		return 0;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case KEY_BASE:
		add_base(options, text, state);
		return 0;
	default:
		return parse_appearance(options, key, text, state);
	}
}

static void check(const struct options *options, const struct argp_state *state)
{
	const struct view_options *view = &options->view;
	bool two = options->diff || options->input.two_columns;

	if (options->diff && options->input_count != 2)
		argp_error(state, "--diff: not two inputs: name OLD and NEW");
	if (options->diff && options->files_from)
		argp_error(state, "--files-from has no effect with --diff: name OLD and NEW");
	if (options->diff && options->input.two_columns)
		argp_error(state, "--diff: excludes --two-columns");
	if (view->normalize && !two)
		argp_error(state, "--normalize: no effect here: add --diff or --two-columns");
	if (view->in_time_order && (view->reverse || view->focus || two))
		argp_error(state, "--chart: excludes --reverse, --focus and --diff");
	if (view->focus && (view->reverse || two))
		argp_error(state, "--focus: excludes --reverse and --diff");
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct options *options = state->input;
	const struct text_field *field = FIND_FIELD(text_fields, key);

	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = &options->request;
		return 0;
	}
	if (field) {
		memcpy((char *)options + field->offset, &text, sizeof(text));
		return 0;
	}
	field = FIND_FIELD(flag_fields, key);
	if (field) {
		*((bool *)options + field->offset) = true;
		return 0;
	}
	if (key >= KEY_OBSOLETE && key < KEY_OBSOLETE + (int)OBSOLETE_COUNT) {
		if (options->note_count < OPTIONS_NOTES_MAX)
			options->notes[options->note_count++] = obsolete[key - KEY_OBSOLETE].note;
		return 0;
	}
	if (key == ARGP_KEY_END) {
		check(options, state);
		return 0;
	}
	return parse_content(options, key, text, state);
}

_Noreturn static void end_out_of_memory(void)
{
	fputs(MESSAGE_PROGRAM ": out of memory\n", stderr);
	exit(PROGRAM_FAILURE);
}

/* Escapes texts that are shown. Texts that select frames stay as typed. */
static void clean_texts(struct options *options)
{
	struct presentation *presentation = &options->presentation;
	const char **texts[OPTIONS_TEXTS] = {
		&presentation->title,      &presentation->subtitle,  &presentation->notes,
		&presentation->scale.unit, &presentation->name_type, &presentation->root_name,
	};

	for (size_t i = 0; i < OPTIONS_TEXTS; i++) {
		size_t size = *texts[i] ? strlen(*texts[i]) : 0;
		char *clean = malloc(size * ESCAPE_PIECE_MAX + 1);

		if (!clean)
			end_out_of_memory();
		escape_copy(clean, size * ESCAPE_PIECE_MAX + 1, ESCAPE_TERMINAL, *texts[i], size);
		options->clean_texts[i] = clean;
		if (*texts[i])
			*texts[i] = clean;
	}
}

static void set_defaults(struct options *options)
{
	*options = (struct options){
		.least = {.mantissa = 1, .decimals = 1},
		.request = {.shape = {.brief_exits = true, .only_deaths = true}},
		.presentation =
			{
				.name_type = "Function",
				.scale = {.factor = 1},
				.palette = colour_find("type"),
				.font_type = "ui-monospace,SFMono-Regular,Menlo,Consolas,"
					     "\"DejaVu Sans Mono\",monospace",
				.search_colour = "#ee5bf2",
				.font_size = 12,
				.font_width = 0.602,
				.width = 1200,
				.frame_height = 17,
				.fluid = true,
				.script = true,
			},
	};
}

/* The described options, then the obsolete ones, which --help does not list. */
static void list_options(struct argp_option *list)
{
	memcpy(list, described, sizeof(described));
	for (size_t i = 0; i < OBSOLETE_COUNT; i++)
		list[DESCRIBED_COUNT + i] = (struct argp_option){
			.name = obsolete[i].name,
			.key = KEY_OBSOLETE + (int)i,
			.arg = obsolete[i].argument,
			.flags = OPTION_HIDDEN,
		};
	list[DESCRIBED_COUNT + OBSOLETE_COUNT] = (struct argp_option){0};
}

/* Whether the word is an option of flamegraph.pl as people type it, with one dash: -title=T. */
static bool has_one_dash(const char *word)
{
	static const char *const names[] = {
		"title",    "subtitle",  "width",    "height",  "minwidth",  "fonttype",
		"fontsize", "countname", "nametype", "colors",  "color",     "bgcolors",
		"hash",     "random",    "cp",       "reverse", "inverted",  "flamechart",
		"negate",   "notes",     "total",    "factor",  "fontwidth", "encoding",
		"nameattr", "help",
	};
	size_t size;

	if (word[0] != '-' || word[1] == '-')
		return false;
	size = strcspn(word + 1, "=");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == size && memcmp(names[i], word + 1, size) == 0)
			return true;
	return false;
}

/* Replaces such words by ones with two dashes, in memory that lives as long as the options. */
static void add_dashes(struct options *options, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		size_t size = strlen(argv[i]);
		char *word;

		if (!has_one_dash(argv[i]))
			continue;
		word = malloc(size + 2);
		if (!word)
			end_out_of_memory();
		word[0] = '-';
		memcpy(word + 1, argv[i], size + 1);
		argv[i] = word;
		options->words[options->word_count++] = word;
	}
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct argp_child children[] = {
		{&fold_argp, 0, "Events and frames of traces", 4},
		{0},
	};
	struct argp_option list[DESCRIBED_COUNT + OBSOLETE_COUNT + 1];
	const struct argp argp = {
		.options = list,
		.parser = parse_option,
		.args_doc = "[FILE...]\n--diff OLD NEW",
		.doc = "Draws stacks as a self-contained flame graph, one SVG file.\v"
		       "FILE is a trace of diag-record, folded text (main;f;g 12), a log of "
		       "diagnose-tools, a flame graph of diag-flame, or what perf script, "
		       "bpftrace, bcc, pprof, jstack or gdb print, also compressed. -, or no name, "
		       "is standard "
		       "input. Exit status: 0 success, 1 failure, 2 wrong usage, 3 part of the "
		       "input could not be used.",
		.children = children,
	};

	set_defaults(options);
	options->inputs = calloc((size_t)argc + 1, sizeof(*options->inputs));
	options->words = calloc((size_t)argc + 1, sizeof(*options->words));
	if (!options->inputs || !options->words)
		end_out_of_memory();
	add_dashes(options, argc, argv);
	list_options(list);
	/* A wrong option ends the program inside. */
	if (argp_parse(&argp, argc, argv, 0, NULL, options) != 0)
		end_out_of_memory();
	if (options->input_count == 0 && !options->files_from)
		add_input(options, "-");
	options->presentation.root_name = options->view.focus ? options->view.focus : "all";
	clean_texts(options);
	options->view.base = options->bases;
	options->view.two_sides = options->diff || options->input.two_columns;
}

void options_release(struct options *options)
{
	for (size_t i = 0; i < OPTIONS_TEXTS; i++)
		free(options->clean_texts[i]);
	fold_request_release(&options->request);
	for (size_t i = 0; i < options->word_count; i++)
		free(options->words[i]);
	free(options->words);
	free(options->inputs);
}
