/* analyze/fold/fold_options.c - the options that select what is folded, and how */
#define _GNU_SOURCE
#include <argp.h>
#include <string.h>

#include "analyze/fold/fold.h"
#include "analyze/fold/fold_root.h"
#include "text/quantity.h"

enum {
	OPTION_ROOTS = 0x300,
	OPTION_WEIGHT,
	OPTION_SECTION,
	OPTION_NO_KERNEL,
	OPTION_NO_USER,
};

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "Stacks:", 2},
	{"roots", OPTION_ROOTS, "LIST", 0,
	 "Frames at the root of each stack, outermost first (process)", 2},
	{"weight", OPTION_WEIGHT, "WHAT", 0,
	 "Weight of an event: count, time, on-cpu or off-cpu (count)", 2},
	{"section", OPTION_SECTION, "ID", 0, "Only this section, weighted by time", 2},
	{"no-kernel", OPTION_NO_KERNEL, NULL, 0, "Omit frames of the kernel", 2},
	{"no-user", OPTION_NO_USER, NULL, 0, "Omit frames of programs", 2},
	{0},
};

static void add_root(struct argp_state *state, struct fold_shape *shape, const char *name)
{
	if (!fold_root_exists(name))
		argp_error(state, "--roots %s: not one of none, %s", name, fold_root_list());
	else if (shape->root_count == FOLD_ROOTS_MAX)
		argp_error(state, "--roots: at most %u", FOLD_ROOTS_MAX);
	else
		shape->roots[shape->root_count++] = name;
}

/* Splits argv at the commas and borrows the parts. */
static void parse_roots(struct argp_state *state, struct fold_shape *shape, char *list)
{
	shape->root_count = 0;
	shape->no_roots = strcmp(list, "none") == 0;
	if (shape->no_roots)
		return;
	for (char *rest = list; rest;)
		add_root(state, shape, strsep(&rest, ","));
}

static void parse_weight(struct argp_state *state, struct fold_shape *shape, const char *what)
{
	static const struct {
		const char *word;
		enum fold_unit unit;
		enum fold_time time;
	} weights[] = {
		{"count", FOLD_EVENTS, FOLD_TIME_ALL},
		{"time", FOLD_NANOSECONDS, FOLD_TIME_ALL},
		{"on-cpu", FOLD_NANOSECONDS, FOLD_TIME_ON_CPU},
		{"off-cpu", FOLD_NANOSECONDS, FOLD_TIME_OFF_CPU},
	};

	for (size_t i = 0; i < sizeof(weights) / sizeof(weights[0]); i++) {
		if (strcmp(what, weights[i].word) != 0)
			continue;
		shape->unit = weights[i].unit;
		shape->time = weights[i].time;
		return;
	}
	argp_error(state, "--weight %s: not one of count, time, on-cpu and off-cpu", what);
}

static void parse_section(struct argp_state *state, struct fold_shape *shape, const char *id)
{
	if (!quantity_parse_count(id, UINT64_MAX, &shape->section) || shape->section == 0)
		argp_error(state, "--section %s: not the id of a section", id);
	shape->unit = FOLD_NANOSECONDS;
}

/* A part of the time of events that have no such time is always empty. */
static void check_weight(struct argp_state *state, const struct fold_request *request)
{
	uint64_t selected = request->selection.kinds;

	if (request->shape.time == FOLD_TIME_ALL || request->shape.section || selected == 0 ||
	    selected & fold_kinds_with(request->shape.time))
		return;
	if (request->shape.time == FOLD_TIME_ON_CPU)
		argp_error(state, "--weight on-cpu: only sections and samples of CPUs have such "
				  "time: add -e section or -e cpu");
	else
		argp_error(state, "--weight off-cpu: only sections, blocked times and waits have "
				  "such time: add -e section, -e offcpu or -e runq");
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct fold_request *request = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->selection;
		return 0;
	case OPTION_ROOTS:
		parse_roots(state, &request->shape, text);
		return 0;
	case OPTION_WEIGHT:
		parse_weight(state, &request->shape, text);
		return 0;
	case OPTION_SECTION:
		parse_section(state, &request->shape, text);
		return 0;
	case OPTION_NO_KERNEL:
		request->shape.no_kernel = true;
		return 0;
	case OPTION_NO_USER:
		request->shape.no_user = true;
		return 0;
	case ARGP_KEY_END:
		check_weight(state, request);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&selection_argp, 0, NULL, 0}, {0}};

const struct argp fold_argp = {
	.options = options,
	.parser = parse_option,
	.children = children,
};

void fold_request_release(struct fold_request *request)
{
	selection_release(&request->selection);
}
